"""What an operation costs: computed from the published `@cost` and `@listSize`, before anything is executed.

An operation is compiled once with its document into a small tree that multiplies by page sizes; a request
only puts its variables in. Selections are merged exactly as the executor merges them, each merged set is
compiled once, and the whole compilation has a budget.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from commerce.paging import MOST_PER_PAGE
from edge.errors import Code, RequestRefused
from edge.prices import Prices
from execution.batches import Scope, batch_of

MOST_COST = 2_000.0
"""Points that one operation may cost."""
MOST_READS = 15
"""Fields of one operation that reach for data: each is a statement or a call."""
MOST_STEPS = 4_000
"""Fields looked at to price one operation; every document within the limits stays far below."""

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How many objects a list holds: the largest argument given of some, or a figure assumed."""

    arguments: tuple[ValueNode, ...]
    assumed: int
    defaults: Mapping[str, ValueNode | None]

    def of(self, variables: Variables) -> int:
        sizes = [size for node in self.arguments if (size := self._read(node, variables)) is not None]
        return min(max(sizes), MOST_PER_PAGE) if sizes else self.assumed

    def _read(self, node: ValueNode | None, variables: Variables) -> int | None:
        if isinstance(node, VariableNode):
            name = node.name.value
            if name not in variables:
                return self._read(self.defaults.get(name), {})
            value = variables[name]
            if isinstance(value, list):
                return len(value)
            return value if isinstance(value, int) and value > 0 else None
        if isinstance(node, IntValueNode):
            return int(node.value[:6]) if not node.value.startswith("-") else None
        return len(node.values) if isinstance(node, ListValueNode) else None


@dataclass(slots=True)
class Cost:
    """What one object of a selection costs: its own points, and those of what lies below it."""

    own: float = 0.0
    parts: list["Part"] = field(default_factory=list)
    reads: int = 0
    handed: list[tuple[float, Size]] = field(default_factory=list)
    """Points for each element of the lists that are handed in."""

    def requested(self, variables: Variables, known: dict[int, float] | None = None) -> float:
        """The points if every list is as long as it may be."""
        known = {} if known is None else known
        points = known.get(id(self))
        if points is None:
            points = self.own + self.handed_in(variables)
            points += sum(
                part.size.of(variables) * (part.weight + part.below.requested(variables, known))
                for part in self.parts
            )
            known[id(self)] = points
        return points

    def handed_in(self, variables: Variables) -> float:
        """The points for what an operation is given to do, whatever it answers."""
        return sum([weight * max(1, size.of(variables)) for weight, size in self.handed])

    def actual(self, data: Any) -> float:
        """The points by the lists that were in fact returned."""
        return self._of([data]) if isinstance(data, dict) else 0.0

    def _of(self, objects: list[dict[str, Any]]) -> float:
        """The points of all objects that stand at one place of the response."""
        return self.own * len(objects) + sum([part.actual(objects) for part in self.parts])


@dataclass(frozen=True, slots=True)
class Part:
    """A list below an object, by the response keys that lead to it."""

    path: tuple[str, ...]
    size: Size
    weight: float
    below: Cost

    def actual(self, objects: list[dict[str, Any]]) -> float:
        """The points of the lists below some objects."""
        *above, last = self.path
        for key in above:
            objects = [found for each in objects if isinstance(found := each.get(key), dict)]
        lists = [found for each in objects if isinstance(found := each.get(last), list)]
        if not self.below.parts:
            return (self.weight + self.below.own) * sum(map(len, lists))
        items = [item for some in lists for item in some if isinstance(item, dict)]
        return self.weight * len(items) + self.below._of(items)  # noqa: SLF001  they are priced together


def requested_points(cost: Cost, variables: Variables) -> int:
    """What the operation may cost at most with these variables. Raises RequestRefused above the limit."""
    points = math.ceil(cost.requested(variables))
    if points > MOST_COST:
        message = f"This may cost {points:,} points; one operation may cost {MOST_COST:,.0f}. Ask for less."
        also = {"cost": points, "limit": int(MOST_COST)}
        raise RequestRefused(Code.COST_LIMIT_EXCEEDED, message, also=also)
    return points


