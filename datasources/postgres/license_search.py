"""Looking licences up: by customer, order, subscription, activation code or the contact's e-mail domain.

Each way has an index that gives the newest first, so that a page is a handful of rows however many there are.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import any_, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.types import Integer, LargeBinary, Text

from commerce.access import Scope
from commerce.licenses import LicenseFilter
from commerce.paging import COUNTED_AT_MOST, PageRequest
from datasources.postgres.database import Database, Row
from datasources.postgres.newest import keyset
from datasources.postgres.statements import ScopedStatement, TenantPredicate
from datasources.postgres.tables import activation_codes, licenses

DOMAIN: Any = literal_column("lower(split_part(licenses.licensee_email, '@', 2))", Text())
"""The expression of `licenses_domain_idx`, written out: a parameter in it would keep the index from use."""

_OF_LICENSE = {
    "customer_id": licenses.c.customer_id == bindparam("customer_id", type_=UUID()),
    "order_id": licenses.c.order_id == bindparam("order_id", type_=UUID()),
    "subscription_id": licenses.c.subscription_id == bindparam("subscription_id", type_=UUID()),
    "email_domain": bindparam("email_domain", type_=Text()) == DOMAIN,
}
_OF_CODE = {
    "code_digest": activation_codes.c.digest == bindparam("code_digest", type_=LargeBinary()),
    "last_five": activation_codes.c.last_five == bindparam("last_five", type_=Text()),
}


async def found_page(
    database: Database, scope: Scope, wanted: LicenseFilter, request: PageRequest, columns: Sequence[Any]
) -> list[Row]:
    """The rows of a page in the direction of travel, and one more where there are more."""
    given = _given(wanted)
    statement = page(frozenset(given), request.backwards, request.position is not None, tuple(columns))
    return await database.fetch(statement, scope, **given, **keyset(request))


async def found_count(database: Database, scope: Scope, wanted: LicenseFilter) -> int:
    """How many are found, counted to one beyond the limit."""
    given = _given(wanted)
    return int((await database.fetch(count(frozenset(given)), scope, **given))[0]["total"])


@cache
def page(
    filters: frozenset[str], backwards: bool, continues: bool, columns: tuple[Any, ...]
) -> ScopedStatement:
    """A page of what is found, newest first, with these columns."""

    def build(tenant: TenantPredicate) -> Any:
        key = licenses.c.id
        there = bindparam("at_id", type_=UUID())
        position = [key > there if backwards else key < there] if continues else []
        return (
            select(*columns)
            .where(tenant(licenses), *_conditions(tenant, filters), *position)
            .order_by(key if backwards else key.desc())
            .limit(bindparam("size", type_=Integer()))
        )

    return ScopedStatement(build)


@cache
def count(filters: frozenset[str]) -> ScopedStatement:
    """How many are found, counted up to a limit."""

    def build(tenant: TenantPredicate) -> Any:
        some: Any = select(literal_column("1")).select_from(licenses)
        some = some.where(tenant(licenses), *_conditions(tenant, filters)).limit(COUNTED_AT_MOST + 1)
        return select(func.count().label("total")).select_from(some.subquery())

    return ScopedStatement(build)


def _conditions(tenant: TenantPredicate, filters: frozenset[str]) -> list[Any]:
    """One condition for each filter. Subscriptions of codes are found first, as an array: they are few."""
    found = [condition for name, condition in _OF_LICENSE.items() if name in filters]
    coded = [condition for name, condition in _OF_CODE.items() if name in filters]
    if coded:
        of_codes = select(activation_codes.c.subscription_id).where(tenant(activation_codes), *coded)
        found.append(licenses.c.subscription_id == any_(func.array(of_codes.scalar_subquery())))
    return found


def _given(wanted: LicenseFilter) -> dict[str, Any]:
    parts = {name: getattr(wanted, name) for name in (*_OF_LICENSE, *_OF_CODE)}
    return {name: value for name, value in parts.items() if value is not None}
