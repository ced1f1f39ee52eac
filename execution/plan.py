"""What a plan consists of. It is built once per document, operation and set of `@skip`/`@include` booleans.

A plan is a tree of regions. A region is the part of the response that is completed without waiting: from the
root value, or from the answers of one step, down to the fields that need work. Those fields are the region's
steps: each is resolved once for all objects of its selection, and its answers are the values of a region.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
)
from graphql.execution.collect_fields import FieldDetailsList

from execution.batches import Batch


@dataclass(slots=True, eq=False)
class Leaf:
    """A scalar or an enum."""

    type: GraphQLLeafType
    nullable: bool


@dataclass(slots=True, eq=False)
class ListOf:
    """A list, perhaps of lists."""

    item: "Shape"
    nullable: bool


@dataclass(slots=True, eq=False)
class Objects:
    """An object of a type known beforehand."""

    selection: "Selection"
    nullable: bool


@dataclass(slots=True, eq=False)
class Abstract:
    """An object behind an interface or a union, with a selection for each type that it may turn out to be."""

    type: GraphQLAbstractType
    selections: "dict[str, Selection]"
    nullable: bool


Shape: TypeAlias = Leaf | ListOf | Objects | Abstract


@dataclass(frozen=True, slots=True)
class Position:
    """One step of a response path: a key of an object of type `owner`, or any index where `owner` is None."""

    key: str | None
    owner: str | None
    nullable: bool


@dataclass(slots=True, eq=False)
class Chosen:
    """A field of a selection: merged nodes under one response key, on one object type."""

    key: str
    owner: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList
    shape: Shape
    attribute: str | None = None
    """The attribute of the record that is the field's value, where no work is needed."""
    typename: bool = False

    @property
    def nodes(self) -> list[FieldNode]:
        return [detail.node for detail in self.details]


@dataclass(slots=True, eq=False)
class Step:
    """A field that needs work: one call of a batch function, or one call of a resolver for each parent."""

    chosen: Chosen
    region: "Region"
    batch: Batch | None
    selected: frozenset[str] | None = None
    """What the batch function is told of the selection, where it asks."""
    varies: bool = True
    """Whether a variable is among the arguments."""
    read: Callable[[Mapping[str, Any]], dict[str, Any] | None] | None = None
    """The arguments by the variables, as far as they were worked out beforehand (`execution.arguments`)."""
    repeated: bool = False
    """Whether another field of the selection asks the same function, perhaps with the same arguments."""
    constants: dict[str, Any] | None = None
    """The arguments, once known, where no variable and no mutable value is among them."""


@dataclass(slots=True, eq=False)
class Selection:
    """What is selected on one object type at one place of the response."""

    type: GraphQLObjectType
    fields: list[Chosen] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    positions: tuple[Position, ...] = ()
    """Where its objects stand in the response."""


Sinks: TypeAlias = list[tuple[list[Any], list[dict[str, Any]]]]
"""For each selection of a region that has steps: its objects and their part of the response, in order."""


Completion: TypeAlias = Callable[[Sequence[Any], Sinks], list[Any]]
"""Generated code: the response values for some values, or an exception where anything is unusual."""


@dataclass(slots=True, eq=False)
class Region:
    """A part of the response that is completed in one go from a list of values of one shape."""

    shape: Shape
    waiting: list[Selection]
    """The selections that have steps, in document order."""
    generate: Callable[[], Completion]
    complete: Completion | None = None
    used: bool = False

    def use(self) -> None:
        """Generate the code on the second use: compiling costs more than completing carefully once."""
        if self.used and self.complete is None:
            self.complete = self.generate()
        self.used = True

    def sinks(self) -> Sinks:
        return [([], []) for _ in self.waiting]


@dataclass(slots=True, eq=False)
class Plan:
    """How one operation is executed."""

    root: Region
    serial: bool
    """Whether root fields run one after the other, as in a mutation."""
