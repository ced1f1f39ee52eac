"""Where a partner stands: opened to the sandbox, live, suspended, ended."""

from datetime import datetime

from commerce.partners import TRANSITIONS, Partner, PartnerState
from commerce.problems import Problem, ProblemCode
from datasources.postgres import partner_changes
from resolvers.context import Context
from resolvers.partner_changes import NO_PARTNER, PartnerChange, audited, held


async def move_partner(
    context: Context, *, partner_id: str, state: PartnerState, reason: str | None
) -> PartnerChange:
    """Move a partner by the table of states; one that is there already is answered as it is."""
    async with held(context, partner_id) as found:
        if found is None:
            return PartnerChange(None, (NO_PARTNER,))
        transaction, partner = found
        if partner.state is state:
            return PartnerChange(partner, replayed=True)
        if problem := await _problem(context, partner, state):
            return PartnerChange(partner, (problem,))
        since = _sandbox_since(partner, state, context.now)
        moved = await partner_changes.set_state(transaction, partner.id, state, since)
        details = {"wasIn": partner.state, "reason": reason or ""}
        await audited(context, transaction, moved, f"partner.{state.lower()}", **details)
    return PartnerChange(moved)


def _sandbox_since(partner: Partner, state: PartnerState, now: datetime) -> datetime | None:
    return now if state is PartnerState.SANDBOX else partner.sandbox_since


async def _problem(context: Context, partner: Partner, state: PartnerState) -> Problem | None:
    path = ("input", "state")
    if state not in TRANSITIONS[partner.state]:
        message = f"A partner in {partner.state} cannot go to {state}."
        return Problem(ProblemCode.PARTNER_STATE_NOT_REACHABLE, message, path)
    if state is not PartnerState.ACTIVE or partner.state is not PartnerState.SANDBOX:
        return None
    certification = await context.sources.certifications.of(
        partner.id, partner.sandbox_since or partner.created_at
    )
    missing = [result.scenario for result in certification.results if not result.passed]
    if not missing:
        return None
    message = f"Its certification lacks {', '.join(missing)}."
    return Problem(ProblemCode.CERTIFICATION_INCOMPLETE, message, path)
