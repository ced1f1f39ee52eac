"""A new partner, which begins in ONBOARDING."""

import hashlib
from dataclasses import dataclass, replace

from commerce.access import Scope
from commerce.ids import Prefix
from commerce.partners import Partner, PartnerKind, PartnerState
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import LONGEST_NAME, country_problems, key_problems, text_problems
from datasources.errors import Conflict
from datasources.postgres import partner_changes
from resolvers.context import Context
from resolvers.partner_changes import PartnerChange, audited


@dataclass(frozen=True, slots=True)
class NewPartner:
    """What is asked for."""

    idempotency_key: str
    kind: PartnerKind
    name: str
    country: str

    @property
    def partner_id(self) -> str:
        """The id that the key gives: no partner stands above partners, in whose name a key could be kept."""
        digest = hashlib.sha256(f"createPartner {self.idempotency_key}".encode()).hexdigest()
        return f"{Prefix.PARTNER}_{digest[:12]}8{digest[13:16]}8{digest[17:32]}"  # UUIDv8, RFC 9562


async def create_partner(context: Context, wanted: NewPartner) -> PartnerChange:
    """Make a partner, or find the one that this key made."""
    problems = [
        *key_problems(wanted.idempotency_key),
        *text_problems(wanted.name, ("input", "name"), LONGEST_NAME),
        *country_problems(wanted.country, ("input", "country")),
    ]
    if problems:
        return PartnerChange(None, tuple(problems))
    partner = Partner(
        id=wanted.partner_id,
        kind=wanted.kind,
        name=wanted.name.strip(),
        country=wanted.country,
        state=PartnerState.ONBOARDING,
        screening_policy="PARTNER_SELF_SERVICE",
        parent_id=None,
        created_at=context.now,
    )
    try:
        async with context.sources.database.tenant(context.scope) as transaction:
            await partner_changes.add(transaction, partner)
            await audited(context, transaction, partner, "partner.created", kind=partner.kind)
    except Conflict:
        return await _earlier(context, partner)
    return PartnerChange(partner)


async def _earlier(context: Context, wanted: Partner) -> PartnerChange:
    """The partner that the key made, or the problem with using it again."""
    everybody = Scope(None, context.scope.environment)
    made = (await context.sources.partners.by_id(everybody, [wanted.id]))[wanted.id]
    if replace(made, kind=wanted.kind, name=wanted.name, country=wanted.country) == made:
        return PartnerChange(made, replayed=True)
    message, path = "This key made a partner from another input.", ("input", "idempotencyKey")
    reused = Problem(ProblemCode.IDEMPOTENCY_KEY_REUSED, message, path, resource_id=made.id)
    return PartnerChange(None, (reused,))
