"""The root of every read: each field names its resolver."""

from datetime import datetime
from typing import Any

import strawberry

from commerce import audit as audit_rules
from commerce import orders as order_rules
from commerce.access import EVERYBODY, SIGNED_IN, Permission, Role, reads, staff, writes
from commerce.moments import in_utc
from commerce.order_requests import trimmed
from commerce.orders import OrderKind, OrderSort, OrderStatus
from commerce.paging import PageArguments
from commerce.screening_cases import CaseFilter
from execution.batches import Scope
from execution.fields import root
from resolvers import audit, customers, licenses, nodes, orders, partners, rate_limits, screening_batches
from resolvers import events as feeds
from resolvers import screening_cases as cases
from resolvers.context import Context
from resolvers.preview_order import preview_order
from resolvers.reconcile import reconcile
from resolvers.simulate_thresholds import Thresholds, simulate_thresholds
from schema.audit import AuditEntry, AuditFilter
from schema.catalog import CatalogItem
from schema.connections import PAGE_ARGUMENTS, Connection
from schema.customers import Customer
from schema.dead_letters import OutboxQueries
from schema.events import EventFeed, EventType
from schema.license_inputs import LicenseFilter
from schema.licenses import License
from schema.nodes import Node
from schema.order_inputs import PlaceOrderInput
from schema.order_payloads import PreviewOrderPayload
from schema.orders import Order
from schema.partners import Partner, Viewer
from schema.rate_limits import RateLimit
from schema.reconciliation import ReconcileEntry, Reconciliation
from schema.scalars import Sequence
from schema.screening_cases import ScreeningCase
from schema.screening_payloads import ScreeningCaseFilter
from schema.screening_tools import ScreeningBatch, Simulation
from schema.webhook_roots import WebhookQueries


@strawberry.input(description="Which orders to list: every part that is given must hold.")
class OrderFilter:
    statuses: list[OrderStatus] | None = strawberry.field(
        default=None, description="In one of these statuses."
    )
    kinds: list[OrderKind] | None = strawberry.field(default=None, description="Of one of these kinds.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="For this customer.")
    reference: str | None = strawberry.field(
        default=None, description="With this external reference, or with it as either purchase order number."
    )
    placed_from: datetime | None = strawberry.field(default=None, description="Placed at or after this time.")
    placed_before: datetime | None = strawberry.field(default=None, description="Placed before this time.")

    def to_filter(self) -> order_rules.OrderFilter:
        return order_rules.OrderFilter(
            statuses=tuple(self.statuses) if self.statuses is not None else None,
            kinds=tuple(self.kinds) if self.kinds is not None else None,
            customer_id=self.customer_id,
            reference=self.reference,
            placed_from=self.placed_from and in_utc(self.placed_from),
            placed_before=self.placed_before and in_utc(self.placed_before),
        )


@strawberry.input(one_of=True, description="One order: exactly one of these.")
class OrderBy:
    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="Our id.")
    external_order_reference: strawberry.Maybe[str] = strawberry.field(description="The partner's reference.")


@strawberry.input(one_of=True, description="One customer: exactly one of these.")
class CustomerBy:
    id: strawberry.Maybe[strawberry.ID] = strawberry.field(description="Our id.")
    external_reference: strawberry.Maybe[str] = strawberry.field(description="The partner's own key.")


async def _orders(
    context: Context,
    *,
    filter: OrderFilter | None = None,
    sort: OrderSort = OrderSort.PLACED_AT_DESC,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    selection: frozenset[str],
) -> Any:
    wanted = filter.to_filter() if filter else order_rules.OrderFilter()
    arguments = PageArguments(first, after, last, before)
    return await orders.orders(context, wanted, sort, arguments, selection)


async def _order(context: Context, *, by: OrderBy) -> Any:
    reference = by.external_order_reference
    return await orders.order(
        context,
        id=by.id.value if by.id else None,
        external_order_reference=trimmed(reference.value) if reference else None,
    )


async def _preview_order(context: Context, *, input: PlaceOrderInput) -> Any:
    return await preview_order(context, input.to_request())


