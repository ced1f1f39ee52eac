"""Customers called much like parties on the shipped sample lists, so that holds and denials can be seen.

Who they resemble is in `datasources/watchlists/samples`; what becomes of their orders, the engine decides.
"""

LISTED_CUSTOMERS = {
    11: "Zarkova Trading House LLC",
    403: "Kestrel Bay Shipping Co. Ltd",
    812: "Northern Lattice Institute",
    1204: "Banco Ultramar de San Telmo, S.A.",
    1603: "Kestrel Bay Maritime Insurance Ltd",
    1806: "Zarkova Fashion House",
}
"""By the customer's number."""
