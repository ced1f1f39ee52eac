"""Which names a query selects below a field, so that a batch function reads no more than is asked for."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    VariableNode,
    get_named_type,
)

from execution.batches import STRAWBERRY, batch_of


@dataclass(frozen=True, slots=True)
class Document:
    """The parts of a running operation that decide what is selected."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Mapping[str, Any]


def selected(document: Document, returned: GraphQLOutputType, nodes: Iterable[FieldNode]) -> frozenset[str]:
    """The Python names selected below a field; names below a plain attribute are dotted (`nodes.id`).

    A batched field is named and not entered: it will take the whole record as its parent. Below an
    interface or union the names of all possible types are joined. `__typename` is left out.
    """
    return frozenset(_names(document, get_named_type(returned), nodes))


def selection_of(info: strawberry.Info) -> frozenset[str]:
    """`selected` for a field that the stock executor is resolving, worked out once for all its parents."""
    raw = info._raw_info  # noqa: SLF001  the only way from Strawberry's info to the nodes and fragments
    key = (selection_of, raw.parent_type.name, *map(id, raw.field_nodes))
    known: dict[Hashable, frozenset[str]] = info.context.loaders
    if key not in known:
        known[key] = _selection_of(raw)
    return known[key]


def _selection_of(raw: GraphQLResolveInfo[Any]) -> frozenset[str]:
    variables = cast("Mapping[str, Any]", raw.variable_values)  # Strawberry hands over the plain dictionary
    document = Document(raw.schema, raw.fragments, variables)
    return selected(document, raw.return_type, raw.field_nodes)


def _names(
    document: Document, named: GraphQLNamedType, nodes: Iterable[FieldNode], prefix: str = ""
) -> Iterator[str]:
    for node in nodes:
        below = node.selection_set.selections if node.selection_set else ()
        for owner, chosen in _fields(document, named, below):
            field: GraphQLField | None = getattr(owner, "fields", {}).get(chosen.name.value)
            if field is None:
                continue
            definition = field.extensions.get(STRAWBERRY)
            name = prefix + (definition.python_name if definition else chosen.name.value)
            yield name
            if chosen.selection_set and batch_of(field) is None:
                yield from _names(document, get_named_type(field.type), [chosen], f"{name}.")


def _fields(
    document: Document, named: GraphQLNamedType, selections: Iterable[SelectionNode]
) -> Iterator[tuple[GraphQLNamedType, FieldNode]]:
    """The selected field nodes with the type they are selected on, fragments opened."""
    for node in selections:
        if not included(node, document.variables):
            continue
        if isinstance(node, FieldNode):
            yield named, node
            continue
        if isinstance(node, FragmentSpreadNode):
            fragment: FragmentDefinitionNode | InlineFragmentNode = document.fragments[node.name.value]
        elif isinstance(node, InlineFragmentNode):
            fragment = node
        condition = fragment.type_condition
        inner = document.schema.type_map[condition.name.value] if condition else named
        yield from _fields(document, inner, fragment.selection_set.selections)


def included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """Whether `@skip` and `@include` leave a selection in."""
    for directive in node.directives or ():
        if directive.name.value not in ("skip", "include"):
            continue
        value: Any = directive.arguments[0].value if directive.arguments else None
        given = variables.get(value.name.value) if isinstance(value, VariableNode) else value and value.value
        if bool(given) is (directive.name.value == "skip"):
            return False
    return True
