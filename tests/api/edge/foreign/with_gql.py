"""gql, in an environment of its own: see what can be sold, order it, look the order up."""

import asyncio
import json
import sys
import uuid

from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport

CATALOG = 'query { catalog(currency: "EUR") { sku { code } } }'
PLACE = """
mutation Place($input: PlaceOrderInput!) {
  placeOrder(input: $input) { order { id } problems { code } }
}
"""
FOLLOW = """
query Follow($reference: String!) {
  order(by: { externalOrderReference: $reference }) { id lines { quantity } }
}
"""


def order_of(sku: str, reference: str) -> dict:
    customer = {
        "externalReference": f"customer-{reference}",
        "legalName": "Tamarisk Oceanografie VOF",
        "country": "NL",
        "contacts": [{"name": "Joost Tamarisk", "email": "joost@tamarisk.example", "receivesLicenses": True}],
    }
    new = {"customer": {"new": customer}, "currency": "EUR", "lines": [{"sku": sku, "quantity": 3}]}
    return {
        "idempotencyKey": f"key-{reference}",
        "externalOrderReference": reference,
        "details": {"new": new},
    }


async def main(url: str, token: str) -> None:
    transport = HTTPXAsyncTransport(url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)
    reference = f"gql-{uuid.uuid4().hex}"
    # with the schema fetched by introspection, gql validates every document before it sends it
    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        catalog = await session.execute(gql(CATALOG))
        asked = gql(PLACE)
        asked.variable_values = {"input": order_of(catalog["catalog"][0]["sku"]["code"], reference)}
        placed = (await session.execute(asked))["placeOrder"]
        follow = gql(FOLLOW)
        follow.variable_values = {"reference": reference}
        order = (await session.execute(follow))["order"]
        try:
            await session.execute(gql("{ orders(first: 0) { nodes { id } } }"))
            error = None
        except TransportQueryError as refused:
            error = refused.errors[0]["extensions"]["code"]
    told = {"placed": placed["order"]["id"], "problems": placed["problems"], "order": order, "error": error}
    sys.stdout.write(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
