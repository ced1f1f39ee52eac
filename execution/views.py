"""GraphQL types as views: they say which attributes of a record are public and are never instantiated."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import strawberry
from strawberry.types.base import StrawberryObjectDefinition

_Declared = TypeVar("_Declared", bound=type)

_views: list[tuple[type, type]] = []


def view(
    *, of: type, description: str, name: str | None = None, directives: Sequence[object] = ()
) -> Callable[[_Declared], _Declared]:
    """Declare a class as the GraphQL type of the records of a class.

    Resolvers answer with records; a record met behind an interface or a union is told by
    `isinstance(record, of)`. Interfaces are base classes, as in Strawberry; a generic view
    (`Connection[Order]`) is a view of the same record class for every parameter.
    """

    def declare(cls: _Declared) -> _Declared:
        def is_type_of(found: object, _info: object) -> bool:
            return isinstance(found, of)

        cls.is_type_of = staticmethod(is_type_of)  # type: ignore[attr-defined]
        declared = strawberry.type(cls, name=name, description=description, directives=directives)
        declared.__strawberry_definition__.is_type_of = is_type_of  # type: ignore[attr-defined]
        is_type_of.record = of  # type: ignore[attr-defined]
        _views.append((declared, of))
        return declared

    return declare


def views() -> tuple[tuple[type, type], ...]:
    """Every view declared so far with its record class, in order of declaration."""
    return tuple(_views)


def plain_fields(declared: type) -> list[str]:
    """The attributes that a view reads straight off its record, by their Python names."""
    definition: StrawberryObjectDefinition = declared.__strawberry_definition__  # type: ignore[attr-defined]
    return [field.python_name for field in definition.fields if field.is_basic_field]


def record_of(is_type_of: Callable[..., Any] | None) -> type | None:
    """The record class behind a GraphQL object type's `is_type_of`, or None where it is no view's."""
    return getattr(is_type_of, "record", None)
