"""Generating the function that completes a region when everything is as usual.

The generated code reads attributes, checks leaves by their exact class and builds dictionaries in response
order. Whatever is unusual (None in a non-null place, an exception as a value, a leaf that cannot be coerced,
a type that cannot be told by class) raises, and the region is completed again by `execution.careful`, which
knows about errors. Records are frozen, so reading them twice is harmless.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
)
from strawberry.schema.schema_converter import CustomGraphQLEnumType

from execution.plan import Abstract, Completion, Leaf, ListOf, Objects, Selection, Shape
from execution.usual import (
    PLAIN,
    Unusual,
    coerced_leaf,
    enum_names,
    is_plain,
    missing_or_unusual,
    told_by_class,
    unusual,
)
from execution.views import record_of

_EXACT: dict[GraphQLLeafType, str] = {
    GraphQLString: "{0}.__class__ is str",
    GraphQLID: "{0}.__class__ is str",
    GraphQLBoolean: "{0}.__class__ is bool",
    GraphQLInt: "{0}.__class__ is int and -2147483648 <= {0} <= 2147483647",
    GraphQLFloat: "{0}.__class__ is float and {0} - {0} == 0.0",
}
"""When a value is its own response value, by leaf type."""


def generate(shape: Shape, waiting: Sequence[Selection], schema: GraphQLSchema) -> Completion:
    """Compile the completion of values of one shape, whose `waiting` selections go to the sinks."""
    source = _Source(schema, {id(selection): number for number, selection in enumerate(waiting)})
    result = source.value(shape, "v")
    lines = [
        "def complete(values, sinks):",
        *(f"    p{n}, q{n} = sinks[{n}][0].append, sinks[{n}][1].append" for n in range(len(waiting))),
        *source.functions,
        f"    return [{result} for v in values]",
    ]
    exec(compile("\n".join(lines), "<plan>", "exec"), source.scope)  # noqa: S102  its only input is the schema
    completion: Completion = source.scope["complete"]
    return completion


@dataclass(slots=True)
class _Source:
    """The text of a completion and what it refers to."""

    schema: GraphQLSchema
    numbers: dict[int, int]
    functions: list[str] = field(default_factory=list)
    scope: dict[str, Any] = field(
        default_factory=lambda: {
            "PLAIN": PLAIN,
            "Undefined": Undefined,
            "Unusual": Unusual,
            "unusual": unusual,
        }
    )

    def _bound(self, value: object) -> str:
        name = f"c{len(self.scope)}"
        self.scope[name] = value
        return name

    def _function(self, body: list[str]) -> str:
        """Write a function of one argument `o` into the completion; its name."""
        name = f"f{len(self.functions)}"
        self.functions.append("\n        ".join([f"    def {name}(o):", *body]))
        return name

    def value(self, shape: Shape, name: str) -> str:
        """An expression for the response value of the value in variable `name`."""
        if isinstance(shape, Leaf):
            return self._leaf(shape, name)
        if isinstance(shape, ListOf):
            return self._list(shape, name)
        if isinstance(shape, Objects):
            expression = f"{self._selection(shape.selection)}({name})"
        else:
            expression = f"{self._types(shape)}[{name}.__class__]({name})"
        return f"(None if {name} is None else {expression})" if shape.nullable else expression

    def _leaf(self, shape: Leaf, name: str) -> str:
        fallback = f"{self._bound(coerced_leaf(shape))}({name})"
        exact = _EXACT.get(shape.type)
        if exact is not None:
            allowed = f"{name} is None or " if shape.nullable else ""
            return f"({name} if {allowed}{exact.format(name)} else {fallback})"
        if isinstance(shape.type, CustomGraphQLEnumType) and issubclass(shape.type.wrapped_cls, Enum):
            names, enum = self._bound(enum_names(shape.type)), self._bound(shape.type.wrapped_cls)
            return f"({names}[{name}._name_] if {name}.__class__ is {enum} else {fallback})"
        coerced = f"{self._bound(shape.type.coerce_output_value)}({name})"
        checked = f"r if (r := {coerced}) is not None and r is not Undefined else unusual(r)"
        return f"(({checked}) if {name}.__class__ in PLAIN else {fallback})"

    def _list(self, shape: ListOf, name: str) -> str:
        item = f"{name}i"
        completed = f"[{self.value(shape.item, item)} for {item} in {name}]"
        otherwise = self._bound(missing_or_unusual) if shape.nullable else "unusual"
        return (
            f"({completed} if {name}.__class__ is list or {name}.__class__ is tuple else {otherwise}({name}))"
        )

    def _types(self, shape: Abstract) -> str:
        entries = [
            f"{self._bound(record)}: {self._selection(selection)}"
            for record, selection in told_by_class(shape, self.schema)
        ]
        name = f"f{len(self.functions)}"
        self.functions.append(f"    {name} = {{{', '.join(entries)}}}")
        return name

    def _selection(self, selection: Selection) -> str:
        """Write the function that turns one object into its part of the response."""
        reads, entries = [], []
        for number, chosen in enumerate(selection.fields):
            value = "None"  # a step fills it in later: its place in the order is kept
            if chosen.typename:
                value = repr(selection.type.name)
            elif chosen.attribute is not None:
                reads.append(f"v{number} = o.{chosen.attribute}")
                value = self.value(chosen.shape, f"v{number}")
            entries.append(f"{chosen.key!r}: {value}")
        part = f"{{{', '.join(entries)}}}"
        if not selection.steps:
            end = [f"return {part}"]
        else:
            number = self.numbers[id(selection)]
            end = [f"d = {part}", f"p{number}(o)", f"q{number}(d)", "return d"]
        return self._function([*self._check(selection), *reads, *end])

    def _check(self, selection: Selection) -> list[str]:
        """What tells that an object is of the selection's type; the root value is nobody's record."""
        is_type_of = selection.type.is_type_of
        record = record_of(is_type_of)
        if not selection.positions:
            return []
        if record is not None:
            name = self._bound(record)
            return [f"if o.__class__ is not {name} and not isinstance(o, {name}): raise Unusual"]
        if is_type_of is not None:
            return ["raise Unusual"]
        return [f"if not {self._bound(is_plain)}(o.__class__): raise Unusual"]
