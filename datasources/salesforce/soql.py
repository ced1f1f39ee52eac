"""SOQL text, safely: names are checked, every value is quoted."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)


def select(
    fields: Iterable[str],
    sobject: str,
    *,
    where: str = "",
    order: str = "",
    limit: int | None = None,
) -> str:
    """Return a query; `where` comes from the functions below. Raises `ValueError` for what is no name."""
    clauses = [f"SELECT {', '.join(map(_name, fields))} FROM {_name(sobject)}"]  # noqa: S608  names are checked
    if where:
        clauses.append(f"WHERE {where}")
    if order:
        clauses.append(f"ORDER BY {', '.join(map(_ordering, order.split(',')))}")
    if limit is not None:
        clauses.append(f"LIMIT {limit:d}")
    return " ".join(clauses)


def among(field: str, values: Iterable[str]) -> str:
    """`field IN ('a', 'b')`; raises `ValueError` for no values, since SOQL has no empty list."""
    quoted = ",".join(literal(value) for value in values)
    if not quoted:
        raise ValueError(f"{field} among no values")
    return f"{_name(field)} IN ({quoted})"


def compared(field: str, operator: str, value: str | date | datetime | bool | int | None) -> str:
    """`field operator value`, where the operator is one of = != < <= > >=."""
    if operator not in {"=", "!=", "<", "<=", ">", ">="}:
        raise ValueError(f"no SOQL comparison: {operator!r}")
    return f"{_name(field)} {operator} {literal(value)}"


def all_of(*conditions: str) -> str:
    """Conditions joined by AND, each in parentheses: SOQL refuses to mix AND and OR without."""
    return " AND ".join(f"({condition})" for condition in conditions)


def any_of(*conditions: str) -> str:
    return " OR ".join(f"({condition})" for condition in conditions)


def literal(value: str | date | datetime | bool | int | None) -> str:
    """Return a value as SOQL writes it; datetimes in UTC, unquoted."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return value.isoformat()
        case str():
            return f"'{value.translate(_ESCAPES)}'"


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"no SOQL name: {text!r}")
    return text


def _ordering(text: str) -> str:
    name, _, direction = text.strip().partition(" ")
    if direction not in {"", "ASC", "DESC", "ASC NULLS LAST", "DESC NULLS LAST"}:
        raise ValueError(f"no SOQL order: {text!r}")
    return f"{_name(name)} {direction}".rstrip()
