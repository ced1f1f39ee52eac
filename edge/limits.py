"""What a document may be, checked before it is validated, each check in one pass over text or tree.

The figures are published in `docs/partners/graphql.md`. Nothing here grows faster than the document: what a
fragment holds is measured once, however often it is spread.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
)

from edge.errors import Code, RequestRefused
from edge.requests import NO_NUL

MOST_CHARACTERS = 15_000
MOST_TOKENS = 1_500
MOST_NESTING = 64
"""Brackets within brackets of any kind: what keeps parsing from running out of stack."""
MOST_DEPTH = 12
"""Fields within fields. Introspection has its own limit, graphql-core's."""
MOST_ALIASES = 30
MOST_DIRECTIVES = 50
MOST_SPREADS = 60
MOST_COMPARISONS = 5_000
"""The squares of how often each name is selected, added up: validation compares like with like."""
MOST_DIGITS = 40
"""Digits of a number: Python takes a long time over very long ones, and refuses the longest."""
MOST_MUTATIONS = 5
MOST_OPERATIONS = 10

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u(?:0{4}|\{0+\})")
"""U+0000 as a literal may write it."""
_MARKS = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|#[^\n]*|([{(\[])|([})\]])|(\d{41,})', re.DOTALL
)
"""Strings and comments, to be passed over; brackets that open, brackets that close, and long numbers."""


def parsed(text: str) -> DocumentNode:
    """The document of a text that is within every limit. Raises RequestRefused and GraphQLSyntaxError."""
    if len(text) > MOST_CHARACTERS:
        raise _too_large("characters", len(text), MOST_CHARACTERS)
    _check_text(text)
    try:
        document = parse(text, max_lexical_tokens=MOST_TOKENS, allow_empty_selection_sets=False)
    except GraphQLError as error:
        if "tokens" in error.message and "aborted" in error.message:
            raise _too_large("tokens", None, MOST_TOKENS) from None
        raise
    check(document)
    return document


def check(document: DocumentNode) -> None:
    """Raise RequestRefused unless a parsed document is within the limits."""
    counts = _Counts()
    for definition in document.definitions:
        counts.add(definition)
    for name, counted, most in (
        ("operations", counts.operations, MOST_OPERATIONS),
        ("aliases", counts.aliases, MOST_ALIASES),
        ("directives", counts.directives, MOST_DIRECTIVES),
        ("fragment spreads", counts.spreads, MOST_SPREADS),
        ("pairs of selections of one name", sum(n * n for n in counts.names.values()), MOST_COMPARISONS),
    ):
        if counted > most:
            raise _too_complex(name, counted, most)
    depths = _Depths(document)
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        if definition.operation is OperationType.MUTATION:
            changes = len(definition.selection_set.selections)
            if changes > MOST_MUTATIONS:
                raise _too_complex("mutations in one operation", changes, MOST_MUTATIONS)
        depth = depths.of(definition.selection_set)
        if depth > MOST_DEPTH:
            raise _too_complex("levels of fields", depth, MOST_DEPTH)


@dataclass(slots=True)
class _Counts:
    """What a document holds, each thing counted where it is written."""

    operations: int = 0
    aliases: int = 0
    directives: int = 0
    spreads: int = 0
    names: dict[str, int] = field(default_factory=dict)

    def add(self, definition: Node) -> None:
        self.operations += isinstance(definition, OperationDefinitionNode)
        for node in nodes_below(definition):
            if isinstance(node, FieldNode):
                self.aliases += node.alias is not None
                name = node.alias.value if node.alias else node.name.value
                self.names[name] = self.names.get(name, 0) + 1
            elif isinstance(node, DirectiveNode):
                self.directives += 1
            elif isinstance(node, FragmentSpreadNode):
                self.spreads += 1


def nodes_below(root: Node) -> Iterator[Node]:
    """The selections and directives in a definition, itself included, without values and types."""
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(getattr(node, "directives", None) or ())
        waiting.extend(getattr(node, "variable_definitions", None) or ())
        below: SelectionSetNode | None = getattr(node, "selection_set", None)
        if below is not None:
            waiting.extend(below.selections)


class _Depths:
    """How deep selections are, each fragment measured once."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._known: dict[str, int] = {}

    def of(self, selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        return max((self._of_selection(node) for node in selections.selections), default=0)

    def _of_selection(self, node: Node) -> int:
        if isinstance(node, FieldNode):
            return 0 if node.name.value in {"__schema", "__type"} else 1 + self.of(node.selection_set)
        if isinstance(node, InlineFragmentNode):
            return self.of(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)  # noqa: S101  there are three kinds of selections
        name = node.name.value
        if name not in self._known:
            self._known[name] = 0  # a fragment that spreads itself is told so by validation
            fragment = self._fragments.get(name)
            self._known[name] = self.of(fragment.selection_set) if fragment else 0
        return self._known[name]


def _check_text(text: str) -> None:
    """Look for U+0000; at brackets and numbers outside strings and comments. Raises RequestRefused."""
    if _NUL.search(text):
        raise RequestRefused(Code.BAD_REQUEST, NO_NUL)
    deepest = depth = 0
    for match in _MARKS.finditer(text):
        if match[1]:
            depth += 1
            deepest = max(deepest, depth)
        elif match[2]:
            depth -= 1
        elif match[3]:
            raise _too_complex("digits in a number", len(match[3]), MOST_DIGITS)
    if deepest > MOST_NESTING:
        raise _too_complex("levels of brackets", deepest, MOST_NESTING)


def _too_large(things: str, counted: int | None, most: int) -> RequestRefused:
    return _over(Code.DOCUMENT_TOO_LARGE, things, counted, most)


def _too_complex(things: str, counted: int | None, most: int) -> RequestRefused:
    return _over(Code.DOCUMENT_TOO_COMPLEX, things, counted, most)


def _over(code: Code, things: str, counted: int | None, most: int) -> RequestRefused:
    has = "more" if counted is None else f"{counted:,}"
    return RequestRefused(
        code, f"A document may have {most:,} {things}; this one has {has}.", also={"limit": most}
    )
