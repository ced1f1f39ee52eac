"""Coercing the variables of an operation that runs again and again.

What is well formed is coerced here, by types that were looked up once; for anything else there is None, and
graphql-core coerces all variables once more, for it alone says what is wrong with them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInputType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import get_variable_values, input_is_nested_too_deeply
from graphql.utilities import coerce_input_value

Coercion = Callable[[Mapping[str, Any]], dict[str, Any] | None]

_AS_THEY_ARE: Mapping[Any, type] = {GraphQLID: str, GraphQLString: str, GraphQLBoolean: bool}
"""Classes whose values are their own coerced values, by type."""


@dataclass(frozen=True, slots=True)
class _Variable:
    name: str
    of_type: GraphQLInputType
    exact: "type | None"
    required: bool
    default: Any


def coercion(schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> Coercion | None:
    """The function that coerces an operation's variables; None where their definitions are not valid."""
    declared = [_declared(schema, node) for node in definitions]
    variables = [variable for variable in declared if variable is not None]
    if len(variables) < len(declared):
        return None

    def coerced(given: Mapping[str, Any]) -> dict[str, Any] | None:
        values: dict[str, Any] = {}
        for variable in variables:
            value = given.get(variable.name, Undefined)
            if value is Undefined:
                if variable.required:
                    return None
                if variable.default is not Undefined:
                    values[variable.name] = variable.default
                continue
            if value.__class__ is not variable.exact:
                value = _coerced(value, variable.of_type)
                if value is Undefined:
                    return None
            values[variable.name] = value
        return values

    return coerced


def _declared(schema: GraphQLSchema, node: VariableDefinitionNode) -> _Variable | None:
    signature = get_variable_signature(schema, node)
    if isinstance(signature, GraphQLError):
        return None
    default = Undefined
    if node.default_value is not None:
        values = get_variable_values(schema, [node], {})
        if isinstance(values, list):
            return None
        default = values.coerced.get(signature.name, Undefined)
    required = is_non_null_type(signature.type) and default is Undefined
    exact = _AS_THEY_ARE.get(get_nullable_type(signature.type))
    return _Variable(signature.name, signature.type, exact, required, default)


def _coerced(value: Any, type_: GraphQLInputType) -> Any:
    """The coerced value; Undefined where there is none."""
    try:
        if input_is_nested_too_deeply(value, type_):
            return Undefined
        return coerce_input_value(value, type_)
    except Exception:  # noqa: BLE001 - whatever it was, graphql-core meets it again and tells
        return Undefined
