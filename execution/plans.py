"""The plans of one operation, kept on its node in the parsed document so that they live and die together."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from operator import is_

from graphql import (
    DirectiveNode,
    FragmentDefinitionNode,
    Node,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    visit,
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
        deciding = set().union(*(variables_in(node, "skip", "include") for node in (operation, *nodes)))
        plans = vars(operation)[PLANS] = Plans(operation, nodes, tuple(sorted(deciding)))
    return plans


def variables_in(node: Node, *directives: str) -> set[str]:
    """The names of the variables below a node, or of those that directives of these names are given."""
    found = _Variables(directives)
    visit(node, found)
    return found.names


def _same(some: tuple[Node, ...], others: tuple[Node, ...]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))


class _Variables(Visitor):
    def __init__(self, directives: tuple[str, ...]) -> None:
        super().__init__()
        self.directives = directives
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        if not self.directives:
            self.names.add(node.name.value)

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in self.directives:
            values = (argument.value for argument in node.arguments or ())
            self.names.update(value.name.value for value in values if isinstance(value, VariableNode))
