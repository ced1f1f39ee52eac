"""Records out of their JSON: what a decision was made of, as the rules know it."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def revived(kind: type[T], value: Any) -> T:
    """A value of JSON as the record, enum, time, tuple or plain value that it was written from.

    Raises KeyError, ValueError and TypeError on what `kind` does not know.
    """
    made: T = _revived(kind, value)
    return made


def _revived(kind: Any, value: Any) -> Any:
    if get_origin(kind) is UnionType:
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
        return None if value is None else _revived(kind, value)
    if get_origin(kind) is tuple:
        return tuple(_revived(get_args(kind)[0], one) for one in value)
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{name: _revived(hint, value[name]) for name, hint in _hints(kind).items()})
    if kind in {date, datetime}:
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return value


@cache
def _hints(kind: type[Any]) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}
