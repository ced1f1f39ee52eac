"""What the mutations over orders answer."""

import strawberry

from commerce import problems
from commerce.orders import OrderKind, OrderStatus
from commerce.problems import ProblemCode
from commerce.screening import Decision
from execution.views import view
from resolvers import order_changes, place_order, preview_order, set_auto_renew
from schema.licenses import Subscription
from schema.orders import Order, OrderLine
from schema.scalars import Money


@view(of=problems.Problem, description="One thing wrong with a request, said to who can put it right.")
class Problem:
    code: ProblemCode = strawberry.field(description="For programs; docs/problems.md lists them.")
    message: str = strawberry.field(description="For people; may be reworded.")
    path: list[str] = strawberry.field(
        description="Where in the arguments: field names and list positions, from 0."
    )
    retryable: bool = strawberry.field(description="Whether the same request may succeed when sent again.")
    resource_id: strawberry.ID | None = strawberry.field(
        description="The record of yours that the request collided with, where there is one."
    )


@view(of=place_order.Placement, description="The order that was placed, or what stands against it.")
class PlaceOrderPayload:
    order: Order | None = strawberry.field(description="The order in its present state; null when refused.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request, all at once.")
    replayed: bool = strawberry.field(
        description="True where an earlier call with this key placed the order."
    )


@view(of=place_order.OrderError, description="What kept one of several orders from being placed.")
class OrderError:
    index: int = strawberry.field(description="Its place among the inputs, from 0.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with it.")


@view(of=place_order.Placements, description="Several orders, each accepted or refused for itself.")
class PlaceOrdersPayload:
    orders: list[Order | None] = strawberry.field(
        description="In the order of the inputs; null where refused."
    )
    order_errors: list[OrderError] = strawberry.field(description="Those that were refused.")
    replayed: list[bool] = strawberry.field(
        description="In the order of the inputs: true where an earlier call with that key placed the order."
    )


@view(of=order_changes.OrderChange, description="The order as it now stands, and what kept it from changing.")
class OrderPayload:
    order: Order | None = strawberry.field(description="The order; null where there is none in scope.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")


@view(of=set_auto_renew.SubscriptionChange, description="The subscription as it now stands.")
class SubscriptionPayload:
    subscription: Subscription | None = strawberry.field(
        description="The subscription; null where there is none in scope."
    )
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")


@view(of=preview_order.PricedOrder, description="What an order would cost, and where it would go.")
class OrderQuote:
    kind: OrderKind = strawberry.field(description="What it asks for.")
    status: OrderStatus = strawberry.field(description="Where it would go at once.")
    currency: str = strawberry.field(description="ISO 4217 code of every amount.")
    list_total: Money = strawberry.field(description="Sum of the lines' list prices.")
    discount_total: Money = strawberry.field(description="Sum of the lines' discounts.")
    credit_total: Money = strawberry.field(description="Sum of the lines' credits.")
    total: Money = strawberry.field(description="listTotal - discountTotal - creditTotal.")
    lines: list[OrderLine] = strawberry.field(description="Its lines, priced. Their ids mean nothing.")


@view(of=preview_order.ScreeningPreview, description="What screening would decide.")
class ScreeningPreview:
    decision: Decision = strawberry.field(description="CLEAR, HOLD or DENY.")
    partner_words: list[str] = strawberry.field(
        name="messages", description="What can be said of the reasons, gravest first; empty when clear."
    )


@view(of=preview_order.Preview, description="What placing the same input now would answer.")
class PreviewOrderPayload:
    quote: OrderQuote | None = strawberry.field(description="The price; null where there are problems.")
    screening: ScreeningPreview | None = strawberry.field(
        description="The compliance outcome; null where there are problems."
    )
    problems: list[Problem] = strawberry.field(description="Everything that placing would refuse it for.")
    missing_fields: list[str] = strawberry.field(description="Paths of what is still to be given.")
