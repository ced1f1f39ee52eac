"""What a partner may sell, and in which countries."""

from collections.abc import Sequence

from commerce.problems import Problem, ProblemCode
from commerce.request_problems import country_problems
from datasources.postgres import partner_changes
from resolvers.context import Context
from resolvers.partner_changes import NO_PARTNER, PartnerChange, audited, held


async def limit_partner_sales(
    context: Context, *, partner_id: str, territories: Sequence[str] | None, sku_codes: Sequence[str] | None
) -> PartnerChange:
    """Set both limits; None lifts one."""
    problems = [
        problem
        for position, country in enumerate(territories or ())
        for problem in country_problems(country, ("input", "territories", position))
    ]
    async with held(context, partner_id) as found:
        if found is None:
            return PartnerChange(None, (NO_PARTNER, *problems))
        transaction, partner = found
        unknown = await partner_changes.unknown_skus(transaction, list(sku_codes or ()))
        problems += [
            Problem(ProblemCode.SKU_NOT_FOUND, "There is no such SKU.", ("input", "skus", position))
            for position, code in enumerate(sku_codes or ())
            if code in unknown
        ]
        if problems:
            return PartnerChange(partner, tuple(problems))
        changed = await partner_changes.set_limits(transaction, partner.id, territories, sku_codes)
        details = {"territories": _said(territories), "skus": _said(sku_codes)}
        await audited(context, transaction, changed, "partner.limits_set", **details)
    return PartnerChange(changed)


def _said(limits: Sequence[str] | None) -> str:
    return "all" if limits is None else " ".join(limits)
