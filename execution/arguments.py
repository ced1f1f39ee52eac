"""Arguments that name variables, as Python values: what can be known of them beforehand is worked out once.

A reader is made for a field of a document. It holds as long as every variable that is named has a value other
than null: what a missing one or a null does to an argument, graphql-core and Strawberry say each time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from typing import Any

from graphql import (
    ArgumentNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_leaf_type,
)
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal
from strawberry import Some
from strawberry.types.arguments import convert_argument
from strawberry.types.base import StrawberryMaybe, StrawberryOptional
from strawberry.types.lazy_type import LazyType

from execution.batches import STRAWBERRY

Variables = Mapping[str, Any]
Read = Callable[[Variables], Any]


class _Unforeseen(Exception):
    """There is no reader: the arguments are worked out each time."""


def reader(schema: GraphQLSchema, field: GraphQLField, nodes: Sequence[ArgumentNode]) -> Read | None:
    """The function from coerced variables to a field's arguments; it answers None where it does not hold.

    None where the arguments need more than this knows of.
    """
    given = {node.name.value: node.value for node in nodes}
    try:
        reads = _Reads(schema).arguments(field, given)
    except Exception:  # noqa: BLE001 - what is wrong with an argument is told when it is asked for
        return None
    names = sorted(set().union(*map(_named, given.values())))

    def read(variables: Variables) -> dict[str, Any] | None:
        for name in names:
            if variables.get(name) is None:
                return None
        return {name: one(variables) for name, one in reads}

    return read


class _Reads:
    """Readers of values in one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        strawberry = schema.extensions[STRAWBERRY]
        self._config = strawberry.config
        self._registry = strawberry.schema_converter.scalar_registry

    def arguments(self, field: GraphQLField, given: Mapping[str, ValueNode]) -> list[tuple[str, Read]]:
        """How each argument is read, by its Python name, where it is given or has a default."""
        reads = []
        for declared in field.extensions[STRAWBERRY].arguments:
            name = self._config.name_converter.from_argument(declared)
            read = self._input(field.args[name], declared.type, given.get(name), (name,))
            if read is not None:
                reads.append((declared.python_name, read))
        return reads

    def _input(
        self,
        declared: GraphQLArgument | GraphQLInputField,
        type_: Any,
        node: ValueNode | None,
        path: tuple[str, ...],
    ) -> Read | None:
        if node is not None:
            return self._value(declared.type, type_, node, path)
        default = coerce_default_value(declared)
        return None if default is Undefined else self._constant(default, type_, path)

    def _value(self, type_: GraphQLInputType, python: Any, node: ValueNode, path: tuple[str, ...]) -> Read:
        if isinstance(node, VariableNode):
            return self._variable(type_, python, node.name.value, path)
        if not _named(node):
            value = coerce_input_literal(node, type_)
            if value is Undefined:
                raise _Unforeseen
            return self._constant(value, python, path)
        named = get_nullable_type(type_)
        if isinstance(node, ObjectValueNode) and isinstance(named, GraphQLInputObjectType):
            return self._object(named, python, node, path)
        raise _Unforeseen

    def _constant(self, value: Any, python: Any, path: tuple[str, ...]) -> Read:
        def read(_variables: Variables) -> Any:
            return convert_argument(value, python, self._registry, self._config, path=path)

        if isinstance(value, dict | list):
            return read  # each request gets an object of its own
        converted = read({})
        return lambda _variables: converted

    def _variable(self, type_: GraphQLInputType, python: Any, name: str, path: tuple[str, ...]) -> Read:
        if not is_leaf_type(get_nullable_type(type_)):
            return lambda variables: convert_argument(
                variables[name], python, self._registry, self._config, path=path
            )
        if isinstance(python, StrawberryMaybe) and not isinstance(python.of_type, StrawberryOptional):
            return lambda variables: Some(variables[name])
        if isinstance(python, StrawberryMaybe):
            raise _Unforeseen
        return lambda variables: variables[name]

    def _object(
        self, type_: GraphQLInputObjectType, python: Any, node: ObjectValueNode, path: tuple[str, ...]
    ) -> Read:
        """How an object literal with variables in it becomes an instance of its input class."""
        wrapped = isinstance(python, StrawberryMaybe)
        while isinstance(python, StrawberryOptional | LazyType):
            python = python.of_type if isinstance(python, StrawberryOptional) else python.resolve_type()
        definition = python.__strawberry_definition__
        if definition.from_input is not None:
            raise _Unforeseen
        given = {one.name.value: one.value for one in node.fields}
        absent: dict[str, Any] = {}
        reads: list[tuple[str, Read]] = []
        for field in definition.fields:
            name = self._config.name_converter.from_field(field)
            declared = field.resolve_type(type_definition=definition)
            read = self._input(type_.fields[name], declared, given.get(name), (*path, name))
            if read is not None:
                reads.append((field.python_name, read))
            elif field.default_value is MISSING and field.default_factory is MISSING:
                absent[field.python_name] = None

        def made(variables: Variables) -> Any:
            return python(**absent, **{name: read(variables) for name, read in reads})

        return (lambda variables: Some(made(variables))) if wrapped else made


def _named(value: ValueNode) -> set[str]:
    """The variables anywhere in a literal."""
    if isinstance(value, VariableNode):
        return {value.name.value}
    below = getattr(value, "values", None) or [one.value for one in getattr(value, "fields", ())]
    return set().union(*map(_named, below))
