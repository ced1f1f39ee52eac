"""Partners, read by id. A partner reads itself and its resellers; staff read all."""

from collections.abc import Mapping, Sequence

from sqlalchemy import and_, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import UUID

from commerce.access import Scope
from commerce.ids import Prefix
from commerce.partners import Partner, PartnerKind, PartnerState, Relationship
from datasources.postgres.database import Database
from datasources.postgres.records import Part, Records, identifier, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import partners

PARTNERS = Records(
    Partner,
    partners,
    id=identifier(Prefix.PARTNER, partners.c.id),
    kind=member(PartnerKind, partners.c.kind),
    state=member(PartnerState, partners.c.state),
    parent_id=identifier(Prefix.PARTNER, partners.c.parent_id),
    relationship=member(Relationship, partners.c.relationship),
    territories=Part(partners.c.territories, "None if {0} is None else tuple({0})"),
    sku_codes=Part(partners.c.sku_codes, "None if {0} is None else tuple({0})"),
)

_VIEWER = bindparam("partner_id", type_=UUID())
_PARENT = select(partners.c.parent_id).where(partners.c.id == _VIEWER).scalar_subquery()
OF_ORDER = Statement(
    select(*PARTNERS.columns).where(
        or_(
            partners.c.id == _PARENT,
            and_(
                partners.c.id == any_(ids()), or_(partners.c.id == _VIEWER, partners.c.parent_id == _VIEWER)
            ),
        )
    )
)
BY_ID = ScopedStatement(
    lambda tenant: select(*PARTNERS.columns).where(tenant(partners), partners.c.id == any_(ids()))
)
RESELLERS = ScopedStatement(
    lambda tenant: (
        select(*PARTNERS.columns)
        .where(tenant(partners), partners.c.parent_id == any_(ids()))
        .order_by(partners.c.name, partners.c.id)
    )
)


class Partners:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, partner_ids: Sequence[str]) -> Mapping[str, Partner]:
        """The partners of these ids that the scope may see."""
        rows = await self._database.fetch(BY_ID, scope, ids=partner_ids)
        return {partner.id: partner for partner in PARTNERS.many(rows)}

    async def of_order(
        self, scope: Scope, partner_ids: Sequence[str]
    ) -> tuple[Mapping[str, Partner], Partner | None]:
        """The partners of these ids that the scope may see, and the distributor above its own partner.

        The distributor is for screening alone: a reseller does not see it by its id.
        """
        rows = await self._database.fetch_everywhere(OF_ORDER, ids=partner_ids, partner_id=scope.partner_id)
        found = {partner.id: partner for partner in PARTNERS.many(rows)}
        own = found.get(scope.partner_id or "")
        distributor = found.get(own.parent_id or "") if own else None
        return {key: one for key, one in found.items() if key in partner_ids}, distributor

    async def resellers_of(self, scope: Scope, partner_ids: Sequence[str]) -> Mapping[str, list[Partner]]:
        """The resellers under each distributor. A partner may ask about itself only."""
        allowed = [one for one in partner_ids if scope.partner_id in (None, one)]
        rows = await self._database.fetch(RESELLERS, scope, ids=allowed)
        found: dict[str, list[Partner]] = {one: [] for one in allowed}
        for partner in PARTNERS.many(rows):
            found[partner.parent_id or ""].append(partner)
        return found
