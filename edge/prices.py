"""The price list: `@cost` and `@listSize` as the SDL prints them, so that anybody can check a bill."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLUnionType,
    ObjectTypeDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    parse,
    value_from_ast_untyped,
)

INTROSPECTION_SIZES = {"types": 150, "fields": 8, "inputFields": 6, "enumValues": 8, "directives": 12}
"""How long introspection's lists are taken to be; the others are taken to hold two."""
INTROSPECTION_WEIGHT = 0.02
"""Points for each object that introspection describes."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one field costs: points for itself, points for each object, and how many there may be."""

    weight: float
    object_weight: float = 0.0
    is_list: bool = False
    assumed: int = 1
    slicing: tuple[str, ...] = ()
    sizes_children: bool = False
    is_sized_by_parent: bool = False
    multipliers: tuple[str, ...] = ()
    """Arguments that are lists: the weight is asked for each element of the longest."""


class Prices:
    """The prices of every field by its coordinate."""

    def __init__(self, sdl: str) -> None:
        self._document: DocumentNode = parse(sdl, no_location=True)
        self._known: dict[tuple[str, str], Price] = {}

    def of(self, owner: str, name: str, definition: GraphQLField) -> Price:
        price = self._known.get((owner, name))
        if price is None:
            price = self._known[owner, name] = self._read(owner, name, definition)
        return price

    def _read(self, owner: str, name: str, definition: GraphQLField) -> Price:
        returned = get_named_type(definition.type)
        is_list = is_list_type(get_nullable_type(definition.type))
        if owner.startswith("__") or name.startswith("__"):
            weight = INTROSPECTION_WEIGHT if is_composite_type(returned) else 0.0
            return Price(0.0, weight, is_list, INTROSPECTION_SIZES.get(name, 2) if is_list else 1)
        directives = self._fields.get((owner, name), {})
        object_weight = self._weight_of(returned)
        size, cost = directives.get("listSize", {}), directives.get("cost", {})
        return Price(
            weight=float(cost.get("weight", 0)),
            multipliers=tuple(cost.get("multipliers", ())),
            object_weight=object_weight,
            is_list=is_list,
            assumed=size.get("assumedSize", 1),
            slicing=tuple(size.get("slicingArguments", ())),
            sizes_children="sizedFields" in size,
            is_sized_by_parent=is_list and name in self._sized,
        )

    def _weight_of(self, returned: GraphQLNamedType) -> float:
        """What an object of a type costs: what the SDL says, else a point; a union, what its dearest does."""
        if isinstance(returned, GraphQLUnionType):
            return max(self._weight_of(member) for member in returned.types)
        default = 1.0 if is_composite_type(returned) else 0.0
        return float(self._types.get(returned.name, {}).get("cost", {}).get("weight", default))

    @cached_property
    def _objects(self) -> list[ObjectTypeDefinitionNode]:
        return [node for node in self._document.definitions if isinstance(node, ObjectTypeDefinitionNode)]

    @cached_property
    def _types(self) -> dict[str, dict[str, dict[str, Any]]]:
        return {node.name.value: _applied(node) for node in self._objects}

    @cached_property
    def _fields(self) -> dict[tuple[str, str], dict[str, dict[str, Any]]]:
        return {
            (node.name.value, child.name.value): _applied(child)
            for node in self._objects
            for child in node.fields or ()
        }

    @cached_property
    def _sized(self) -> frozenset[str]:
        """The names of lists that are as long as a page above them."""
        sized = [
            directives.get("listSize", {}).get("sizedFields", ()) for directives in self._fields.values()
        ]
        return frozenset(name for names in sized for name in names)


def _applied(node: ObjectTypeDefinitionNode | FieldDefinitionNode) -> dict[str, dict[str, Any]]:
    """The directives on an element, by name, with their arguments."""
    return {directive.name.value: _arguments(directive) for directive in node.directives or ()}


def _arguments(directive: ConstDirectiveNode) -> dict[str, Any]:
    return {node.name.value: value_from_ast_untyped(node.value) for node in directive.arguments or ()}
