"""`sobjects/…`: describe, and one record by id or by external id."""

from typing import Any

from datasources.salesforce.sandbox_org.calls import Answer, Call, Refusal, not_found
from datasources.salesforce.sandbox_org.describe import describe_object, describe_summary
from datasources.salesforce.sandbox_org.ids import normal_id
from datasources.salesforce.sandbox_org.metadata import Field, SObject
from datasources.salesforce.sandbox_org.org import Desk
from datasources.salesforce.sandbox_org.records import as_json


async def list_objects(desk: Desk, call: Call) -> Answer:
    objects = [describe_summary(each, call.version) for each in desk.org.schema.objects.values()]
    return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


async def show_object(desk: Desk, call: Call, sobject: str) -> Answer:
    found = desk.org.schema.object(sobject)
    return Answer(200, {"objectDescribe": describe_summary(found, call.version), "recentItems": []})


async def describe(desk: Desk, call: Call, sobject: str) -> Answer:
    return Answer(200, describe_object(desk.org.schema, desk.org.schema.object(sobject), call.version))


async def create(desk: Desk, call: Call, sobject: str) -> Answer:
    identifier = await desk.records.create(desk.org.schema.object(sobject), _fields(call))
    return Answer(201, {"id": identifier, "success": True, "errors": []})


async def retrieve(desk: Desk, call: Call, sobject: str, identifier: str) -> Answer:
    found = desk.org.schema.object(sobject)
    row = await desk.records.row(found, normal_id(identifier))
    return Answer(200, as_json(found, row, call.version, _names(call)))


async def update(desk: Desk, call: Call, sobject: str, identifier: str) -> Answer:
    await desk.records.update(desk.org.schema.object(sobject), normal_id(identifier), _fields(call))
    return Answer(204)


async def delete(desk: Desk, _call: Call, sobject: str, identifier: str) -> Answer:
    await desk.records.delete(desk.org.schema.object(sobject), normal_id(identifier))
    return Answer(204)


async def retrieve_by(desk: Desk, call: Call, sobject: str, field: str, value: str) -> Answer:
    found = desk.org.schema.object(sobject)
    ids = await desk.records.ids_by(found, key_field(found, field), value)
    if len(ids) > 1:
        return _choices(found, ids, call.version)
    if not ids:
        raise not_found()
    return Answer(200, as_json(found, await desk.records.row(found, ids[0]), call.version, _names(call)))


async def upsert_by(desk: Desk, call: Call, sobject: str, field: str, value: str) -> Answer:
    """201 where it was created, 200 where it was there, 300 where the external id names several."""
    found = desk.org.schema.object(sobject)
    key = key_field(found, field)
    if any(name.lower() == key.name.lower() for name in _fields(call)):
        message = f"The {key.name} field should not be specified in the sobject data."
        raise Refusal(400, "INVALID_FIELD", message, (key.name,))
    ids = await desk.records.ids_by(found, key, value)
    if len(ids) > 1:
        return _choices(found, ids, call.version)
    if not ids and call.query.get("updateOnly", "").lower() == "true":
        raise not_found()
    identifier, created = await upsert(desk, found, key, value, _fields(call))
    return Answer(
        201 if created else 200, {"id": identifier, "success": True, "errors": [], "created": created}
    )


async def delete_by(desk: Desk, call: Call, sobject: str, field: str, value: str) -> Answer:
    found = desk.org.schema.object(sobject)
    ids = await desk.records.ids_by(found, key_field(found, field), value)
    if not ids:
        raise not_found()
    return await delete(desk, call, sobject, ids[0])


async def upsert(
    desk: Desk, sobject: SObject, key: Field, value: str, fields: dict[str, Any]
) -> tuple[str, bool]:
    """Update the one record with this external id, or create it; return (id, created)."""
    ids = await desk.records.ids_by(sobject, key, value)
    if len(ids) > 1:
        message = f"{key.name}: more than one record found for external id field: {ids}"
        raise Refusal(300, "DUPLICATE_EXTERNAL_ID", message, (key.name,))
    if ids:
        await desk.records.update(sobject, ids[0], fields)
        return ids[0], False
    if key.name == "Id":
        raise not_found()
    return await desk.records.create(sobject, {**fields, key.name: value}), True


def key_field(sobject: SObject, name: str) -> Field:
    """Return a field that upserts may go by; raise `NOT_FOUND` for others."""
    field = sobject.field(name)
    if field is None or not (field.external_id or field.lookup):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def _choices(sobject: SObject, ids: list[str], version: str) -> Answer:
    return Answer(300, [f"/services/data/v{version}/sobjects/{sobject.name}/{each}" for each in ids])


def _fields(call: Call) -> dict[str, Any]:
    if not isinstance(call.body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "The request body must be a JSON object")
    return call.body


def _names(call: Call) -> list[str] | None:
    named = call.query.get("fields")
    return [name.strip() for name in named.split(",")] if named else None
