"""Building a plan from a validated operation, or saying why there is none."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from keyword import iskeyword
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    FragmentDetails,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from strawberry.types.field import StrawberryField

from execution.arguments import reader
from execution.batches import STRAWBERRY, Batch, batch_of
from execution.codegen import generate
from execution.plan import (
    Abstract,
    Chosen,
    Leaf,
    ListOf,
    Objects,
    Plan,
    Position,
    Region,
    Selection,
    Shape,
    Step,
)
from execution.plans import plans_of, varies
from execution.selection import Document, selected

MOST_FIELDS = 2_000
"""A document that unfolds to more fields than this costs more to plan than to execute once."""

MOST_DECIDING = 3
"""Booleans that may decide an operation that is planned ahead: eight plans."""


class Unplanned(Exception):
    """The operation goes to the stock executor, for this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Planner:
    """Plans one operation with the variables of the request at hand, of which only booleans matter."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    serial: bool
    ahead: bool = False
    """Whether to generate code at once: the document will be used more than once."""
    planned: int = field(default=0)

    def plan(self) -> Plan:
        """The plan of the operation. Raises Unplanned."""
        root = self.schema.get_root_type(self.operation.operation)
        if root is None:
            raise Unplanned("root type")
        if any(fragment.variable_signatures for fragment in self.fragments.values()):
            raise Unplanned("fragment variables")
        collected = collect_fields(self.schema, self.fragments, self.variables, root, self.operation)
        waiting: list[Selection] = []
        selection = self._selection(root, collected, (), waiting)
        return Plan(self._region(Objects(selection, nullable=False), waiting), self.serial)

    def plan_or_reason(self) -> Plan | str:
        """The plan, or why the stock executor has to do it."""
        try:
            return self.plan()
        except Unplanned as decision:
            return decision.reason
        except RecursionError:
            return "nested too deeply"

    def _region(self, shape: Shape, waiting: list[Selection]) -> Region:
        region = Region(shape, waiting, partial(generate, shape, waiting, self.schema))
        if self.ahead:
            region.complete = region.generate()
        return region

    def _selection(
        self,
        type_: GraphQLObjectType,
        collected: CollectedFields,
        here: tuple[Position, ...],
        waiting: list[Selection],
    ) -> Selection:
        if collected.new_defer_usages:
            raise Unplanned("incremental delivery")
        selection = Selection(type_, positions=here)
        place = len(waiting)
        for key, details in collected.grouped_field_set.items():
            definition = self.schema.get_field(type_, details[0].node.name.value)
            if definition is not None:
                self._field(key, definition, details, selection, waiting)
        if selection.steps:
            waiting.insert(place, selection)
            _mark_repeated(selection.steps)
        return selection

    def _field(
        self,
        key: str,
        definition: GraphQLField,
        details: FieldDetailsList,
        selection: Selection,
        waiting: list[Selection],
    ) -> None:
        self._count(details)
        typename = details[0].node.name.value == "__typename"
        in_series = self.serial and not selection.positions
        attribute = None if typename or in_series else _attribute(definition)
        plain = typename or attribute is not None
        nullable = not is_non_null_type(definition.type)
        here = (*selection.positions, Position(key, selection.type.name, nullable))
        within = waiting if plain else []
        shape = self._shape(definition.type, details, here, within)
        chosen = Chosen(key, selection.type, definition, details, shape, attribute, typename)
        selection.fields.append(chosen)
        if not plain:
            selection.steps.append(self._step(chosen, self._region(shape, within)))

    def _count(self, details: FieldDetailsList) -> None:
        self.planned += 1
        if self.planned > MOST_FIELDS:
            raise Unplanned("too many fields")
        for detail in details:
            name = detail.node.name.value
            if name in ("__schema", "__type"):
                raise Unplanned("introspection")
            if any(directive.name.value == "stream" for directive in detail.node.directives or ()):
                raise Unplanned("incremental delivery")

    def _shape(
        self,
        returned: GraphQLOutputType,
        details: FieldDetailsList,
        here: tuple[Position, ...],
        waiting: list[Selection],
    ) -> Shape:
        nullable = not is_non_null_type(returned)
        named = get_nullable_type(returned)
        if is_list_type(named):
            item = Position(None, None, not is_non_null_type(named.of_type))
            return ListOf(self._shape(named.of_type, details, (*here, item), waiting), nullable)
        if is_leaf_type(named):
            return Leaf(named, nullable)
        if isinstance(named, GraphQLObjectType):
            return Objects(self._below(named, details, here, waiting), nullable)
        assert is_abstract_type(named)  # noqa: S101 - there are no other output types
        selections = {
            possible.name: self._below(possible, details, here, waiting)
            for possible in self.schema.get_possible_types(named)
        }
        return Abstract(named, selections, nullable)

    def _below(
        self,
        type_: GraphQLObjectType,
        details: FieldDetailsList,
        here: tuple[Position, ...],
        waiting: list[Selection],
    ) -> Selection:
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, type_, details
        )
        return self._selection(type_, collected, here, waiting)

    def _step(self, chosen: Chosen, region: Region) -> Step:
        batch = _plannable_batch(chosen.definition, self.schema)
        names = self._selected(chosen) if batch and batch.takes_selection else None
        given = chosen.nodes[0].arguments or ()
        changing = any(varies(argument.value) for argument in given)
        read = reader(self.schema, chosen.definition, given) if batch and changing else None
        return Step(chosen, region, batch, names, changing, read)

    def _selected(self, chosen: Chosen) -> frozenset[str]:
        fragments = {name: fragment.definition for name, fragment in self.fragments.items()}
        variables: Mapping[str, Any] = self.variables.coerced
        return selected(Document(self.schema, fragments, variables), chosen.definition.type, chosen.nodes)


def _attribute(definition: GraphQLField) -> str | None:
    """The attribute that a field reads where Strawberry would do nothing but read it."""
    declared = definition.extensions.get(STRAWBERRY)
    plain = getattr(definition.resolve, "__qualname__", "").endswith("._get_basic_result")
    if declared is None or not plain or declared.default_resolver is not getattr:
        return None
    if type(declared).get_result is not StrawberryField.get_result:
        return None
    name: str = declared.python_name
    return name if name.isidentifier() and not iskeyword(name) else None


def plan_ahead(schema: GraphQLSchema, document: DocumentNode) -> None:
    """Plan every operation of a validated document that few enough booleans decide."""
    definitions = document.definitions
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}
    for operation in definitions:
        if not isinstance(operation, OperationDefinitionNode):
            continue
        plans = plans_of(operation, fragments)
        serial = operation.operation is OperationType.MUTATION
        if len(plans.deciding) > MOST_DECIDING:
            continue
        for values in product((False, True), repeat=len(plans.deciding)):
            variables = VariableValues({}, dict(zip(plans.deciding, values, strict=True)))
            details = {name: FragmentDetails(fragment) for name, fragment in fragments.items()}
            planner = Planner(schema, operation, details, variables, serial, ahead=True)
            plans.of((schema, serial, *values), planner.plan_or_reason)


def _mark_repeated(steps: list[Step]) -> None:
    """Two aliases of one field may ask one question: their function is then reached through a loader."""
    asked = Counter(step.batch.function for step in steps if step.batch is not None)
    for step in steps:
        step.repeated = step.batch is not None and asked[step.batch.function] > 1


def _plannable_batch(definition: GraphQLField, schema: GraphQLSchema) -> Batch | None:
    """The batch behind a field, unless field extensions or exception handlers stand before it."""
    batch = batch_of(definition)
    if batch is None or definition.extensions[STRAWBERRY].extensions:
        return None
    return None if schema.extensions[STRAWBERRY].exception_handlers else batch
