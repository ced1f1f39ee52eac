"""What the contract says of cost: `@cost` and `@listSize`, as the IBM cost specification draws them.

An object costs a point and a field nothing beyond it; the SDL says where that is not so, and how long a list
may be. Objects embedded in a record that was read anyway cost nothing; a call to a remote costs its field.
"""

from collections.abc import Iterable
from typing import cast

from graphql import (
    ConstDirectiveNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    parse_const_value,
)
from graphql.language import ConstArgumentNode, NameNode

from execution.batches import Scope, batch_of

DEFINITIONS = '''
"""
What an object of this type, or a value of this field, costs in points; a field, as often as the longest list
among its multipliers has elements, and at least once.
"""
directive @cost(weight: String!, multipliers: [String!]) on OBJECT | FIELD_DEFINITION

"""How long a list is taken to be before it is read: what a slicing argument says, else the size assumed."""
directive @listSize(
  assumedSize: Int, slicingArguments: [String!], sizedFields: [String!],
  requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
'''

PAGE = 20
"""A page without first or last."""
LIST = 5
"""Any other list of objects below one parent."""
CATALOG = 50
MUTATION_WEIGHT = 10
COUNT_WEIGHT = 1

PAGES = ("Connection", "Feed")
"""How the names of types end that hold one page of a list."""

_SIZES = {"catalog": CATALOG}
_SLICED_BY_LIST = {"nodes": "ids"}


def type_directives(schema: GraphQLSchema, named: GraphQLNamedType) -> list[ConstDirectiveNode]:
    """`@cost` for an object type that is only ever embedded in the record of another."""
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    if not isinstance(named, GraphQLObjectType) or named in roots or named.name in _read(schema):
        return []
    return [directive("cost", weight='"0"')]


def field_directives(schema: GraphQLSchema, owner: GraphQLNamedType, name: str) -> list[ConstDirectiveNode]:
    """The directives of a field of an object type."""
    field: GraphQLField = getattr(owner, "fields", {})[name]
    found = []
    weight = _weight(schema, owner, field)
    if weight is not None:
        lists = _lists_handed_in(field) if owner is schema.mutation_type else ()
        given = {"multipliers": _texts(lists)} if lists else {}
        found.append(directive("cost", weight=f'"{weight}"', **given))
    if _is_connection(field):
        found.append(
            directive(
                "listSize",
                assumedSize=str(PAGE),
                slicingArguments=_slicing_arguments(field),
                sizedFields=_sized_fields(field),
                requireOneSlicingArgument="false",
            )
        )
    elif _is_list_of_objects(field) and not owner.name.endswith(PAGES):
        sliced = _SLICED_BY_LIST.get(name) if owner is schema.query_type else None
        given = {"slicingArguments": f'["{sliced}"]'} if sliced else {}
        assumed = str(_SIZES.get(name, LIST))
        found.append(directive("listSize", assumedSize=assumed, **given, requireOneSlicingArgument="false"))
    return found


def _weight(schema: GraphQLSchema, owner: GraphQLNamedType, field: GraphQLField) -> int | None:
    batch = batch_of(field)
    if batch is not None and batch.cost is not None:
        return batch.cost
    if owner is schema.mutation_type:
        return MUTATION_WEIGHT
    if batch is None:
        return None
    if _is_connection(field):
        return 1
    return None if is_composite_type(get_named_type(field.type)) else COUNT_WEIGHT


def _read(schema: GraphQLSchema) -> set[str]:
    """The names of types whose objects are read for themselves: behind a batched field, or in a page."""
    found: set[str] = set()
    for owner in schema.type_map.values():
        for field in getattr(owner, "fields", {}).values():
            if not isinstance(owner, GraphQLObjectType) or (batch := batch_of(field)) is None:
                continue
            if batch.scope is Scope.PARENT or batch.cost is not None or owner is schema.mutation_type:
                continue
            named = get_named_type(field.type)
            if _is_connection(field):
                nodes: GraphQLField = cast("GraphQLObjectType", named).fields["nodes"]
                named = get_named_type(nodes.type)
            found |= {named.name, *(each.name for each in _possible(schema, named))}
    return found


def _possible(schema: GraphQLSchema, named: GraphQLNamedType) -> list[GraphQLObjectType]:
    return list(schema.get_possible_types(named)) if is_abstract_type(named) else []


def _is_connection(field: GraphQLField) -> bool:
    return get_named_type(field.type).name.endswith(PAGES)


def _sized_fields(field: GraphQLField) -> str:
    """The lists of a page that are as long as it is."""
    page = cast("GraphQLObjectType", get_named_type(field.type))
    return _texts(name for name in ("edges", "nodes") if name in page.fields)


def _slicing_arguments(field: GraphQLField) -> str:
    return _texts(name for name in ("first", "last") if name in field.args)


def _lists_handed_in(field: GraphQLField) -> list[str]:
    """The arguments of a mutation that are lists: it does its work for each of their elements."""
    return [name for name, argument in field.args.items() if is_list_type(get_nullable_type(argument.type))]


def _texts(names: Iterable[str]) -> str:
    """Names as a GraphQL list of strings."""
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _is_list_of_objects(field: GraphQLField) -> bool:
    return is_list_type(get_nullable_type(field.type)) and is_composite_type(get_named_type(field.type))


def directive(name: str, **arguments: str) -> ConstDirectiveNode:
    """A directive as it is applied, its arguments as GraphQL writes them."""
    return ConstDirectiveNode(
        name=NameNode(value=name),
        arguments=tuple(
            ConstArgumentNode(name=NameNode(value=argument), value=parse_const_value(value))
            for argument, value in arguments.items()
        ),
    )
