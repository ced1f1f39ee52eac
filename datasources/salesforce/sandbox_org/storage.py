"""The org's tables: one per object, one typed column per field, under Salesforce's own names."""

from typing import Any, TypeAlias

from asyncpg import Connection
from asyncpg.pool import PoolConnectionProxy

from datasources.salesforce.sandbox_org.ids import INTEGRATION_USER_ID, STANDARD_PRICE_BOOK_ID
from datasources.salesforce.sandbox_org.metadata import Field, Schema, SObject

_COLUMN_TYPE = {
    "boolean": "boolean NOT NULL DEFAULT false",
    "int": "bigint",
    "double": "numeric",
    "currency": "numeric",
    "percent": "numeric",
    "date": "date",
    "datetime": "timestamptz",
}
_NUMBERS_RESERVED = 1000  # the first ids are the org's own: its integration user, its standard price book
AnyConnection: TypeAlias = "Connection[Any] | PoolConnectionProxy[Any]"
TEXT_TYPES = frozenset({"string", "picklist", "textarea", "email", "url", "phone"})


def table(sobject: SObject) -> str:
    return f'sandbox_org."{sobject.name}"'


async def create_tables(connection: AnyConnection, schema: Schema) -> None:
    """Make the org's tables, columns and indexes, as far as they are missing; safe to run at every start."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('sandbox_org'))")
        await connection.execute("SET LOCAL client_min_messages = error")
        await connection.execute("CREATE SCHEMA IF NOT EXISTS sandbox_org")
        await connection.execute(
            f"CREATE SEQUENCE IF NOT EXISTS sandbox_org.record_numbers START {_NUMBERS_RESERVED} CACHE 1"
        )
        for sobject in schema.objects.values():
            await connection.execute(";\n".join(_definition(sobject)))
        for name, row in _OWN_RECORDS:
            await connection.execute(*_insertion(name, row))


_OWN_RECORDS: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "User",
        {
            "Id": INTEGRATION_USER_ID,
            "Username": "integration@portico.invalid",
            "LastName": "Portico Integration",
            "Name": "Portico Integration",
            "Email": "integration@portico.invalid",
            "IsActive": True,
        },
    ),
    (
        "Pricebook2",
        {
            "Id": STANDARD_PRICE_BOOK_ID,
            "Name": "Standard Price Book",
            "IsActive": True,
            "IsStandard": True,
        },
    ),
)


def _insertion(sobject: str, row: dict[str, Any]) -> tuple[Any, ...]:
    names = ", ".join(f'"{name}"' for name in [*row, "CreatedDate", "LastModifiedDate", "SystemModstamp"])
    places = ", ".join([*(f"${place}" for place in range(1, len(row) + 1)), "now()", "now()", "now()"])
    statement = f'INSERT INTO sandbox_org."{sobject}" ({names}) VALUES ({places}) ON CONFLICT DO NOTHING'  # noqa: S608  names are ours
    return statement, *row.values()


def _definition(sobject: SObject) -> list[str]:
    statements = [f'CREATE TABLE IF NOT EXISTS {table(sobject)} ("Id" text COLLATE "C" PRIMARY KEY)']
    statements += [
        f'ALTER TABLE {table(sobject)} ADD COLUMN IF NOT EXISTS "{field.name}" {_column_type(field)}'
        for field in sobject.fields.values()
        if field.name != "Id"
    ]
    for field in sobject.fields.values():
        statements += _index(sobject, field)
    return statements


def _column_type(field: Field) -> str:
    return _COLUMN_TYPE.get(field.type, 'text COLLATE "C"' if field.type == "reference" else "text")


def _index(sobject: SObject, field: Field) -> list[str]:
    kind, rest = "INDEX", ""
    if field.unique or field.external_id or (field.lookup and field.type in TEXT_TYPES):
        indexed = f'lower("{field.name}")'
        if field.unique:
            kind, rest = "UNIQUE INDEX", ' WHERE NOT "IsDeleted"'
    elif field.name == "SystemModstamp":
        indexed = f'"{field.name}", "Id"'
    elif field.type == "reference" and not field.computed:
        indexed = f'"{field.name}"'
    else:
        return []
    name = f'"{sobject.name}_{field.name}"'
    return [f"CREATE {kind} IF NOT EXISTS {name} ON {table(sobject)} ({indexed}){rest}"]