async def _customers(
    context: Context,
    *,
    search: str | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    return await customers.customers(context, search, PageArguments(first, after, last, before))


async def _customer(context: Context, *, by: CustomerBy) -> Any:
    reference = by.external_reference
    return await customers.customer(
        context,
        id=by.id.value if by.id else None,
        external_reference=reference.value if reference else None,
    )


async def _events(
    context: Context,
    *,
    after: Sequence | None = None,
    types: list[str] | None = None,
    first: int | None = None,
    partner_id: str | None = None,
) -> Any:
    return await feeds.events(context, after=after, types=types, first=first, partner_id=partner_id)


async def _reconcile(
    context: Context, *, entries: list[ReconcileEntry], since: datetime | None = None
) -> Any:
    return await reconcile(context, [one.to_entry() for one in entries], since=since and in_utc(since))


async def _licenses(
    context: Context,
    *,
    filter: LicenseFilter | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    search = filter.to_search() if filter else licenses.LicenseSearch()
    return await licenses.licenses(context, search, PageArguments(first, after, last, before))


async def _audit_log(
    context: Context,
    *,
    filter: AuditFilter | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    wanted = filter.to_filter() if filter else audit_rules.AuditFilter()
    return await audit.audit_log(context, wanted, PageArguments(first, after, last, before))


async def _screening_cases(
    context: Context,
    *,
    filter: ScreeningCaseFilter | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    wanted = filter.to_filter() if filter else CaseFilter()
    return await cases.screening_cases(context, wanted, PageArguments(first, after, last, before))


async def _simulate_thresholds(
    context: Context,
    *,
    review_person_at: float | None = None,
    review_organisation_at: float | None = None,
    deny_at: float | None = None,
    days: int = 30,
) -> Any:
    thresholds = Thresholds(review_person_at, review_organisation_at, deny_at)
    return await simulate_thresholds(context, thresholds, days=days)


_ID = strawberry.argument(description="An id of this API.", graphql_type=strawberry.ID)


@strawberry.type(description="Every read.")
class Query(WebhookQueries, OutboxQueries):
    viewer: Viewer | None = root(
        partners.viewer,
        scope=Scope.VIEWER,
        access=EVERYBODY,
        description="Who is asking; null for the anonymous.",
    )
    rate_limit: RateLimit | None = root(
        rate_limits.rate_limit,
        scope=Scope.PUBLIC,
        access=EVERYBODY,
        description="What the caller may still spend, and what this operation costs.",
        arguments={"dry_run": "Price the operation without executing or charging anything but this field."},
        cost=0,
    )
    node: Node | None = root(
        nodes.node,
        scope=Scope.VIEWER,
        access=SIGNED_IN,
        description="Any record by its id; null where there is none in scope.",
        arguments={"id": _ID},
    )
    nodes: list[Node | None] = root(
        nodes.nodes,
        scope=Scope.VIEWER,
        access=SIGNED_IN,
        description="Records by their ids, in order; null for each that is not in scope.",
        arguments={
            "ids": strawberry.argument(description="At most 100 ids.", graphql_type=list[strawberry.ID])
        },
    )
    catalog: list[CatalogItem] | None = root(
        partners.catalog,
        scope=Scope.VIEWER,
        access=SIGNED_IN,
        description="What a partner can buy, by currency and SKU code.",
        arguments={
            "currency": "Only in this currency (ISO 4217).",
            "partner_id": strawberry.argument(
                description="Whose catalogue; partners see their own without it, staff must say.",
                graphql_type=strawberry.ID | None,
            ),
        },
    )
    partner: Partner | None = root(
        partners.partner,
        scope=Scope.VIEWER,
        access=SIGNED_IN,
        description="A partner in scope; the viewer's own without an id.",
        arguments={
            "id": strawberry.argument(description="The partner's id.", graphql_type=strawberry.ID | None)
        },
    )
    orders: Connection[Order] | None = root(
        _orders,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="Orders in scope.",
        arguments={"filter": "Which orders.", "sort": "In which order.", **PAGE_ARGUMENTS},
    )
    order: Order | None = root(
        _order,
        scope=Scope.VIEWER,
        access=reads(Permission.ORDERS_READ),
        description="One order; null where there is none in scope.",
        arguments={"by": "How the order is named."},
    )
    preview_order: PreviewOrderPayload | None = root(
        _preview_order,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Everything that placing the same input now would answer, without placing it.",
        arguments={"input": "The order. Its idempotency key is not used up."},
    )
    customers: Connection[Customer] | None = root(
        _customers,
        scope=Scope.VIEWER,
        access=reads(Permission.CUSTOMERS_READ),
        description="Customers in scope, newest first; with a search, the nearest first.",
        arguments={
            "search": "Words near a name, domain or reference, 2 to 100 characters.",
            **PAGE_ARGUMENTS,
        },
    )
    customer: Customer | None = root(
        _customer,
        scope=Scope.VIEWER,
        access=reads(Permission.CUSTOMERS_READ),
        description="One customer; null where there is none in scope.",
        arguments={"by": "How the customer is named."},
    )
    events: EventFeed | None = root(
        _events,
        scope=Scope.VIEWER,
        access=reads(Permission.EVENTS_READ),
        description="What happened, oldest first: the feed is the truth, webhooks and subscriptions tell it "
        "sooner. Keep `nextAfter`, and give it as `after` the next time.",
        arguments={
            "after": "Continue behind this sequence; without it, from the oldest event kept.",
            "types": 'Only these types, such as "order.fulfilled", or "order.*" for all of a family.',
            "first": "How many, 1 to 100; 20 without it.",
            "partner_id": strawberry.argument(
                description="Whose feed; partners read their own without it, staff must say.",
                graphql_type=strawberry.ID | None,
            ),
        },
    )
    reconcile: Reconciliation | None = root(
        _reconcile,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_READ),
        description="Compare what you believe with what is so. Its body may have 2 MB, which 10,000 entries "
        "given as a variable do not fill.",
        arguments={
            "entries": "What you have, at most 10,000. Where none is a subscription, none is compared.",
            "since": "Of what you do not list, look only at what was placed since this time.",
        },
        cost=100,
    )
    event_types: list[EventType] = root(
        feeds.event_types,
        scope=Scope.PUBLIC,
        access=EVERYBODY,
        description="Every type of event there is. May grow.",
        cost=0,
    )
    licenses: Connection[License] | None = root(
        _licenses,
        scope=Scope.VIEWER,
        access=reads(Permission.LICENSES_READ),
        description="Licences in scope, current, past and future, newest first.",
        arguments={"filter": "Which licences.", **PAGE_ARGUMENTS},
    )
    audit_log: Connection[AuditEntry] | None = root(
        _audit_log,
        scope=Scope.VIEWER,
        access=reads(Permission.REPORTS_READ, Role.OPERATOR),
        description="Who did what, from where, newest first: all of it for operators, its own part for a "
        "partner. Needs the scope reports:read.",
        arguments={"filter": "Which entries.", **PAGE_ARGUMENTS},
    )
    screening_cases: Connection[ScreeningCase] | None = root(
        _screening_cases,
        scope=Scope.VIEWER,
        description="The review queue of compliance: what is due first comes first.",
        arguments={"filter": "Which cases; all of them without it.", **PAGE_ARGUMENTS},
        access=staff(Role.COMPLIANCE),
    )
    screening_case: ScreeningCase | None = root(
        cases.screening_case,
        scope=Scope.VIEWER,
        description="One case of the review queue; null where there is none.",
        arguments={"id": _ID},
        access=staff(Role.COMPLIANCE),
    )
    screening_batch: ScreeningBatch | None = root(
        screening_batches.screening_batch,
        scope=Scope.VIEWER,
        description="A batch of parties that are screened outside any order; null where there is none.",
        arguments={"id": _ID},
        access=staff(Role.COMPLIANCE),
    )
    simulate_thresholds: Simulation | None = root(
        _simulate_thresholds,
        scope=Scope.VIEWER,
        description="What other thresholds would have decided on what was screened lately.",
        arguments={
            "review_person_at": "The score from which people are reviewed.",
            "review_organisation_at": "The score from which companies are reviewed.",
            "deny_at": "The score from which a party is denied.",
            "days": "How many days back, 1 to 3,660.",
        },
        access=staff(Role.COMPLIANCE),
    )
