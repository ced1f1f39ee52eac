"""Placing an order: authorise, look for problems, screen, write everything in one transaction, answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from commerce.access import Permission, Scope
from commerce.customers import Contact, Customer
from commerce.events import order_event, order_snapshot
from commerce.ids import Prefix, names
from commerce.order_requests import OrderRequest, problems_of
from commerce.ordering import Acceptance, Facts, accepted, customer_of, problems_against, status_after
from commerce.orders import Order, OrderKind, OrderStatus
from commerce.parties import Subject
from commerce.problems import Problem, ProblemCode
from commerce.screening import Outcome
from commerce.subjects import POLICIES, subjects_of
from datasources.errors import Conflict
from datasources.identifiers import new_id
from datasources.postgres import events, outbox
from datasources.postgres.outbox import Destination
from resolvers.context import Context

MUTATION = "placeOrder"
ATTEMPTS = 3
"""A rival may take a customer reference, an order reference or the key between reading and writing."""


@dataclass(frozen=True, slots=True)
class Placement:
    """The answer: the order, or what is wrong. `replayed` where an earlier call placed it."""

    order: Order | None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


async def place_order(context: Context, request: OrderRequest) -> Placement:
    """Place an order, or find the one that this key placed. Raises Refused."""
    viewer = context.allowed(Permission.ORDERS_WRITE)
    if problems := problems_of(request):
        return Placement(None, tuple(problems))
    for _attempt in range(ATTEMPTS):
        if earlier := await _earlier(context, viewer.scope, request):
            return earlier
        facts = await _facts(context, viewer.scope, request)
        if problems := problems_against(request, facts):
            return Placement(None, tuple(problems))
        try:
            return Placement(await _accept(context, viewer.scope, request, facts))
        except Conflict:
            continue
    return Placement(None, (_RACED,))


async def _earlier(context: Context, scope: Scope, request: OrderRequest) -> Placement | None:
    """What stands in the way of a new order: the key's own order, or another with the reference."""
    used = await context.sources.idempotency.use_of(scope, MUTATION, request.idempotency_key)
    if used is not None:
        order_id = f"{Prefix.ORDER}_{used.resource_id}"
        if used.fingerprint != request.fingerprint():
            return Placement(None, (_key_reused(order_id),))
        found = await context.sources.orders.by_id(scope, [order_id])
        return Placement(found[order_id], replayed=True)
    if request.external_order_reference:
        order = await context.sources.orders.by_reference(scope, request.external_order_reference)
        if order is not None:
            return Placement(None, (_reference_used(order.id),))
    return None


async def _facts(context: Context, scope: Scope, request: OrderRequest) -> Facts:
    """Everything that deciding takes, read at once."""
    sources, partner_id = context.sources, scope.partner_id or ""
    trading = request.trading_partner_id
    partner_ids = [one for one in (partner_id, trading) if one and names(Prefix.PARTNER, one)]
    partners, skus, books, (customer, contacts), same_number = await asyncio.gather(
        sources.partners.by_id(scope, partner_ids),
        sources.catalog.skus_by_code([line.sku for line in request.lines]),
        sources.catalog.price_books(partner_id),
        _customer(context, scope, request),
        _same_purchase_order(context, scope, request),
    )
    return Facts(
        partner=partners[partner_id],
        environment=scope.environment,
        skus=skus,
        price_books=books,
        customer=customer,
        contacts=contacts,
        trading_partner=partners.get(trading or ""),
        same_purchase_order=same_number,
    )


async def _customer(
    context: Context, scope: Scope, request: OrderRequest
) -> tuple[Customer | None, tuple[Contact, ...]]:
    source, choice = context.sources.customers, request.customer
    if choice.id is not None:
        known = await source.by_id(scope, [choice.id]) if names(Prefix.CUSTOMER, choice.id) else {}
        customer = known.get(choice.id)
    else:
        reference = choice.new.external_reference if choice.new else choice.external_reference
        customer = await source.by_reference(scope, reference or "")
    if customer is None:
        return None, ()
    contacts = await source.contacts_of(scope, [customer.id])
    return customer, tuple(contacts.get(customer.id, ()))


async def _same_purchase_order(context: Context, scope: Scope, request: OrderRequest) -> str | None:
    if request.purchase_order_number is None:
        return None
    return await context.sources.orders.with_purchase_order(scope, request.purchase_order_number)


async def _accept(context: Context, scope: Scope, request: OrderRequest, facts: Facts) -> Order:
    """Screen, and write the order with all that it brings. Raises Conflict where a rival was first."""
    customer, contacts = customer_of(request, facts, new_id, context.now)
    policy = POLICIES[facts.partner.screening_policy]
    subjects = subjects_of(customer, contacts, facts.partner, facts.trading_partner)
    outcome = context.sources.watchlists.screen(subjects, policy, now=context.now)
    status = status_after(outcome, policy, OrderKind.NEW)
    acceptance = accepted(request, facts, customer, contacts, status, new_id=new_id, now=context.now)
    await _write(context, scope, request, acceptance, subjects=subjects, outcome=outcome)
    context.sources.work.set()
    return acceptance.order


async def _write(
    context: Context,
    scope: Scope,
    request: OrderRequest,
    acceptance: Acceptance,
    *,
    subjects: Sequence[Subject],
    outcome: Outcome,
) -> None:
    sources, order = context.sources, acceptance.order
    async with sources.database.tenant(scope) as transaction:
        await sources.idempotency.claim(
            transaction,
            MUTATION,
            request.idempotency_key,
            fingerprint=request.fingerprint(),
            resource_id=order.id,
        )
        if acceptance.customer:
            await sources.customers.add(transaction, acceptance.customer, acceptance.contacts)
        await sources.orders.add(transaction, order, acceptance.lines, acceptance.history)
        await sources.screenings.add(transaction, order, subjects, outcome, context.now)
        await events.record(
            transaction,
            partner_id=order.partner_id,
            environment=order.environment,
            subject_id=order.id,
            at=context.now,
            happened={
                order_event(status): order_snapshot(order, status)
                for status in (OrderStatus.RECEIVED, order.status)
            },
        )
        await outbox.tell(
            transaction,
            _told(order),
            partner_id=order.partner_id,
            environment=order.environment,
            key=order.id,
            payload={"order": order.id},
        )


def _told(order: Order) -> list[Destination]:
    """Who must hear of the order: Salesforce of every accepted one, provisioning of those that may go on."""
    told = [Destination.SALESFORCE]
    return [*told, Destination.PROVISIONING] if order.status is OrderStatus.PROVISIONING else told


_RACED = Problem(
    ProblemCode.CONFLICT, "Another request changed the same records. Send this one again.", retryable=True
)


def _key_reused(order_id: str) -> Problem:
    return Problem(
        ProblemCode.IDEMPOTENCY_KEY_REUSED,
        "This key placed an order from another input.",
        ("input", "idempotencyKey"),
        resource_id=order_id,
    )


def _reference_used(order_id: str) -> Problem:
    return Problem(
        ProblemCode.DUPLICATE_ORDER_REFERENCE,
        "An order of yours has this reference.",
        ("input", "externalOrderReference"),
        resource_id=order_id,
    )
