"""The schema, and its printed form."""

from dataclasses import replace
from functools import cache
from typing import TypeVar

import strawberry
from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    Node,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from execution.executor import PlannedExecutor
from schema import access, limits
from schema.customers import Customer
from schema.licenses import License, Subscription
from schema.mutation import Mutation
from schema.orders import Order
from schema.partners import Partner
from schema.query import Query
from schema.scalars import SEQUENCE, Sequence
from schema.subscription import Stream
from schema.webhooks import WebhookDelivery, WebhookEndpoint

NODES = [Order, Customer, License, Subscription, Partner, WebhookEndpoint, WebhookDelivery]
"""Types that are reached through the Node interface alone in some documents."""

Named = TypeVar("Named", bound=Node)


@cache
def schema(*, planned: bool = True) -> strawberry.Schema:
    """The schema, run by plan; or by the stock executor, which tests and benches hold the plan to."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Stream,
        types=NODES,
        execution_context_class=PlannedExecutor if planned else StrawberryGraphQLCoreExecutionContext,
        config=StrawberryConfig(
            disable_field_suggestions=True,
            enable_experimental_incremental_execution=True,
            scalar_map={Sequence: SEQUENCE},
        ),
    )


@cache
def printed() -> str:
    """The contract as SDL, sorted and with its costs and access; what `schema/schema.graphql` must equal."""
    return priced_sdl(schema())


def priced_sdl(declared: strawberry.Schema) -> str:
    """A schema as SDL: sorted, so that a change shows, with `@access`, `@cost` and `@listSize`."""
    written = parse(declared.as_str(), no_location=True)
    definitions = (
        *written.definitions,
        *parse(limits.DEFINITIONS + access.DEFINITIONS, no_location=True).definitions,
    )
    core: GraphQLSchema = declared._schema  # noqa: SLF001  Strawberry has no public name for it
    arranged = [_arranged(core, node) for node in definitions]
    return print_ast(DocumentNode(definitions=tuple(sorted(arranged, key=_place)))) + "\n"


def _arranged(core: GraphQLSchema, node: DefinitionNode) -> DefinitionNode:
    """A definition with its members by name, and the directives of its cost and access."""
    if isinstance(node, ObjectTypeDefinitionNode):
        named = core.type_map[node.name.value]
        fields = tuple(_priced(core, named, field) for field in node.fields or ())
        directives = (*(node.directives or ()), *limits.type_directives(core, named))
        node = replace(node, fields=fields, directives=directives)
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        fields = tuple(replace(field, arguments=_by_name(field.arguments)) for field in node.fields or ())
        return replace(node, fields=_by_name(fields), interfaces=_by_name(node.interfaces))
    if isinstance(node, InputObjectTypeDefinitionNode):
        return replace(node, fields=_by_name(node.fields))
    if isinstance(node, EnumTypeDefinitionNode):
        return replace(node, values=_by_name(node.values))
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, types=_by_name(node.types))
    return node


def _priced(core: GraphQLSchema, owner: GraphQLNamedType, field: FieldDefinitionNode) -> FieldDefinitionNode:
    declared: GraphQLField = getattr(owner, "fields", {})[field.name.value]
    added = (*access.field_directives(declared), *limits.field_directives(core, owner, field.name.value))
    return replace(field, directives=(*(field.directives or ()), *added))


def _by_name(nodes: tuple[Named, ...] | None) -> tuple[Named, ...]:
    return tuple(sorted(nodes or (), key=lambda node: node.name.value))  # type: ignore[attr-defined]


def _place(node: DefinitionNode) -> tuple[str, str]:
    """The schema first, then directives, then types by name."""
    kind = {"schema_definition": "0", "directive_definition": "1"}.get(node.kind, "2")
    name = getattr(node, "name", None)
    return kind, name.value if name else ""
