"""Documents, parsed and validated once: one bounded cache by the hash of the text.

An entry holds the parsed document, its validation errors, whatever its users note about it (cost,
deprecations), and with the document the plans of its operations. Persisted documents are kept for good, so
that a flood of unknown ones cannot push them out.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from execution.planning import plan_ahead

RULES: tuple[type[ASTValidationRule], ...] = (
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)
"""What Strawberry validates by."""


@dataclass(slots=True, eq=False)
class Document:
    """A document that was parsed and validated."""

    hash: str
    """SHA-256 of the text, 64 hexadecimal digits."""
    node: DocumentNode
    errors: Sequence[GraphQLError]
    notes: dict[str, Any] = field(default_factory=dict)


class Documents:
    """The cache of one schema. `capacity` counts documents beside those that are kept for good."""

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        rules: Iterable[type[ASTValidationRule]] = RULES,
        most_errors: int | None = None,
        capacity: int = 1_000,
    ) -> None:
        self.schema = schema
        self.rules = tuple(rules)
        self.most_errors = most_errors
        self.capacity = capacity
        self._kept: dict[str, Document] = {}
        self._recent: OrderedDict[str, Document] = OrderedDict()

    def of(self, text: str) -> Document:
        """The document of a text. Raises GraphQLSyntaxError, which is not remembered."""
        digest = hash_of(text)
        known = self.by_hash(digest)
        if known is not None:
            return known
        document = self._read(digest, text)
        self._recent[digest] = document
        if len(self._recent) > self.capacity:
            self._recent.popitem(last=False)
        return document

    def by_hash(self, digest: str) -> Document | None:
        """The document with this hash, if it is known."""
        kept = self._kept.get(digest)
        if kept is not None:
            return kept
        recent = self._recent.get(digest)
        if recent is not None:
            self._recent.move_to_end(digest)
        return recent

    def keep(self, text: str) -> Document:
        """Read a persisted document, plan its operations and keep it for good. Raises GraphQLSyntaxError."""
        document = self.of(text)
        self._recent.pop(document.hash, None)
        self._kept[document.hash] = document
        if not document.errors:
            plan_ahead(self.schema, document.node)
        return document

    def _read(self, digest: str, text: str) -> Document:
        node = parse(text)
        return Document(digest, node, validate(self.schema, node, self.rules, self.most_errors))

    def __len__(self) -> int:
        return len(self._kept) + len(self._recent)


def hash_of(text: str) -> str:
    """SHA-256 of a document's text, as clients of persisted documents compute it."""
    return sha256(text.encode()).hexdigest()


def from_documents(documents: Callable[[], Documents]) -> type[SchemaExtension]:
    """A Strawberry extension that parses and validates through the cache.

    The cache needs the schema and the schema its extensions, hence the function.
    """

    class FromDocuments(SchemaExtension):
        document: Document | None = None

        def on_parse(self) -> Iterator[None]:
            context = self.execution_context
            if context.query and context.graphql_document is None:
                self.document = documents().of(context.query)
                context.graphql_document = self.document.node
            yield

        def on_validate(self) -> Iterator[None]:
            if self.document is not None:
                self.execution_context.pre_execution_errors = list(self.document.errors)
            yield

    return FromDocuments
