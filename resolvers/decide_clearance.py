"""The cleared list takes two: confirming what another officer has proposed, and taking it back."""

from dataclasses import dataclass

from commerce.access import Scope
from commerce.cleared_hits import ClearedHit
from commerce.ids import Prefix, names
from commerce.problems import Problem, ProblemCode
from datasources.postgres import audit, screening_audit
from datasources.postgres.screening_audit import Record, canonical
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class ClearanceChange:
    """The entry as it now stands, or what kept it from changing."""

    clearance: ClearedHit | None
    problems: tuple[Problem, ...] = ()


NOT_FOUND = Problem(
    ProblemCode.CLEARANCE_NOT_FOUND, "There is no such entry to decide on.", ("input", "clearanceId")
)
SAME_OFFICER = Problem(
    ProblemCode.SECOND_OFFICER_NEEDED,
    "You have proposed it; it takes another officer.",
    ("input", "clearanceId"),
)


async def confirm_clearance(context: Context, *, clearance_id: str) -> ClearanceChange:
    """Be the second officer by whose word a hit is kept out from now on."""
    return await _decide(context, clearance_id, "clearance.confirmed")


async def revoke_clearance(context: Context, *, clearance_id: str) -> ClearanceChange:
    """Let a hit count again from now on."""
    return await _decide(context, clearance_id, "clearance.revoked")


async def _decide(context: Context, clearance_id: str, kind: str) -> ClearanceChange:
    sources, officer = context.sources, context.signed_in().subject
    known = (
        await sources.clearances.by_id(context.scope, [clearance_id])
        if names(Prefix.CLEARANCE, clearance_id)
        else {}
    )
    if clearance_id not in known:
        return ClearanceChange(None, (NOT_FOUND,))
    before = known[clearance_id]
    if kind == "clearance.confirmed" and before.proposed_by == officer:
        return ClearanceChange(before, (SAME_OFFICER,))
    scope = Scope(before.partner_id, before.environment)
    decide = sources.clearances.confirm if kind == "clearance.confirmed" else sources.clearances.revoke
    async with sources.database.tenant(scope) as transaction:
        changed = await decide(transaction, scope, clearance_id, officer=officer, at=context.now)
        if changed is None:
            return ClearanceChange(before, (NOT_FOUND,))
        record = Record(kind, changed.id, officer, context.now, canonical({"clearance": changed}))
        await screening_audit.record(
            transaction, partner_id=changed.partner_id, environment=changed.environment, records=[record]
        )
        await audit.record(transaction, context.acting, kind, subject_id=changed.id)
    return ClearanceChange(changed)
