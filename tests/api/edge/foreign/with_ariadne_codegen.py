"""A client that ariadne-codegen generated, in an environment of its own: order, and look the order up."""

import asyncio
import json
import sys
import uuid

from portal_client import (
    Client,
    ContactInput,
    CustomerChoiceInput,
    NewCustomerInput,
    NewLineInput,
    NewOrderInput,
    OrderDetailsInput,
    PlaceOrderInput,
)


async def main(url: str, token: str) -> None:
    reference = f"ariadne-{uuid.uuid4().hex}"
    contact = ContactInput(name="Maud Sterk", email="maud@sterk.example", receivesLicenses=True)
    customer = NewCustomerInput(
        externalReference=f"customer-{reference}",
        legalName="Sterk Glasblazerij",
        country="NL",
        contacts=[contact],
    )
    async with Client(url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        sku = (await client.catalog()).catalog[0].sku.code
        new = NewOrderInput(
            customer=CustomerChoiceInput(new=customer),
            currency="EUR",
            lines=[NewLineInput(sku=sku, quantity=3)],
        )
        wanted = PlaceOrderInput(
            idempotencyKey=f"key-{reference}",
            externalOrderReference=reference,
            details=OrderDetailsInput(new=new),
        )
        placed = (await client.place(wanted)).place_order
        order = (await client.follow(reference)).order
    lines = [{"quantity": line.quantity} for line in order.lines]
    problems = [problem.code for problem in placed.problems]
    sys.stdout.write(
        json.dumps(
            {"placed": placed.order.id, "problems": problems, "order": {"id": order.id, "lines": lines}}
        )
    )


asyncio.run(main(*sys.argv[1:]))
