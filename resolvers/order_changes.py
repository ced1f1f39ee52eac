"""What the mutations over one existing order have in common: finding it, holding it, answering."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from commerce.access import Scope, Viewer
from commerce.ids import Prefix, names
from commerce.orders import Actor, Order, OrderLine
from commerce.problems import RACED, Problem, ProblemCode
from datasources.errors import Conflict
from datasources.postgres import audit
from datasources.postgres.database import Transaction
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class OrderChange:
    """The order as it now stands, or what kept it from changing."""

    order: Order | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """An order held against every other writer, with its lines, in an open transaction."""

    order: Order
    lines: list[OrderLine]
    transaction: Transaction
    actor: Actor


async def audited(context: Context, found: Held, action: str, **details: object) -> None:
    """Write in the audit log what is being done to the order."""
    order = found.order
    await audit.record(
        found.transaction,
        context.acting,
        action,
        subject_id=order.id,
        partner_id=order.partner_id,
        details=details,
    )


NO_ORDER = Problem(ProblemCode.ORDER_NOT_FOUND, "There is no such order.", ("input", "orderId"))


P = ParamSpec("P")


def answering_races(
    mutation: Callable[P, Awaitable[OrderChange]],
) -> Callable[P, Coroutine[Any, Any, OrderChange]]:
    """A mutation that answers with the problem CONFLICT where a rival's write met its own."""

    @wraps(mutation)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> OrderChange:
        try:
            return await mutation(*args, **kwargs)
        except Conflict:
            return OrderChange(None, (RACED,))

    return answer


@asynccontextmanager
async def held(context: Context, order_id: str) -> AsyncIterator[Held | None]:
    """An order of the viewer's, held until the block ends; None where there is none. Raises Refused."""
    viewer = context.signed_in()
    if not names(Prefix.ORDER, order_id):
        yield None
        return
    async with context.sources.database.tenant(viewer.scope) as transaction:
        found = await context.sources.orders.locked(transaction, order_id)
        if found is None or not _reaches(viewer.scope, found[0]):
            yield None
        else:
            yield Held(*found, transaction, _actor(viewer))


def _reaches(scope: Scope, order: Order) -> bool:
    return (scope.partner_id, scope.environment) == (order.partner_id, order.environment)


def _actor(viewer: Viewer) -> Actor:
    return Actor.STAFF if viewer.is_staff else Actor.PARTNER
