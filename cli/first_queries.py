"""The queries that `serve` prints. A test holds them to the schema."""

from typing import Any

PLACE_ORDER = """
mutation PlaceOrder($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    order { id status screening { decision } }
    problems { code message path }
    replayed
  }
}
"""

FOLLOW_ORDERS = """
query FollowOrders {
  orders(first: 1) {
    nodes {
      id status
      timeline { to at actor }
      licenses { id file }
    }
  }
}
"""

ACCOUNT_VIEW = """
query AccountView {
  customers(search: "Halbmond", first: 1) {
    nodes {
      legalName country
      orders(first: 5) { nodes { id status kind } }
      licenses { id seats expiresOn }
      crm {
        account { name owner { name email } opportunities { name stageName } }
        source { fetchedAt stale }
      }
    }
  }
}
"""


def first_order(key: str, sku: str, currency: str) -> dict[str, Any]:
    """The input of an order for a new customer, under an idempotency key."""
    customer = {
        "externalReference": f"customer-{key[:8]}",
        "legalName": "Halbmond Werkzeugbau GmbH",
        "country": "DE",
        "street": "Lange Gasse 4",
        "city": "Regensburg",
        "postalCode": "93047",
        "contacts": [
            {"name": "Katrin Halbmond", "email": "katrin@halbmond.example", "receivesLicenses": True}
        ],
    }
    new = {
        "customer": {"new": customer},
        "currency": currency,
        "lines": [{"sku": sku, "quantity": 25}],
    }
    return {"idempotencyKey": key, "externalOrderReference": f"first-{key[:8]}", "details": {"new": new}}
