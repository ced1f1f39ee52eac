"""`composite/sobjects`: up to 200 records in one call, each with an outcome of its own."""

from collections.abc import Awaitable, Callable
from typing import Any

from datasources.salesforce.sandbox_org.calls import LOCKED, Answer, Call, Refusal, locked
from datasources.salesforce.sandbox_org.ids import normal_id
from datasources.salesforce.sandbox_org.metadata import SObject
from datasources.salesforce.sandbox_org.org import Desk
from datasources.salesforce.sandbox_org.records import as_json
from datasources.salesforce.sandbox_org.single_records import key_field, upsert

MOST_RECORDS = 200
Result = dict[str, Any]


class _RolledBack(Exception):
    pass


async def create(desk: Desk, call: Call) -> Answer:
    async def one(sobject: SObject, fields: dict[str, Any]) -> Result:
        return _done(await desk.records.create(sobject, fields))

    return await _each(desk, call, one)


async def update(desk: Desk, call: Call) -> Answer:
    async def one(sobject: SObject, fields: dict[str, Any]) -> Result:
        identifier = normal_id(str(fields.pop("Id", None) or fields.pop("id", "")))
        await desk.records.update(sobject, identifier, fields)
        return _done(identifier)

    return await _each(desk, call, one)


async def upsert_by(desk: Desk, call: Call, sobject: str, field: str) -> Answer:
    found = desk.org.schema.object(sobject)
    key = key_field(found, field)
    seen: set[str] = set()

    async def one(of: SObject, fields: dict[str, Any]) -> Result:
        named = next((name for name in fields if name.lower() == key.name.lower()), key.name)
        value = str(fields.pop(named, None) or "")
        if of is not found or not value:
            raise Refusal(400, "MISSING_ARGUMENT", f"{key.name} not specified", (key.name,))
        if value.lower() in seen:
            raise Refusal(400, "DUPLICATE_VALUE", f"Duplicate external id specified: {value}", (key.name,))
        seen.add(value.lower())
        identifier, created = await upsert(desk, found, key, value, fields)
        return {**_done(identifier), "created": created}

    answer = await _each(desk, call, one)
    unsaved = [{"created": False, **result} for result in answer.body]
    return Answer(answer.status, unsaved)


async def retrieve(desk: Desk, call: Call, sobject: str) -> Answer:
    """By GET with `ids` and `fields` in the address, or by POST with both in the body."""
    found = desk.org.schema.object(sobject)
    asked = (
        call.body
        if call.method == "POST"
        else {name: call.query.get(name, "").split(",") for name in ("ids", "fields")}
    )
    ids = [normal_id(each) for each in _listed(asked, "ids", 2_000)]
    records: list[Result | None] = []
    for identifier in ids:
        try:
            row = await desk.records.row(found, identifier)
        except Refusal:
            records.append(None)
        else:
            records.append(as_json(found, row, call.version, _listed(asked, "fields", 800)))
    return Answer(200, records)


async def delete(desk: Desk, call: Call) -> Answer:
    by_prefix = {sobject.prefix: sobject for sobject in desk.org.schema.objects.values()}
    ids = [each for each in call.query.get("ids", "").split(",") if each]
    if not ids or len(ids) > MOST_RECORDS:
        raise _wrong_count(len(ids))

    async def one(given: str) -> Result:
        identifier = normal_id(given)
        if identifier[:3] not in by_prefix:
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        await desk.records.delete(by_prefix[identifier[:3]], identifier)
        return _done(identifier)

    together = call.query.get("allOrNone", "").lower() == "true"
    return Answer(200, await _outcomes(desk, ids, one, together=together))


async def _each(
    desk: Desk, call: Call, one: Callable[[SObject, dict[str, Any]], Awaitable[Result]]
) -> Answer:
    records = _listed(call.body, "records", MOST_RECORDS)
    together = bool(call.body.get("allOrNone", False))

    async def typed(record: dict[str, Any]) -> Result:
        fields = {name: value for name, value in record.items() if name != "attributes"}
        sobject = desk.org.schema.find(str(record.get("attributes", {}).get("type")))
        if sobject is None:
            raise Refusal(400, "INVALID_TYPE", "sObject type must be given in attributes.type")
        desk.org.faults.check_record(sobject.name, fields)
        return await one(sobject, fields)

    return Answer(200, await _outcomes(desk, records, typed, together=together))


async def _outcomes(
    desk: Desk, given: list[Any], one: Callable[[Any], Awaitable[Result]], *, together: bool
) -> list[Result]:
    outcomes: list[Result] = []
    try:
        async with desk.connection.transaction():
            outcomes = [await outcome(desk, each, one) for each in given]
            if together and not all(each["success"] for each in outcomes):
                raise _RolledBack  # noqa: TRY301  leaving by exception is what rolls back
    except _RolledBack:
        return [_undone() if each["success"] else each for each in outcomes]
    return outcomes


async def outcome(desk: Desk, given: Any, one: Callable[[Any], Awaitable[Result]]) -> Result:
    """Do one of many in a savepoint of its own; a refusal is its result."""
    try:
        async with desk.connection.transaction():
            return await one(given)
    except Refusal as refusal:
        return refusal.as_result()
    except LOCKED:
        return locked().as_result()


def _done(identifier: str) -> Result:
    return {"id": identifier, "success": True, "errors": []}


def _undone() -> Result:
    message = (
        "Record rolled back because not all records were valid and the request was using AllOrNone header"
    )
    return Refusal(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", message).as_result()


def _listed(body: Any, name: str, most: int) -> list[Any]:
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, list) or not found:
        raise Refusal(400, "JSON_PARSER_ERROR", f"The request must name {name}")
    if len(found) > most:
        raise _wrong_count(len(found), most)
    return found


def _wrong_count(count: int, most: int = MOST_RECORDS) -> Refusal:
    return Refusal(
        400, "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {most} records, not {count}"
    )
