"""One comparison of SOQL as SQL, by the type of its field."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from datasources.salesforce.sandbox_org.calls import Refusal, malformed
from datasources.salesforce.sandbox_org.ids import normal_id
from datasources.salesforce.sandbox_org.metadata import Field
from datasources.salesforce.sandbox_org.soql.dates import span
from datasources.salesforce.sandbox_org.soql.parser import DateLiteral, Value, unescape
from datasources.salesforce.sandbox_org.storage import TEXT_TYPES

FUNCTIONS = {
    "COUNT": "count({})",
    "COUNT_DISTINCT": "count(DISTINCT {})",
    "SUM": "sum({})",
    "AVG": "avg({})",
    "MIN": "min({})",
    "MAX": "max({})",
    "CALENDAR_YEAR": "extract(year FROM {} AT TIME ZONE 'UTC')::bigint",
    "CALENDAR_MONTH": "extract(month FROM {} AT TIME ZONE 'UTC')::bigint",
    "DAY_ONLY": "({} AT TIME ZONE 'UTC')::date",
}
_LITERALS: dict[str, tuple[type, str]] = {
    "boolean": (bool, "boolean"),
    "currency": (Decimal, "currency"),
    "date": (date, "date"),
    "datetime": (datetime, "dateTime"),
    "double": (Decimal, "double"),
    "int": (Decimal, "int"),
    "percent": (Decimal, "percent"),
}
_FIELD_TYPES = {"COUNT": "int", "COUNT_DISTINCT": "int", "CALENDAR_YEAR": "int", "CALENDAR_MONTH": "int"}


def aggregate_field(function: str, inner: Field | None) -> Field:
    """Return a nameless field with the type a function answers in."""
    kind = _FIELD_TYPES.get(function) or ("date" if function == "DAY_ONLY" else "")
    if inner is None:
        return Field(function, kind)
    return replace(inner, name=function, type=kind or inner.type, required=False)


@dataclass(frozen=True, slots=True)
class Comparer:
    """Writes comparisons: `bind` makes a value a parameter, `today` is what date literals count from."""

    bind: Callable[[Any], str]
    today: date

    def compare(self, sql: str, field: Field, operator: str, value: Value) -> str:
        """Return the SQL of `field operator value`; text compares without regard to case."""
        if operator == "LIKE":
            if field.type not in TEXT_TYPES or not isinstance(value, str):
                raise _wrong_type(field, "string")
            return f"{sql} ILIKE {self.bind(unescape(value, pattern=True))}"
        if isinstance(value, DateLiteral):
            return self._within(sql, field, operator, value)
        found = constant(field, value)
        if found is None:
            if operator not in {"=", "!="}:
                raise malformed(f"null cannot be compared by {operator}")
            return f"{sql} IS {'NOT ' if operator == '!=' else ''}NULL"
        folded = f"lower({sql})" if field.type in TEXT_TYPES else sql
        test = "IS DISTINCT FROM" if operator == "!=" else operator
        return f"{folded} {test} {self.bind(found)}"

    def _within(self, sql: str, field: Field, operator: str, literal: DateLiteral) -> str:
        first, end = _bounds(field, span(literal, self.today))
        match operator:
            case ">":
                return f"{sql} >= {self.bind(end)}"
            case "<=":
                return f"{sql} < {self.bind(end)}"
            case ">=" | "<":
                return f"{sql} {operator} {self.bind(first)}"
        inside = f"({sql} >= {self.bind(first)} AND {sql} < {self.bind(end)})"
        return inside if operator == "=" else f"{inside} IS NOT TRUE"


def constant(field: Field, value: Value) -> Any:
    """Return the parameter for a literal compared with `field`; raise `INVALID_FIELD` where types differ."""
    if value is None:
        return None
    if field.type in {"id", "reference"}:
        return _identifier(field, value)
    if field.type in TEXT_TYPES:
        return unescape(_expect(field, value, str, "string")).lower().replace("\0", "")
    if field.type == "date" and isinstance(value, datetime):
        raise _wrong_type(field, "date")
    kind, name = _LITERALS[field.type]
    found = _expect(field, value, kind, name)
    return int(found) if field.type == "int" and found == found.to_integral_value() else found


def _expect(field: Field, value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise _wrong_type(field, name)
    return value


def _wrong_type(field: Field, name: str) -> Refusal:
    quotes = "be enclosed in quotes" if name == "string" else "not be enclosed in quotes"
    message = f"value of filter criterion for field '{field.name}' must be of type {name} and should {quotes}"
    return Refusal(400, "INVALID_FIELD", message)


def _identifier(field: Field, value: Value) -> str | None:
    text = _expect(field, value, str, "string")
    if not text:
        return None
    try:
        return normal_id(text)
    except Refusal as refusal:
        message = f"invalid ID field: {text}"
        raise Refusal(400, "INVALID_QUERY_FILTER_OPERATOR", message) from refusal


def _bounds(field: Field, days: tuple[date, date]) -> tuple[Any, Any]:
    if field.type == "date":
        return days
    if field.type != "datetime":
        raise _wrong_type(field, field.type)
    first, end = (datetime.combine(day, time(), UTC) for day in days)
    return first, end
