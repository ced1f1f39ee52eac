"""Placing an order: authorise, look for problems, screen, write everything in one transaction, answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

from commerce.access import Environment, Scope
from commerce.events import EventType, order_event, order_snapshot, screening_event, screening_snapshot
from commerce.ids import Prefix
from commerce.order_requests import OrderRequest
from commerce.ordering import Acceptance, accepted, declared_owners
from commerce.orders import Actor, Order, OrderStatus
from commerce.problems import RACED, Problem, ProblemCode
from commerce.request_problems import problems_of
from commerce.screening import Outcome
from commerce.screening_questions import Answer, PartyFact, QuestionField
from datasources.errors import Conflict
from datasources.identifiers import new_id
from datasources.postgres import audit, events, outbox
from datasources.postgres.certifications import REPLAYED
from datasources.postgres.database import Transaction
from datasources.postgres.outbox import Destination
from resolvers.context import Context
from resolvers.deciding import Decided, Rejected, decide
from resolvers.opening_cases import open_cases

MUTATION = "placeOrder"
ATTEMPTS = 4
"""A rival may take a customer, a reference, a subscription or the key between reading and writing."""

MOST_ORDERS = 100
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Placement:
    """The answer: the order, or what is wrong. `replayed` where an earlier call placed it."""

    order: Order | None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class OrderError:
    """What kept one order of several from being placed; `index` is its place among the inputs, from 0."""

    index: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Placements:
    """Several placements, each for itself: `orders` are in the order of the inputs, None where refused."""

    orders: tuple[Order | None, ...]
    order_errors: tuple[OrderError, ...]
    replayed: tuple[bool, ...] = ()


async def place_orders(context: Context, requests: Sequence[OrderRequest]) -> Placements:
    """Place up to 100 orders; each is accepted or refused on its own. Raises Refused."""
    if len(requests) > MOST_ORDERS:
        problem = Problem(ProblemCode.TOO_MANY_ORDERS, f"At most {MOST_ORDERS} orders fit.", ("inputs",))
        return Placements((), (OrderError(MOST_ORDERS, (problem,)),))
    gate = asyncio.Semaphore(AT_ONCE)

    async def place(request: OrderRequest) -> Placement:
        async with gate:
            return await place_order(context, request)

    placed = await asyncio.gather(*map(place, requests))
    return Placements(
        tuple(one.order for one in placed),
        tuple(
            OrderError(index, tuple(_among_inputs(problem, index) for problem in one.problems))
            for index, one in enumerate(placed)
            if one.problems
        ),
        tuple(one.replayed for one in placed),
    )


def _among_inputs(problem: Problem, index: int) -> Problem:
    """A problem with one of several inputs: its path leads from `inputs`, as the caller gave them."""
    return replace(problem, path=("inputs", index, *problem.path[1:])) if problem.path else problem


async def place_order(context: Context, request: OrderRequest, *, actor: Actor = Actor.PARTNER) -> Placement:
    """Place an order, or find the one that this key placed. Raises Refused."""
    scope = context.scope
    if problems := problems_of(request):
        return Placement(None, tuple(problems))
    for _attempt in range(ATTEMPTS):
        if earlier := await _earlier(context, scope, request):
            if earlier.replayed and scope.environment is Environment.SANDBOX:
                await _remember_replay(context, earlier)
            return earlier
        decided = await decide(context, scope, request)
        if isinstance(decided, Rejected):
            # What stands in the way may be what a rival with this very key has written since.
            return await _earlier(context, scope, request) or Placement(None, decided.problems)
        acceptance = accepted(
            request,
            decided.facts,
            decided.quote,
            decided.status,
            customer=decided.customer,
            contacts=decided.contacts,
            new_id=new_id,
            effective_on=decided.effective_on,
            actor=actor,
        )
        try:
            await _write(context, request, decided, acceptance, actor)
        except Conflict:
            continue
        return Placement(acceptance.order)
    return Placement(None, (RACED,))


async def _earlier(context: Context, scope: Scope, request: OrderRequest) -> Placement | None:
    """What this key has made already, or the problem with using it again."""
    used = await context.sources.idempotency.use_of(scope, MUTATION, request.idempotency_key)
    if used is None:
        return None
    order_id = f"{Prefix.ORDER}_{used.resource_id}"
    if used.fingerprint != request.fingerprint():
        return Placement(None, (_key_reused(order_id),))
    found = await context.sources.orders.by_id(scope, [order_id])
    return Placement(found[order_id], replayed=True)


async def _remember_replay(context: Context, placement: Placement) -> None:
    """Leave a trace of a repeated call in the sandbox, where a certification looks for one."""
    assert placement.order is not None  # noqa: S101  a replay has one
    async with context.sources.database.tenant(context.scope) as transaction:
        await audit.record(transaction, context.acting, REPLAYED, subject_id=placement.order.id)


async def _write(
    context: Context, request: OrderRequest, decided: Decided, acceptance: Acceptance, actor: Actor
) -> None:
    """Everything or nothing. Raises Conflict where a rival was first."""
    sources, order = context.sources, acceptance.order
    async with sources.database.tenant(context.scope) as transaction:
        await sources.idempotency.claim(
            transaction,
            MUTATION,
            request.idempotency_key,
            fingerprint=request.fingerprint(),
            resource_id=order.id,
        )
        if acceptance.claims:
            await sources.subscriptions.claim(transaction, acceptance.claims, order.id)
        for line in acceptance.returns:
            await sources.sold_lines.take_back(transaction, line)
        if acceptance.customer:
            await sources.customers.add(transaction, acceptance.customer, acceptance.contacts)
        await sources.orders.add(transaction, order, acceptance.lines, acceptance.history)
        if order.purchase_order_number:
            again = request.allow_duplicate_purchase_order
            await sources.orders.use_number(transaction, order, again=again)
        screening_id = await _keep_screening(context, transaction, request, decided, order)
        if order.status is OrderStatus.DENIED:
            await release_holdings(context, transaction, order, acceptance)
        await _tell(transaction, order, screening_id, decided.outcome)
        acting = replace(context.acting, actor=actor)
        details = {"kind": order.kind, "status": order.status}
        await audit.record(transaction, acting, "order.placed", subject_id=order.id, details=details)


async def _keep_screening(
    context: Context, transaction: Transaction, request: OrderRequest, decided: Decided, order: Order
) -> str:
    """The decision with its trail, a case for each party that it holds, and the owners that were declared."""
    sources, at = context.sources, order.placed_at
    screening_id = await sources.screenings.add(
        transaction, order, decided.subjects, decided.outcome, at, cleared=decided.screened.cleared
    )
    if owners := declared_owners(request):
        fact = PartyFact(
            id=new_id(Prefix.PARTY_FACT),
            partner_id=order.partner_id,
            environment=order.environment,
            party_reference=order.customer_id,
            field=QuestionField.OWNERS,
            answer=Answer(owners=owners),
            given_by=context.signed_in().subject,
            given_at=at,
        )
        await sources.party_facts.add(transaction, [fact])
    await open_cases(sources, transaction, order, screening_id=screening_id, drafts=decided.cases, at=at)
    return screening_id


async def release_holdings(
    context: Context, transaction: Transaction, order: Order, acceptance: Acceptance
) -> None:
    """A denied order changes nothing: let go of what it had claimed."""
    await context.sources.subscriptions.release(transaction, order.id)
    for line in acceptance.returns:
        await context.sources.sold_lines.give_back(transaction, line)


def _stands(order: Order) -> list[OrderStatus]:
    """Where acceptance took the order last; to the partner with a question it goes by way of a hold."""
    held = [OrderStatus.ON_HOLD] if order.status is OrderStatus.AWAITING_PARTNER else []
    return [*held, order.status]


async def _tell(transaction: Transaction, order: Order, screening_id: str, outcome: Outcome) -> None:
    """The events of the partner's feed, and the messages to Salesforce and to provisioning."""
    await events.record(
        transaction,
        partner_id=order.partner_id,
        environment=order.environment,
        at=order.placed_at,
        happened={
            EventType.ORDER_RECEIVED: order_snapshot(order, OrderStatus.RECEIVED),
            screening_event(outcome.decision): screening_snapshot(
                screening_id, order.id, outcome, order.placed_at
            ),
            **{order_event(status): order_snapshot(order, status) for status in _stands(order)},
        },
    )
    if order.status is not OrderStatus.DENIED:
        await outbox.tell_of(transaction, [Destination.SALESFORCE], order)
    if order.status is OrderStatus.PROVISIONING:
        await outbox.tell_of(transaction, [Destination.PROVISIONING], order)
    if order.status is OrderStatus.SCHEDULED and order.starts_on:
        day = datetime.combine(order.starts_on, time(), UTC)
        await outbox.tell_of(transaction, [Destination.PROVISIONING], order, due_at=day)


def _key_reused(order_id: str) -> Problem:
    return Problem(
        ProblemCode.IDEMPOTENCY_KEY_REUSED,
        "This key placed an order from another input.",
        ("input", "idempotencyKey"),
        resource_id=order_id,
    )
