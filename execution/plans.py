"""The plans of one operation, kept on its node in the parsed document so that they live and die together."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    FragmentDefinitionNode,
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

    deciding: tuple[str, ...]
    """The variables that `@skip` and `@include` ask."""
    known: dict[Hashable, Plan | str] = field(default_factory=dict)

    def of(self, key: Hashable, build: Callable[[], Plan | str]) -> Plan | str:
        plan = self.known.get(key)
        if plan is None:
            if len(self.known) >= MOST_PLANS:
                del self.known[next(iter(self.known))]
            plan = self.known[key] = build()
        return plan


def plans_of(operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Plans:
    """The plans kept on an operation of a document with these fragments."""
    plans: Plans | None = vars(operation).get(PLANS)
    if plans is None:
        plans = vars(operation)[PLANS] = Plans(deciding_variables(operation, fragments))
    return plans


def deciding_variables(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """The names of the variables in `@skip` and `@include`, sorted."""
    found = _Deciding()
    roots: Iterable[OperationDefinitionNode | FragmentDefinitionNode] = (operation, *fragments.values())
    for node in roots:
        visit(node, found)
    return tuple(sorted(found.names))


class _Deciding(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in ("skip", "include"):
            values = (argument.value for argument in node.arguments or ())
            self.names.update(value.name.value for value in values if isinstance(value, VariableNode))
