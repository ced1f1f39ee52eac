"""A customer who holds something already, for tests of the orders that change it."""

from typing import Any

from tests.api.world import PLACE, Portal, World, order_input

HELD = """
query Held($id: ID!) {
  customer(by: {id: $id}) {
    subscriptions(first: 10) {
      nodes {
        id seats state startsOn endsOn termStartsOn autoRenew pendingOrderId sku { code }
        licenses { seats state expiresOn }
      }
    }
  }
}
"""

FOLLOW = """
query Follow($id: ID!) {
  order(by: {id: $id}) {
    status statusReason total { amount }
    customer { id }
    lines {
      id quantity remainingQuantity status subscriptionId coveredDays termDays
      credit { amount } net { amount }
    }
    blockers { reason waitingOn expectedBy nextStep }
    allowedActions { action until limit }
    timeline { toStatus actor reason }
  }
}
"""

CHANGE = """
mutation Change($input: %sInput!) {
  %s(input: $input) { order { id status statusReason purchaseOrderNumber } problems { code path resourceId } }
}
"""


def amendment(kind: str, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The input of an order of another kind than NEW."""
    return order_input() | {"details": {kind: {"lines": list(lines)}}} | changes


class Customer:
    """A customer who holds ten seats of the standard SKU, bought for 900.00 EUR net."""

    def __init__(self, seller: Portal, world: World, customer_id: str) -> None:
        self.seller, self.world, self.id = seller, world, customer_id

    async def held(self) -> list[dict[str, Any]]:
        return (await self.seller.ask(HELD, id=self.id))["customer"]["subscriptions"]["nodes"]

    async def place(self, asked: dict[str, Any]) -> dict[str, Any]:
        placed = (await self.seller.ask(PLACE, input=asked))["placeOrder"]
        assert placed["problems"] == [], placed["problems"]
        return placed["order"]

    async def fulfil(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Place an order and let it be provisioned; the order as it then stands."""
        order = await self.place(asked)
        await self.world.provision()
        return await self.follow(order["id"])

    async def follow(self, order_id: str) -> dict[str, Any]:
        return (await self.seller.ask(FOLLOW, id=order_id))["order"] | {"id": order_id}

    async def refused(self, asked: dict[str, Any]) -> list[tuple[str, str]]:
        placed = (await self.seller.ask(PLACE, input=asked))["placeOrder"]
        assert placed["order"] is None
        return [(problem["code"], ".".join(problem["path"])) for problem in placed["problems"]]


async def change(portal: Portal, mutation: str, **given: Any) -> dict[str, Any]:
    document = CHANGE % (mutation[0].upper() + mutation[1:], mutation)
    return (await portal.ask(document, input=given))[mutation]
