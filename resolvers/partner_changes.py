"""What the mutations of partner operations have in common: finding a partner, holding it, answering."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from commerce.ids import Prefix, names
from commerce.partners import Partner
from commerce.problems import Problem, ProblemCode
from datasources.postgres import audit, partner_changes
from datasources.postgres.database import Transaction
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class PartnerChange:
    """The partner as it now stands, or what kept it from changing."""

    partner: Partner | None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


NO_PARTNER = Problem(ProblemCode.PARTNER_NOT_FOUND, "There is no such partner.", ("input", "partnerId"))


@asynccontextmanager
async def held(context: Context, partner_id: str) -> AsyncIterator[tuple[Transaction, Partner] | None]:
    """A partner, held until the block ends; None where there is none."""
    if not names(Prefix.PARTNER, partner_id):
        yield None
        return
    async with context.sources.database.tenant(context.scope) as transaction:
        found = await partner_changes.locked(transaction, partner_id)
        yield (transaction, found) if found else None


async def audited(
    context: Context, transaction: Transaction, partner: Partner, action: str, **details: object
) -> None:
    """Write in the audit log what is being done to the partner."""
    await audit.record(
        transaction, context.acting, action, subject_id=partner.id, partner_id=partner.id, details=details
    )
