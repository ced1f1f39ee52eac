"""Orders, their lines and their history."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from commerce import order_progress, orders, screening_questions
from commerce.access import Environment, Permission, reads
from commerce.order_progress import OrderAction, WaitingOn
from commerce.orders import Actor, OrderKind, OrderStatus
from commerce.screening_questions import QuestionField
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import orders as resolvers
from resolvers import screening_cases as case_resolvers
from schema.catalog import Sku
from schema.customers import Customer
from schema.licenses import License, Subscription
from schema.nodes import Node
from schema.partners import Partner
from schema.scalars import Money
from schema.screening import Screening


@view(of=orders.OrderLine, description="One SKU of an order.")
class OrderLine:
    id: strawberry.ID = strawberry.field(description="Opaque, prefixed and stable for ever.")
    line_number: int = strawberry.field(description="Position in the order, from 1.")
    quantity: int = strawberry.field(description="How many units were ordered.")
    remaining_quantity: int = strawberry.field(description="How many of them have not been returned.")
    status: OrderStatus = strawberry.field(description="Where the line stands.")
    reason: str | None = strawberry.field(
        description="Why it stands there, as a code, where there is more to say."
    )
    unit_price: Money = strawberry.field(description="List price of one unit for the whole term.")
    list_price: Money = strawberry.field(description="List price of the line.")
    discount: Money = strawberry.field(description="The partner's discount on it.")
    credit: Money = strawberry.field(description="What is given back, for unused days or returned units.")
    net: Money = strawberry.field(
        description="What the line costs: listPrice - discount - credit; negative where more is given back."
    )
    starts_on: date | None = strawberry.field(description="First UTC day the price pays for, where it does.")
    ends_on: date | None = strawberry.field(description="First UTC day it no longer pays for.")
    covered_days: int | None = strawberry.field(description="The days it pays for.")
    term_days: int | None = strawberry.field(description="The days of the SKU's whole term.")
    auto_renew: bool = strawberry.field(description="Whether the subscription renews by itself.")
    subscription_id: strawberry.ID | None = strawberry.field(
        description="The subscription it made or changes; null until a new one is provisioned."
    )
    returns_line_id: strawberry.ID | None = strawberry.field(
        description="The earlier line whose units are given back."
    )
    external_line_reference: str | None = strawberry.field(description="The partner's own name for the line.")
    sku: Sku | None = batched(resolvers.skus_of, scope=Scope.PUBLIC, description="What is ordered.")


@view(of=orders.OrderTransition, description="One move of an order.")
class OrderTransition:
    from_status: OrderStatus | None = strawberry.field(description="Where it stood; null for the first move.")
    to_status: OrderStatus = strawberry.field(description="Where it went.")
    actor: Actor = strawberry.field(description="Who moved it.")
    reason: str | None = strawberry.field(description="Why, as a code, where there is more to say.")
    at: datetime = strawberry.field(description="When, UTC.")


@view(of=screening_questions.OpenQuestion, description="A fact that an order waits for.")
class OpenQuestion:
    field: QuestionField = strawberry.field(description="Which fact is wanted.")
    about: str = strawberry.field(description="The party that it concerns, by its name in the order.")
    message: str = strawberry.field(description="The question, for people; may be reworded.")
    asked_at: datetime = strawberry.field(description="Since when it is open, UTC.")


@view(of=order_progress.Blocker, description="One thing an order waits for.")
class Blocker:
    reason: str = strawberry.field(description="Why it waits, as a code.")
    waiting_on: WaitingOn = strawberry.field(description="Who must act.")
    since: datetime = strawberry.field(description="Since when, UTC.")
    usually_takes: str | None = strawberry.field(
        description="How long half of such waits took, as an ISO 8601 duration such as PT2H5M; null while "
        "too few are known."
    )
    expected_by: datetime | None = strawberry.field(
        description="When nine of ten such waits were over, or the day it waits for, UTC."
    )
    next_step: str = strawberry.field(description="What happens, or has to be done, next.")


@view(of=order_progress.AllowedAction, description="Something that may be done with an order.")
class AllowedAction:
    action: OrderAction = strawberry.field(description="What.")
    until: datetime | None = strawberry.field(description="Until when, UTC; null without an end.")
    limit: int | None = strawberry.field(description="Up to how many units; null without a limit.")
    message: str = strawberry.field(description="For people; may be reworded.")


@view(of=orders.Order, description="What a partner asked for on behalf of a customer.")
class Order(Node):
    environment: Environment = strawberry.field(description="Production or sandbox.")
    kind: OrderKind = strawberry.field(description="What it asks for.")
    status: OrderStatus = strawberry.field(description="Where it stands.")
    status_since: datetime = strawberry.field(description="Since when, UTC.")
    status_reason: str | None = strawberry.field(description="Why, as a code, where there is more to say.")
    external_order_reference: str | None = strawberry.field(description="The partner's own reference.")
    purchase_order_number: str | None = strawberry.field(description="The partner's purchase order number.")
    end_customer_purchase_order_number: str | None = strawberry.field(
        description="The customer's purchase order number."
    )
    currency: str = strawberry.field(description="ISO 4217 code of every amount of the order.")
    list_total: Money = strawberry.field(description="Sum of the lines' list prices.")
    discount_total: Money = strawberry.field(description="Sum of the lines' discounts.")
    credit_total: Money = strawberry.field(description="Sum of the lines' credits.")
    total: Money = strawberry.field(description="What it costs: listTotal - discountTotal - creditTotal.")
    starts_on: date | None = strawberry.field(
        description="First UTC day of the term, where it was asked for."
    )
    placed_at: datetime = strawberry.field(description="When it was placed, UTC.")
    updated_at: datetime = strawberry.field(description="When it last changed, UTC.")
    fulfilled_at: datetime | None = strawberry.field(
        description="When it was fulfilled, UTC; null until then."
    )
    lines: list[OrderLine] = batched(
        resolvers.lines_of, scope=Scope.VIEWER, description="Its lines, in the order they were given."
    )
    customer: Annotated["Customer", strawberry.lazy("schema.customers")] | None = batched(
        resolvers.customers_of,
        scope=Scope.VIEWER,
        access=reads(Permission.CUSTOMERS_READ),
        description="Who it is for.",
    )
    partner: Partner | None = batched(resolvers.partners_of, scope=Scope.VIEWER, description="Who placed it.")
    trading_partner: Partner | None = batched(
        resolvers.trading_partners_of,
        scope=Scope.VIEWER,
        description="The reseller a distributor placed it for; null where it ordered for itself.",
    )
    subscriptions: list[Subscription] = batched(
        resolvers.subscriptions_of,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="What it gave the customer.",
    )
    licenses: list[License] = batched(
        resolvers.licenses_of,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="The licences issued for it, the newest first.",
    )
    screening: Screening | None = batched(
        resolvers.screenings_of, scope=Scope.VIEWER, description="The newest compliance decision on it."
    )
    questions: list[OpenQuestion] = batched(
        case_resolvers.questions_of,
        scope=Scope.VIEWER,
        description="What it waits to hear from the partner: each is answered by `answerQuestion`.",
    )
    blockers: list[Blocker] = batched(
        resolvers.blockers_of,
        scope=Scope.VIEWER,
        description="Why it is not done: what it waits for, on whom, how long. Empty when it is done.",
    )
    allowed_actions: list[AllowedAction] = batched(
        resolvers.allowed_actions_of,
        scope=Scope.VIEWER,
        description="What may be done with it now, until when and up to how much.",
    )
    timeline: list[OrderTransition] = batched(
        resolvers.timeline_of, scope=Scope.VIEWER, description="Every move it made, the first first."
    )
