"""Create, read, update and delete one record, with the checks and refusals of a real org."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from datasources.salesforce.sandbox_org import rules
from datasources.salesforce.sandbox_org.calls import Refusal, not_found
from datasources.salesforce.sandbox_org.ids import INTEGRATION_USER_ID, normal_id, record_id
from datasources.salesforce.sandbox_org.metadata import Field, Schema, SObject
from datasources.salesforce.sandbox_org.storage import AnyConnection, table
from datasources.salesforce.sandbox_org.values import read, write

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """The records of the org as one call sees them: over its connection, inside its transaction."""

    schema: Schema
    connection: AnyConnection

    async def create(self, sobject: SObject, fields: Mapping[str, Any]) -> str:
        """Insert a record and return its id."""
        row = await self._columns(sobject, fields)
        missing = [each.name for each in sobject.fields.values() if _lacks(each, row)]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise Refusal(400, "REQUIRED_FIELD_MISSING", message, tuple(missing))
        number = await self.connection.fetchval("SELECT nextval('sandbox_org.record_numbers')")
        now = _now()
        row["Id"] = record_id(sobject.prefix, number)
        row |= {"CreatedDate": now, "CreatedById": INTEGRATION_USER_ID} | _modified(now)
        if "OwnerId" in sobject.fields:
            row.setdefault("OwnerId", INTEGRATION_USER_ID)
        rules.complete(sobject.name, row, number=number, now=now)
        names = ", ".join(f'"{name}"' for name in row)
        places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
        statement = f"INSERT INTO {table(sobject)} ({names}) VALUES ({places})"  # noqa: S608  the same
        await self._write(sobject, statement, row)
        return str(row["Id"])

    async def update(self, sobject: SObject, identifier: str, fields: Mapping[str, Any]) -> None:
        """Change the fields named; a null empties a field."""
        current = await self.row(sobject, identifier, lock=True)
        changes = await self._columns(sobject, fields, identifier=identifier)
        emptied = [name for name, value in changes.items() if value is None and sobject.fields[name].required]
        if emptied:
            message = f"Required fields are missing: [{', '.join(emptied)}]"
            raise Refusal(400, "REQUIRED_FIELD_MISSING", message, tuple(emptied))
        whole = current | changes
        rules.complete(sobject.name, whole, number=None, now=_now())
        changed = {name: value for name, value in whole.items() if value != current.get(name)}
        changed |= _modified(_now())
        sets = ", ".join(f'"{name}" = ${place}' for place, name in enumerate(changed, 2))
        statement = f'UPDATE {table(sobject)} SET {sets} WHERE "Id" = $1'  # noqa: S608  names come from the schema
        await self._write(sobject, statement, {"Id": identifier, **changed})

    async def delete(self, sobject: SObject, identifier: str) -> None:
        """Move a record to the recycle bin."""
        await self.row(sobject, identifier, lock=True)
        await self.connection.execute(
            f'UPDATE {table(sobject)} SET "IsDeleted" = true, "LastModifiedDate" = $2, "SystemModstamp" = $2'  # noqa: S608  the table's name comes from the schema
            ' WHERE "Id" = $1',
            identifier,
            _now(),
        )

    async def row(self, sobject: SObject, identifier: str, *, lock: bool = False) -> Row:
        """Return all columns of a record; raise `ENTITY_IS_DELETED` or `NOT_FOUND`."""
        found = await self.connection.fetchrow(
            f'SELECT * FROM {table(sobject)} WHERE "Id" = $1' + (" FOR UPDATE" if lock else ""),  # noqa: S608  the same
            identifier,
        )
        if found is None:
            raise not_found("Provided external ID field does not exist or is not accessible: " + identifier)
        if found["IsDeleted"]:
            raise Refusal(404, "ENTITY_IS_DELETED", "entity is deleted")
        return dict(found)

    async def ids_by(self, sobject: SObject, field: Field, value: str) -> list[str]:
        """Return the ids of the records that hold `value` in an id, unique, external id or lookup field."""
        if field.name == "Id":
            condition, value = '"Id" = $1', normal_id(value)
        else:
            condition = f'lower("{field.name}") = lower($1)'
        found = await self.connection.fetch(
            f'SELECT "Id" FROM {table(sobject)} WHERE {condition} AND NOT "IsDeleted" LIMIT 10',  # noqa: S608  the same
            value,
        )
        return [row["Id"] for row in found]

    async def _columns(self, sobject: SObject, fields: Mapping[str, Any], *, identifier: str = "") -> Row:
        """Return the columns that `fields` set; `identifier` is that of a record which is there already."""
        row: Row = {}
        for name, value in fields.items():
            if name == "attributes":
                continue
            field = sobject.relation(name) if isinstance(value, Mapping) else sobject.field(name)
            if field is None:
                message = f"No such column '{name}' on sobject of type {sobject.name}"
                raise Refusal(400, "INVALID_FIELD", message)
            if field.name == "Id" and identifier and value in {identifier, identifier[:15]}:
                continue
            if field.computed or (field.fixed and identifier):
                message = f"Unable to create/update fields: {field.name}."
                raise Refusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, (field.name,))
            row[field.name] = await self._value(field, value)
        return row

    async def _value(self, field: Field, value: Any) -> Any:
        if isinstance(value, Mapping):
            return await self._related(field, value)
        found = read(field, value)
        await self._check_reference(field, found)
        return found

    async def _related(self, relation: Field, value: Mapping[str, Any]) -> str:
        """Find the parent that an external id names: `{"Account": {"Portico_Id__c": "cus_…"}}`."""
        parent = self.schema.object(relation.refers_to)
        name, sought = next(((each, value[each]) for each in value if each != "attributes"), ("", None))
        key = parent.field(name)
        if key is None or not (key.external_id or key.lookup):
            message = f"{relation.relationship}: an external id field of {parent.name} must be given"
            raise Refusal(400, "INVALID_FIELD", message, (relation.relationship,))
        ids = await self.ids_by(parent, key, str(sought))
        if len(ids) != 1:
            message = (
                f"Foreign key external ID: {sought} not found for field {key.name} in entity {parent.name}"
            )
            raise Refusal(400, "INVALID_FIELD", message)
        return ids[0]

    async def _check_reference(self, field: Field, value: str | None) -> None:
        if not field.refers_to or value is None:
            return
        parent = self.schema.object(field.refers_to)
        if not await self.ids_by(parent, parent.fields["Id"], value):
            message = f"{field.name}: invalid cross reference id"
            raise Refusal(400, "INVALID_CROSS_REFERENCE_KEY", message, (field.name,))

    async def _write(self, sobject: SObject, statement: str, row: Row) -> None:
        try:
            async with self.connection.transaction():
                await self.connection.execute(statement, *row.values())
        except asyncpg.UniqueViolationError as violation:
            field = str(violation.constraint_name).removeprefix(f"{sobject.name}_")
            holders = await self.ids_by(sobject, sobject.fields[field], str(row[field]))
            message = (
                f"duplicate value found: {field} duplicates value on record with id: {', '.join(holders)}"
            )
            raise Refusal(400, "DUPLICATE_VALUE", message, (field,)) from violation


def as_json(sobject: SObject, row: Mapping[str, Any], version: str, names: list[str] | None = None) -> Row:
    """A record as REST shows it: its type and address, then the fields named, or all of them."""
    shown = list(map(sobject.field, names)) if names else list(sobject.fields.values())
    if None in shown:
        raise Refusal(400, "INVALID_FIELD", f"No such column on sobject of type {sobject.name}: {names}")
    body: Row = {"attributes": attributes(sobject.name, row["Id"], version)}
    return body | {each.name: write(row[each.name]) for each in shown if each is not None}


def attributes(sobject: str, identifier: str, version: str) -> dict[str, str]:
    return {"type": sobject, "url": f"/services/data/v{version}/sobjects/{sobject}/{identifier}"}


def _lacks(field: Field, row: Row) -> bool:
    return field.required and not field.computed and row.get(field.name) is None


def _modified(now: datetime) -> Row:
    return {"LastModifiedDate": now, "LastModifiedById": INTEGRATION_USER_ID, "SystemModstamp": now}


def _now() -> datetime:
    """Salesforce's stamps have no fractions of a second."""
    return datetime.now(UTC).replace(microsecond=0)
