"""What the mutations over one case have in common: who may, finding it, holding it, writing it, answering."""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from commerce.access import Scope
from commerce.ids import Prefix, names
from commerce.problems import RACED, Problem, ProblemCode
from commerce.screening_cases import ScreeningCase
from datasources.errors import Conflict
from datasources.postgres import audit, screening_audit
from datasources.postgres.database import Transaction
from resolvers.context import Context
from resolvers.opening_cases import case_record, tell_account_owners

LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class CaseChange:
    """The case as it now stands, or what kept it from changing."""

    case: ScreeningCase | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldCase:
    """A case held against every other writer, in an open transaction for its partner."""

    case: ScreeningCase
    transaction: Transaction
    officer: str

    @property
    def scope(self) -> Scope:
        """That of the case's partner."""
        return Scope(self.case.partner_id, self.case.environment)


NO_CASE = Problem(ProblemCode.CASE_NOT_FOUND, "There is no such case.", ("input", "caseId"))
CLAIMED = Problem(
    ProblemCode.CASE_CLAIMED, "Another officer works on this case.", ("input", "caseId"), retryable=True
)
CLOSED = Problem(
    ProblemCode.CASE_CLOSED, "The case does not stand where this could be done.", ("input", "caseId")
)

P = ParamSpec("P")


def answering_races(
    mutation: Callable[P, Awaitable[CaseChange]],
) -> Callable[P, Coroutine[Any, Any, CaseChange]]:
    """A mutation that answers with the problem CONFLICT where a rival's write met its own."""

    @wraps(mutation)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> CaseChange:
        try:
            return await mutation(*args, **kwargs)
        except Conflict:
            return CaseChange(None, (RACED,))

    return answer


@asynccontextmanager
async def held_case(context: Context, case_id: str) -> AsyncIterator[HeldCase | None]:
    """A case, held until the block ends; None where there is none."""
    viewer, cases = context.signed_in(), context.sources.screening_cases
    known = await cases.by_id(viewer.scope, [case_id]) if names(Prefix.CASE, case_id) else {}
    if case_id not in known:
        yield None
        return
    partner = Scope(known[case_id].partner_id, known[case_id].environment)
    async with context.sources.database.tenant(partner) as transaction:
        yield HeldCase((await cases.locked(transaction, [case_id]))[0], transaction, viewer.subject)


async def change_case(
    context: Context, held: HeldCase, changed: ScreeningCase, kind: str, **facts: object
) -> ScreeningCase:
    """Write a held case as it now stands, with a record of who did what and a word to the account's owner."""
    await context.sources.screening_cases.change(held.transaction, changed)
    record = case_record(kind, changed, held.officer, context.now, **facts)
    await screening_audit.record(
        held.transaction, partner_id=changed.partner_id, environment=changed.environment, records=[record]
    )
    # no partner is named: partners read the audit log of what is theirs, and this is not
    await audit.record(held.transaction, context.acting, kind, subject_id=changed.id)
    await tell_account_owners(held.transaction, [changed])
    return changed
