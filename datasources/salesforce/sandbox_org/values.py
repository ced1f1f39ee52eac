"""JSON values in and out of the org's columns, each type with Salesforce's own refusals."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from datasources.salesforce.sandbox_org.calls import Refusal
from datasources.salesforce.sandbox_org.ids import normal_id
from datasources.salesforce.sandbox_org.metadata import Field

_Reader = Callable[[Field, Any], Any]
_BOOLEANS = {"true": True, "false": False}
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def read(field: Field, value: Any) -> Any:
    """Return what the column of `field` holds for a JSON `value`; raise `Refusal` for what it cannot."""
    if value is None or value == "":
        return False if field.type == "boolean" else None
    try:
        reader: _Reader = _READ.get(field.type, _text)
        return reader(field, value)
    except (ValueError, TypeError, KeyError, InvalidOperation):
        raise Refusal(
            400,
            "JSON_PARSER_ERROR",
            f"Cannot deserialize instance of {field.type} from {value!r}",
            (field.name,),
        ) from None


def _text(field: Field, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    whole: str = value.replace("\0", "")  # Postgres has no room for it, and Salesforce drops it
    text = whole.rstrip() if field.type == "textarea" else whole.strip()
    if field.length and len(text) > field.length:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise Refusal(400, "STRING_TOO_LONG", message, (field.name,))
    return text


def _email(field: Field, value: Any) -> str:
    text = _text(field, value)
    if not _EMAIL.fullmatch(text):
        message = f"{field.label}: invalid email address: {text}"
        raise Refusal(400, "INVALID_EMAIL_ADDRESS", message, (field.name,))
    return text


def _picklist(field: Field, value: Any) -> str:
    text = _text(field, value)
    if field.restricted and text not in field.values:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        raise Refusal(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    return text


def _boolean(_field: Field, value: Any) -> bool:
    return _BOOLEANS[str(value).lower()]


def _number(_field: Field, value: Any) -> Decimal:
    if isinstance(value, bool):
        raise TypeError
    return Decimal(str(value))


def _integer(field: Field, value: Any) -> int:
    number = _number(field, value)
    if number != number.to_integral_value():
        raise ValueError
    return int(number)


def _date(_field: Field, value: Any) -> date:
    return date.fromisoformat(value[:10])


def _datetime(_field: Field, value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _reference(field: Field, value: Any) -> str:
    try:
        return normal_id(value)
    except Refusal as refusal:
        message = f"{field.label}: id value of incorrect type: {value}"
        raise Refusal(400, "MALFORMED_ID", message, (field.name,)) from refusal


_READ: dict[str, _Reader] = {
    "boolean": _boolean,
    "currency": _number,
    "date": _date,
    "datetime": _datetime,
    "double": _number,
    "email": _email,
    "id": _reference,
    "int": _integer,
    "percent": _number,
    "picklist": _picklist,
    "reference": _reference,
}


def write(value: Any) -> Any:
    """Return the JSON form of a column's value: datetimes as `2026-11-22T07:39:21.000+0000`."""
    match value:
        case datetime():
            moment = value.astimezone(UTC)
            return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
    return value
