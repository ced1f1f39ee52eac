"""Documents as the edge keeps them: within the limits, validated, and each operation priced, once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    validate,
    visit,
)

from edge import limits
from edge.cost import Cost, cost_of
from edge.errors import MOST_ERRORS, Code, RequestRefused
from edge.prices import Prices
from execution.documents import RULES, Document, Documents

CAPACITY = 300
"""Documents kept beside the persisted ones: at the size limit each takes about 600 KB."""

_REMOVAL = re.compile(r"Removal on (\d{4}-\d{2}-\d{2})\.")


@dataclass(frozen=True, slots=True)
class Deprecation:
    """A deprecated element that a document uses. `removal` is a UTC date, where the reason names one."""

    coordinate: str
    reason: str
    removal: date | None

    def shown(self) -> dict[str, Any]:
        removal = self.removal.isoformat() if self.removal else None
        return {"coordinate": self.coordinate, "reason": self.reason, "removalDate": removal}


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation of a valid document, and what the edge knows of it before it runs."""

    document: DocumentNode
    node: OperationDefinitionNode
    cost: Cost
    introspects: bool
    is_incremental: bool
    deprecations: tuple[Deprecation, ...] = ()
    only_introspects: bool = False
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> OperationType:
        return self.node.operation

    @property
    def root_fields(self) -> list[str]:
        """The names of its root fields; "" for a fragment, which may hold any."""
        selections = self.node.selection_set.selections
        return [node.name.value if isinstance(node, FieldNode) else "" for node in selections]


class EdgeDocuments(Documents):
    """The document cache, with the limits before validation and the cost after it."""

    def __init__(self, schema: GraphQLSchema, prices: Prices, *, capacity: int = CAPACITY) -> None:
        super().__init__(schema, rules=RULES, most_errors=MOST_ERRORS, capacity=capacity)
        self._prices = prices

    def operation(self, document: Document, name: str | None) -> Operation:
        """The operation of a document that a request means. Raises RequestRefused."""
        if document.errors:
            raise RequestRefused(Code.GRAPHQL_VALIDATION_FAILED, "", errors=document.errors)
        operations: Mapping[str, Operation] = document.notes["operations"]
        if name is None and len(operations) == 1:
            return next(iter(operations.values()))
        chosen = operations.get(name or "")
        if chosen is None:
            message = "Name the operation to run." if name is None else f"There is no operation {name[:100]}."
            raise RequestRefused(Code.OPERATION_RESOLUTION_FAILURE, message)
        return chosen

    def _read(self, digest: str, text: str) -> Document:
        node = limits.parsed(text)
        errors = validate(self.schema, node, self.rules, self.most_errors, hide_suggestions=True)
        document = Document(digest, node, errors)
        if not errors:
            document.notes["operations"] = dict(self._operations(node))
        return document

    def _operations(self, document: DocumentNode) -> Iterator[tuple[str, Operation]]:
        deprecations = tuple(_deprecations(self.schema, document))
        found = [type(node) for node in document.definitions]
        fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        below = [node for definition in document.definitions for node in limits.nodes_below(definition)]
        introspects = any(isinstance(node, FieldNode) and node.name.value in _INTROSPECTION for node in below)
        incremental = any(
            isinstance(node, DirectiveNode) and node.name.value in _INCREMENTAL for node in below
        )
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                cost = cost_of(self.schema, self._prices, node, fragments)
                name = node.name.value if node.name else ""
                alone = found.count(OperationDefinitionNode) == 1
                told = deprecations if alone else ()
                only = alone and introspects and _only_introspects(node)
                yield name, Operation(document, node, cost, introspects, incremental, told, only)


_INTROSPECTION = frozenset({"__schema", "__type"})
_INCREMENTAL = frozenset({"defer", "stream"})


def _only_introspects(operation: OperationDefinitionNode) -> bool:
    """Whether an operation asks for the schema and nothing else, by no variables."""
    return not operation.variable_definitions and all(
        isinstance(node, FieldNode) and node.name.value in {*_INTROSPECTION, "__typename"}
        for node in operation.selection_set.selections
    )


class _Uses(Visitor):
    """The deprecated fields, arguments, input fields and enum values that a document names."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.found: dict[str, str] = {}

    def _note(self, coordinate: str, element: Any) -> None:
        if element is not None and element.deprecation_reason is not None:
            self.found[coordinate] = element.deprecation_reason

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        owner = self.info.get_parent_type()
        self._note(f"{owner and owner.name}.{node.name.value}", self.info.get_field_def())

    def enter_argument(self, node: Any, *_: Any) -> None:
        owner, field_node = self.info.get_parent_type(), self.info.get_field_def()
        if owner is None or field_node is None or self.info.get_directive() is not None:
            return
        name = next((name for name, each in owner.fields.items() if each is field_node), "")  # type: ignore[union-attr]
        self._note(f"{owner.name}.{name}({node.name.value}:)", self.info.get_argument())

    def enter_object_field(self, node: Any, *_: Any) -> None:
        owner = self.info.get_parent_input_type()
        if owner is not None:
            named = get_named_type(owner)
            self._note(f"{named.name}.{node.name.value}", getattr(named, "fields", {}).get(node.name.value))

    def enter_enum_value(self, node: Any, *_: Any) -> None:
        owner = self.info.get_input_type()
        if owner is not None:
            self._note(f"{get_named_type(owner).name}.{node.value}", self.info.get_enum_value())


def _deprecations(schema: GraphQLSchema, document: DocumentNode) -> Iterator[Deprecation]:
    info = TypeInfo(schema)
    uses = _Uses(info)
    visit(document, TypeInfoVisitor(info, uses))
    for coordinate, reason in sorted(uses.found.items()):
        removal = _REMOVAL.search(reason)
        yield Deprecation(coordinate, reason, date.fromisoformat(removal[1]) if removal else None)
