"""The root of every write: each field names its use case."""

from typing import Any

import strawberry

from execution.batches import Scope
from execution.fields import root
from resolvers.context import Context
from resolvers.place_order import place_order
from schema.place_order import PlaceOrderInput, PlaceOrderPayload


async def _place_order(context: Context, *, input: PlaceOrderInput) -> Any:
    return await place_order(context, input.to_request())


@strawberry.type(description="Every write.")
class Mutation:
    place_order: PlaceOrderPayload | None = root(
        _place_order,
        scope=Scope.VIEWER,
        description="Place an order. It is screened and answered at once, whatever is down behind us; "
        "licences follow within seconds.",
        arguments={"input": "The order."},
    )
