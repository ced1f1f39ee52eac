"""The root of every write: each field names its use case."""

from typing import Any

import strawberry

from commerce.access import Permission, writes
from commerce.order_requests import trimmed
from execution.batches import Scope
from execution.fields import root
from resolvers.cancel_order import cancel_order
from resolvers.context import Context
from resolvers.place_order import place_order, place_orders
from resolvers.retry_order import retry_order
from resolvers.set_auto_renew import set_auto_renew
from resolvers.update_order_references import References, update_order_references
from schema.license_mutations import LicenseMutations
from schema.order_inputs import (
    CancelOrderInput,
    PlaceOrderInput,
    RetryOrderInput,
    SetAutoRenewInput,
    UpdateOrderReferencesInput,
)
from schema.order_payloads import OrderPayload, PlaceOrderPayload, PlaceOrdersPayload, SubscriptionPayload


async def _place_order(context: Context, *, input: PlaceOrderInput) -> Any:
    return await place_order(context, input.to_request())


async def _place_orders(context: Context, *, inputs: list[PlaceOrderInput]) -> Any:
    return await place_orders(context, [one.to_request() for one in inputs])


async def _cancel_order(context: Context, *, input: CancelOrderInput) -> Any:
    return await cancel_order(context, order_id=input.order_id, reason=input.reason)


async def _retry_order(context: Context, *, input: RetryOrderInput) -> Any:
    return await retry_order(context, order_id=input.order_id)


async def _update_order_references(context: Context, *, input: UpdateOrderReferencesInput) -> Any:
    given = References(
        trimmed(input.purchase_order_number),
        trimmed(input.end_customer_purchase_order_number),
        input.allow_duplicate_purchase_order,
    )
    return await update_order_references(context, order_id=input.order_id, given=given)


async def _set_auto_renew(context: Context, *, input: SetAutoRenewInput) -> Any:
    return await set_auto_renew(context, subscription_id=input.subscription_id, auto_renew=input.auto_renew)


@strawberry.type(description="Every write.")
class Mutation(LicenseMutations):
    place_order: PlaceOrderPayload | None = root(
        _place_order,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Place an order. It is screened and answered at once, whatever is down behind us; "
        "licences follow within seconds.",
        arguments={"input": "The order."},
    )
    place_orders: PlaceOrdersPayload | None = root(
        _place_orders,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Place up to 100 orders, each with its own key; each is accepted or refused for itself.",
        arguments={"inputs": "The orders."},
    )
    cancel_order: OrderPayload | None = root(
        _cancel_order,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Cancel an order that is not fulfilled yet. It is immediate, and safe to repeat.",
        arguments={"input": "Which order."},
    )
    retry_order: OrderPayload | None = root(
        _retry_order,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Try a failed order again, once what it failed for is put right.",
        arguments={"input": "Which order."},
    )
    update_order_references: OrderPayload | None = root(
        _update_order_references,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Give or correct the purchase order numbers of an order, at any time.",
        arguments={"input": "Which order, and its numbers."},
    )
    set_auto_renew: SubscriptionPayload | None = root(
        _set_auto_renew,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Switch the automatic renewal of a subscription on or off.",
        arguments={"input": "Which subscription."},
    )
