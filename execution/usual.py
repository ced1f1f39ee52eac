"""What the generated code takes for usual, decided by class so that it can be decided fast."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any
from uuid import UUID

from graphql import GraphQLSchema, Undefined
from strawberry.schema.schema_converter import CustomGraphQLEnumType

from execution.batches import STRAWBERRY
from execution.plan import Abstract, Leaf, Selection
from execution.views import record_of

PLAIN = frozenset({str, int, float, bool, bytes, Decimal, date, datetime, time, timedelta, UUID, dict, list})
"""Classes of values that are surely neither errors nor awaitable."""


class Unusual(Exception):
    """The generated code met a value that it leaves to the careful completion."""


@lru_cache(maxsize=4096)
def is_plain(cls: type) -> bool:
    """Whether values of a class are neither errors, nor awaitable, nor a way of saying nothing."""
    if cls is type(None) or cls is type(Undefined) or issubclass(cls, Exception):
        return False
    return not hasattr(cls, "__await__") and not hasattr(cls, "gi_code")


def unusual(_value: object) -> None:
    raise Unusual


def missing_or_unusual(value: object) -> None:
    if value is not None:
        raise Unusual


def coerced_leaf(shape: Leaf) -> Callable[[Any], Any]:
    """A leaf's coercion that raises instead of answering with nothing."""
    coerce, nullable = shape.type.coerce_output_value, shape.nullable

    def leaf(value: Any) -> Any:
        if value is None and nullable:
            return None
        if is_plain(value.__class__):
            coerced = coerce(value)
            if coerced is not None and coerced is not Undefined:
                return coerced
        raise Unusual

    return leaf


def enum_names(enum: CustomGraphQLEnumType) -> dict[str, str]:
    """The response value of each member by its Python name: hashing a member itself would be a call.

    A member that is no value of the schema is left out.
    """
    names: dict[str, str] = {}
    members: list[Enum] = list(enum.wrapped_cls)
    for member in members:
        try:
            names[member.name] = enum.coerce_output_value(member)
        except ValueError:
            continue
    return names


def told_by_class(shape: Abstract, schema: GraphQLSchema) -> Iterator[tuple[type, Selection]]:
    """The record classes behind an interface or union whose type Strawberry would tell by class alone.

    Strawberry asks each possible type's `is_type_of` in turn; a record counts only where no type asked
    before it could say yes, and where `strawberry.cast` cannot have marked an instance otherwise.
    """
    declared = shape.type.extensions.get(STRAWBERRY)
    if declared is None or getattr(declared, "resolve_type", None) is not None:
        return
    earlier: list[type] = []
    for possible in schema.get_possible_types(shape.type):
        record = record_of(possible.is_type_of)
        if record is None and possible.is_type_of is not None:
            return
        if record is None:
            continue
        if not issubclass(record, tuple(earlier)) and _cannot_be_marked(record):
            yield record, shape.selections[possible.name]
        earlier.append(record)


def _cannot_be_marked(record: type) -> bool:
    parameters = getattr(record, "__dataclass_params__", None)
    return bool(parameters and parameters.frozen) or not record.__dictoffset__