def cost_of(
    schema: GraphQLSchema,
    prices: Prices,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
) -> Cost:
    """The cost of a validated operation. Raises RequestRefused where it reaches for too much."""
    root = {
        OperationType.QUERY: schema.query_type,
        OperationType.MUTATION: schema.mutation_type,
        OperationType.SUBSCRIPTION: schema.subscription_type,
    }[operation.operation]
    assert root is not None  # noqa: S101  the document is valid
    defaults = {node.variable.name.value: node.default_value for node in operation.variable_definitions or ()}
    cost = _Compiler(schema, prices, fragments, defaults).selection(root, [operation.selection_set], None)
    if cost.reads > MOST_READS:
        message = f"This reaches for data in {cost.reads} fields; one operation may in {MOST_READS}."
        raise RequestRefused(Code.DOCUMENT_TOO_COMPLEX, message, also={"limit": MOST_READS})
    return cost


@dataclass(slots=True)
class _Compiler:
    schema: GraphQLSchema
    prices: Prices
    fragments: Mapping[str, FragmentDefinitionNode]
    defaults: Mapping[str, ValueNode | None]
    known: dict[tuple[str, frozenset[int], int], Cost] = field(default_factory=dict)
    steps: int = 0

    def selection(self, owner: GraphQLNamedType, sets: Sequence[SelectionSetNode], page: Size | None) -> Cost:
        """The cost of an object of a type, whose selections are merged; `page` sizes its edges and nodes."""
        key = (owner.name, frozenset(map(id, sets)), id(page))
        cost = self.known.get(key)
        if cost is None:
            cost = self.known[key] = Cost()
            if is_abstract_type(owner):
                self._dearest(cost, [
                    self.selection(possible, sets, page) for possible in self.schema.get_possible_types(owner)
                ])  # fmt: skip
            elif isinstance(owner, GraphQLObjectType):
                for response_key, nodes in self._collected(owner, sets).items():
                    self._add(cost, owner, response_key, nodes, page)
        return cost

    def _dearest(self, cost: Cost, possible: Sequence[Cost]) -> None:
        """An object of an abstract type costs what its dearest type does; all of its types may be read."""
        dearest = max(possible, key=lambda each: each.requested({}), default=cost)
        cost.own, cost.parts = dearest.own, dearest.parts
        cost.reads = sum(each.reads for each in possible)

    def _add(
        self, cost: Cost, owner: GraphQLObjectType, key: str, nodes: list[FieldNode], page: Size | None
    ) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise RequestRefused(Code.DOCUMENT_TOO_COMPLEX, "This document combines too many fragments.")
        name = nodes[0].name.value
        definition = self.schema.get_field(owner, name)
        assert definition is not None  # noqa: S101  the document is valid
        price = self.prices.of(owner.name, name, definition)
        batch = batch_of(definition)
        cost.reads += batch is not None and (batch.scope is not Scope.PARENT or bool(batch.cost))
        named = get_named_type(definition.type)
        size = self._size(price.slicing, price.assumed, nodes[0])
        inherited = page if price.is_sized_by_parent else None
        if price.multipliers:
            cost.handed.append((price.weight, self._size(price.multipliers, price.assumed, nodes[0])))
        else:
            cost.own += price.weight
        if not is_composite_type(named):
            return
        sets = [node.selection_set for node in nodes if node.selection_set]
        below = self.selection(named, sets, size if price.sizes_children else None)
        cost.reads += below.reads
        length = inherited or (size if price.is_list else None)
        if length is not None:
            cost.parts.append(Part((key,), length, price.object_weight, below))
            return
        cost.own += price.object_weight + below.own
        cost.parts.extend(Part((key, *part.path), part.size, part.weight, part.below) for part in below.parts)

    def _size(self, names: Sequence[str], assumed: int, node: FieldNode) -> Size:
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        wanted = tuple(given[name] for name in names if name in given)
        return Size(wanted, assumed, self.defaults)

    def _collected(
        self, owner: GraphQLObjectType, sets: Sequence[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """The fields selected on an object type, by response key, as the executor collects them."""
        fields: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()

        def collect(selections: Iterable[Any]) -> None:
            for node in selections:
                if isinstance(node, FieldNode):
                    fields.setdefault((node.alias or node.name).value, []).append(node)
                elif isinstance(node, InlineFragmentNode):
                    if self._applies(node, owner):
                        collect(node.selection_set.selections)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                    visited.add(node.name.value)
                    fragment = self.fragments[node.name.value]
                    if self._applies(fragment, owner):
                        collect(fragment.selection_set.selections)

        for selection_set in sets:
            collect(selection_set.selections)
        return fields

    def _applies(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, owner: GraphQLObjectType
    ) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == owner.name:
            return True
        named = self.schema.type_map[condition.name.value]
        return is_abstract_type(named) and self.schema.is_sub_type(named, owner)
