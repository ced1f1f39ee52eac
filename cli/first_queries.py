"""The queries that `serve` prints. A test holds them to the schema."""

from typing import Any

PLACE_ORDER = """
mutation PlaceOrder($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    order { id status screening { decision messages } }
    problems { code message path }
    replayed
  }
}
"""

FOLLOW_ORDER = """
query FollowOrder($reference: String!) {
  order(by: { externalOrderReference: $reference }) {
    status
    timeline { toStatus at actor reason }
    licenses { id seats expiresOn }
  }
}
"""

FETCH_LICENSE = """
query FetchLicense($reference: String!) {
  order(by: { externalOrderReference: $reference }) { licenses { file } }
}
"""

ACCOUNT_VIEW = """
query AccountView {
  customers(search: "Halbmond", first: 1) {
    nodes {
      legalName country
      orders(first: 5) { nodes { id kind status total { amount currency } } }
      licenses(first: 5) { nodes { id seats expiresOn } }
      crm {
        account { name owner { name email } opportunities { name stage } }
        source { system fetchedAt stale }
      }
    }
  }
}
"""

ORDINARY = {
    "legalName": "Halbmond Werkzeugbau GmbH",
    "country": "DE",
    "street": "Lange Gasse 4",
    "city": "Regensburg",
    "postalCode": "93047",
    "contacts": [{"name": "Katrin Halbmond", "email": "katrin@halbmond.example", "receivesLicenses": True}],
}


def listed(*, officially: bool) -> dict[str, Any]:
    """A customer by the name of a denied party: one of OFAC's list, or of the synthetic samples."""
    name, country = ("AEROCARIBBEAN AIRLINES", "PA") if officially else ("Zarkova Trading House LLC", "RS")
    contact = {"name": "Ana Prueba", "email": "ana@listed.example", "receivesLicenses": True}
    return {"legalName": name, "country": country, "contacts": [contact]}


def first_order(key: str, customer: dict[str, Any], sku: str, currency: str) -> dict[str, Any]:
    """The input of an order for a new customer; the key names the order and the customer as well."""
    new = {
        "customer": {"new": {"externalReference": f"customer-{key}"} | customer},
        "currency": currency,
        "lines": [{"sku": sku, "quantity": 25}],
    }
    return {"idempotencyKey": f"first-order-{key}", "externalOrderReference": key, "details": {"new": new}}
