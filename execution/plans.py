"""The plans of one operation, kept on its node in the parsed document so that they live and die together."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import is_

from graphql import (
    ExecutableDefinitionNode,
    FragmentDefinitionNode,
    ListValueNode,
    Node,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
)

from execution.plan import Plan

PLANS = "portico-plans"
"""The key in an operation node's dictionary."""

MOST_PLANS = 32
"""Plans kept for one operation: five booleans' worth. The oldest goes first."""


@dataclass(slots=True)
class Plans:
    """The plans of an operation by what decides them; a reason stands for a plan that there is not."""

    operation: OperationDefinitionNode
    fragments: tuple[FragmentDefinitionNode, ...]
    deciding: tuple[str, ...]
    """The variables that `@skip` and `@include` ask, sorted."""
    known: dict[Hashable, Plan | str] = field(default_factory=dict)

    def of(self, key: Hashable, build: Callable[[], Plan | str]) -> Plan | str:
        plan = self.known.get(key)
        if plan is None:
            if len(self.known) >= MOST_PLANS:
                del self.known[next(iter(self.known))]
            plan = self.known[key] = build()
        return plan


def plans_of(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Plans:
    """The plans kept on an operation of a document with these fragments.

    A node that was copied, or a document whose fragments were exchanged, starts anew.
    """
    plans: Plans | None = vars(operation).get(PLANS)
    nodes = tuple(fragments.values())
    if plans is None or plans.operation is not operation or not _same(plans.fragments, nodes):
        deciding = tuple(sorted(deciding_variables((operation, *nodes))))
        plans = vars(operation)[PLANS] = Plans(operation, nodes, deciding)
    return plans


def deciding_variables(definitions: Iterable[ExecutableDefinitionNode]) -> set[str]:
    """The names of the variables that `@skip` and `@include` are given."""
    names: set[str] = set()
    below = [definition.selection_set for definition in definitions]
    while below:
        for selection in below.pop().selections:
            for directive in selection.directives or ():
                if directive.name.value in ("skip", "include"):
                    values = (argument.value for argument in directive.arguments or ())
                    names.update(value.name.value for value in values if isinstance(value, VariableNode))
            inner = getattr(selection, "selection_set", None)
            if inner is not None:
                below.append(inner)
    return names


def varies(value: ValueNode) -> bool:
    """Whether a variable is anywhere in a literal."""
    if isinstance(value, ListValueNode):
        return any(map(varies, value.values))
    if isinstance(value, ObjectValueNode):
        return any(varies(field.value) for field in value.fields)
    return isinstance(value, VariableNode)


def _same(some: tuple[Node, ...], others: tuple[Node, ...]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))
