"""Licences: read by order, customer or subscription, in pages; written when a subscription is provisioned."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import Date, Text

from commerce.access import Environment, Scope
from commerce.ids import Prefix
from commerce.license_revocations import LONGEST_GRACE, Revocation
from commerce.licenses import CURRENT, License, LicenseFilter, LicenseKind, LicenseState, Withdrawal
from commerce.paging import PageRequest
from datasources.postgres.database import Database, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.license_search import found_count, found_page
from datasources.postgres.newest import Newest
from datasources.postgres.records import MOST_NARROWED, Records, identifier, listed, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import licenses

_PARTS: dict[str, Any] = {
    "id": identifier(Prefix.LICENSE, licenses.c.id),
    "partner_id": identifier(Prefix.PARTNER, licenses.c.partner_id),
    "environment": member(Environment, licenses.c.environment),
    "customer_id": identifier(Prefix.CUSTOMER, licenses.c.customer_id),
    "order_id": identifier(Prefix.ORDER, licenses.c.order_id),
    "subscription_id": identifier(Prefix.SUBSCRIPTION, licenses.c.subscription_id),
    "superseded_by": identifier(Prefix.LICENSE, licenses.c.superseded_by),
    "state": member(LicenseState, licenses.c.state),
    "features": listed(licenses.c.features),
    "kind": member(LicenseKind, licenses.c.kind),
    "withdrawal": member(Withdrawal, licenses.c.withdrawal),
}
LICENSES = Records(
    License,
    licenses,
    omit={"file"},
    always={"id", "subscription_id"},
    needs={
        "licensee": {"licensee_name", "licensee_company", "licensee_email"},
        "activation_code": {"state"},
        "activations": {"state"},
        "seat_counts": {"state", "seats"},
        "state": {"state", "starts_on", "expires_on", "grace_days"},
        "file": {"first_retrieved_at"},
        "customer": {"customer_id"},
        "order": {"order_id"},
        **dict.fromkeys(("subscription", "deliveries"), ()),
    },
    **_PARTS,
)
"""Licences without their files: a file is larger than all the rest, and is asked for by itself."""

WHOLE_LICENSES = Records(License, licenses, **_PARTS)

Owner = Literal["customer_id", "order_id", "subscription_id"]
"""What licences are listed below."""

BY_ID = ScopedStatement(
    lambda tenant: select(*LICENSES.columns).where(tenant(licenses), licenses.c.id == any_(ids()))
)
WHOLE_BY_ID = ScopedStatement(
    lambda tenant: select(*WHOLE_LICENSES.columns).where(tenant(licenses), licenses.c.id == any_(ids()))
)
FILES = ScopedStatement(
    lambda tenant: select(licenses.c.id, licenses.c.file).where(
        tenant(licenses), licenses.c.id == any_(ids())
    )
)
MARK_RETRIEVED = ScopedStatement(
    lambda tenant: (
        update(licenses)
        .where(tenant(licenses), licenses.c.id == any_(ids()), licenses.c.first_retrieved_at.is_(None))
        .values(first_retrieved_at=bindparam("at"), first_retrieved_by=bindparam("by"))
    )
)
RETRIEVED = Statement(
    update(licenses)
    .where(licenses.c.id == bindparam("license", type_=UUID()), licenses.c.first_retrieved_at.is_(None))
    .values(first_retrieved_at=bindparam("at"), first_retrieved_by=bindparam("by"))
)
WITHDRAWN = Statement(
    select(licenses.c.id, licenses.c.withdrawal, licenses.c.withdrawn_at)
    .where(
        licenses.c.withdrawn_at.is_not(None),
        licenses.c.expires_on > bindparam("earliest", type_=Date()),
        licenses.c.expires_on + licenses.c.grace_days > bindparam("today", type_=Date()),
    )
    .order_by(licenses.c.id)
)
INSERT = Insert(licenses)
LOCK = Statement(
    select(*LICENSES.columns).where(licenses.c.id == bindparam("id", type_=UUID())).with_for_update()
)
LOCK_CURRENT = Statement(
    select(*LICENSES.columns)
    .where(
        licenses.c.subscription_id == bindparam("subscription", type_=UUID()),
        licenses.c.state == any_(bindparam("states", type_=ARRAY(Text()))),
    )
    .order_by(licenses.c.id)
    .with_for_update()
)
ALL_OF = Statement(
    select(*LICENSES.columns)
    .where(licenses.c.subscription_id == bindparam("subscription", type_=UUID()))
    .order_by(licenses.c.id)
)
_CHANGING = ("state", "superseded_by", "revoked_at", "withdrawn_at", "withdrawal")
CHANGE = Statement(
    update(licenses)
    .where(licenses.c.id == bindparam("license", type_=UUID()))
    .values({name: bindparam(name, type_=licenses.c[name].type) for name in _CHANGING})
)


@lru_cache(MOST_NARROWED)
def below(owner: Owner, records: Records[License] = LICENSES) -> ScopedStatement:
    """All licences of each owner, newest first, with the columns of these records."""
    column = licenses.c[owner]
    return ScopedStatement(
        lambda tenant: (
            select(*records.columns)
            .where(tenant(licenses), column == any_(ids()))
            .order_by(column, licenses.c.id.desc())
        )
    )


NEWEST = Newest(LICENSES, licenses)


class Licenses:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_id(self, scope: Scope, license_ids: Sequence[str]) -> Mapping[str, License]:
        rows = await self._database.fetch(BY_ID, scope, ids=license_ids)
        return {license_.id: license_ for license_ in LICENSES.many(rows)}

    async def whole(self, scope: Scope, license_ids: Sequence[str]) -> Mapping[str, License]:
        """Licences with their files."""
        rows = await self._database.fetch(WHOLE_BY_ID, scope, ids=license_ids)
        return {license_.id: license_ for license_ in WHOLE_LICENSES.many(rows)}

    async def below(
        self,
        scope: Scope,
        owner: Owner,
        owner_ids: Sequence[str],
        selected: Collection[str] | None = None,
    ) -> Mapping[str, list[License]]:
        """The licences of each customer, order or subscription, newest first.

        Where there is a selection they have no more than its fields.
        """
        records = LICENSES.narrowed(None if selected is None else {*selected, owner})
        rows = records.many(await self._database.fetch(below(owner, records), scope, ids=owner_ids))
        return {key: list(group) for key, group in groupby(rows, key=lambda one: getattr(one, owner))}

    async def page(self, scope: Scope, wanted: LicenseFilter, request: PageRequest) -> list[License]:
        """The licences of a page in the direction of travel, and one more where there are more."""
        return LICENSES.many(await found_page(self._database, scope, wanted, request, LICENSES.columns))

    async def count(self, scope: Scope, wanted: LicenseFilter) -> int:
        """How many there are, counted to one beyond the limit."""
        return await found_count(self._database, scope, wanted)

    async def page_of_customers(
        self, scope: Scope, customer_ids: Sequence[str], wanted: PageRequest
    ) -> Mapping[str, list[License]]:
        """The same page below each customer, newest first."""
        return await NEWEST.page_below(self._database, scope, "customer_id", customer_ids, wanted)

    async def count_of_customers(self, scope: Scope, customer_ids: Sequence[str]) -> Mapping[str, int]:
        return await NEWEST.count_below(self._database, scope, "customer_id", customer_ids)

    async def files_of(self, scope: Scope, license_ids: Sequence[str]) -> Mapping[str, str]:
        """The signed files of licences."""
        rows = await self._database.fetch(FILES, scope, ids=license_ids)
        return {f"{Prefix.LICENSE}_{row['id']}": row["file"] for row in rows}

    async def mark_retrieved(
        self, scope: Scope, license_ids: Sequence[str], *, by: str, at: datetime
    ) -> None:
        """Remember when a licence was first handed out, and to whom."""
        await self._database.fetch(MARK_RETRIEVED, scope, ids=license_ids, by=by, at=at)

    async def retrieved(self, transaction: Transaction, license_id: str, *, by: str, at: datetime) -> None:
        """The same for one that is held."""
        await transaction.run(RETRIEVED, license=license_id, by=by, at=at)

    async def withdrawn(self, now: datetime) -> list[Revocation]:
        """Every licence whose file no longer counts, in the order of their ids, until its term is over."""
        today = now.date()
        async with self._database.system() as transaction:
            rows = await transaction.fetch(WITHDRAWN, today=today, earliest=today - LONGEST_GRACE)
        return [
            Revocation(f"{Prefix.LICENSE}_{row['id']}", Withdrawal(row["withdrawal"]), row["withdrawn_at"])
            for row in rows
        ]

    async def locked(self, transaction: Transaction, license_id: str) -> License | None:
        """A licence, without its file, held against every other writer until the transaction ends."""
        row = await transaction.row(LOCK, id=license_id)
        return LICENSES.one(row) if row else None

    async def current_of(self, transaction: Transaction, subscription_id: str) -> list[License]:
        """The licences of a subscription that nobody ended, the oldest first, held until the end."""
        rows = await transaction.fetch(LOCK_CURRENT, subscription=subscription_id, states=CURRENT)
        return LICENSES.many(rows)

    async def all_of(self, transaction: Transaction, subscription_id: str) -> list[License]:
        """Every licence of a subscription that is held, the oldest first."""
        return LICENSES.many(await transaction.fetch(ALL_OF, subscription=subscription_id))

    async def change(self, transaction: Transaction, changed: License) -> None:
        """Write the state of a locked licence; nothing else of it ever changes."""
        await transaction.run(
            CHANGE, license=changed.id, **{name: getattr(changed, name) for name in _CHANGING}
        )

    async def add(self, transaction: Transaction, license_: License) -> None:
        await transaction.insert(INSERT, [WHOLE_LICENSES.row(license_)])
