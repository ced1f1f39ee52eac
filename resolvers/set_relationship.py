"""How a reseller stands to a distributor: bound, suspended, ended."""

from commerce.ids import Prefix, names
from commerce.partners import Partner, PartnerKind, Relationship
from commerce.problems import Problem, ProblemCode
from datasources.postgres import partner_changes
from resolvers.context import Context
from resolvers.partner_changes import NO_PARTNER, PartnerChange, audited, held


async def set_relationship(
    context: Context, *, reseller_id: str, distributor_id: str, relationship: Relationship
) -> PartnerChange:
    """Bind a reseller to a distributor, or change how it is bound. It has one distributor at a time."""
    async with held(context, reseller_id) as found:
        if found is None:
            return PartnerChange(None, (_without_path(NO_PARTNER, "resellerId"),))
        transaction, reseller = found
        is_id = names(Prefix.PARTNER, distributor_id)
        distributor = await partner_changes.locked(transaction, distributor_id) if is_id else None
        if problem := _problem(reseller, distributor):
            return PartnerChange(reseller, (problem,))
        changed = await partner_changes.set_relationship(
            transaction, reseller.id, distributor_id, relationship
        )
        details = {"distributor": distributor_id, "relationship": relationship}
        await audited(context, transaction, changed, "partner.relationship_set", **details)
    return PartnerChange(changed)


def _problem(reseller: Partner, distributor: Partner | None) -> Problem | None:
    if distributor is None:
        return _without_path(NO_PARTNER, "distributorId")
    if reseller.kind is not PartnerKind.RESELLER or distributor.kind is not PartnerKind.DISTRIBUTOR:
        message = "A distributor stands above resellers, and nothing else does."
        return Problem(ProblemCode.NOT_A_DISTRIBUTOR, message, ("input", "distributorId"))
    return None


def _without_path(problem: Problem, name: str) -> Problem:
    return Problem(problem.code, problem.message, ("input", name))
