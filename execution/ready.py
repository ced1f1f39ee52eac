"""Operations that have run before, ready to run again: what depends on the document alone is kept with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationType,
    get_operation_ast,
)
from graphql.type.directives import GraphQLDisableErrorPropagationDirective

from execution.plan import Plan
from execution.plans import Plans, plans_of
from execution.variables import Coercion, coercion

READY = "portico-ready"
"""The key in a document node's dictionary."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One operation of a document: how its variables are coerced, and its plans."""

    document: DocumentNode
    schema: GraphQLSchema
    coerced: Coercion
    plans: Plans
    serial: bool

    def plan(self, variables: Mapping[str, Any]) -> Plan | None:
        """The plan that was made for variables like these; None where there is none, or none yet."""
        values = [variables.get(name) for name in self.plans.deciding]
        plan = self.plans.known.get((self.schema, self.serial, *values))
        return plan if isinstance(plan, Plan) else None


def ready(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Ready | None:
    """The operation of a name, or the only one; None for what always takes the long way: see `_prepared`."""
    kept: dict[str | None, Ready] = vars(document).setdefault(READY, {})
    known = kept.get(name)
    if known is None or known.document is not document or known.schema is not schema:
        known = _prepared(schema, document, name)
        if known is not None:
            kept[name] = known
    return known


def _prepared(schema: GraphQLSchema, document: DocumentNode, name: str | None) -> Ready | None:
    """A query or mutation whose variables are declared validly and whose errors propagate."""
    operation = get_operation_ast(document, name)
    if operation is None or operation.operation is OperationType.SUBSCRIPTION:
        return None
    if any(
        directive.name.value == GraphQLDisableErrorPropagationDirective.name
        for directive in operation.directives or ()
    ):
        return None
    coerced = coercion(schema, operation.variable_definitions or ())
    if coerced is None:
        return None
    fragments = {
        node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    plans = plans_of(operation, fragments)
    return Ready(document, schema, coerced, plans, operation.operation is OperationType.MUTATION)
