"""The cache of documents: parsed, validated and planned once."""

from typing import Any

import pytest
import strawberry
from graphql import GraphQLSyntaxError, OperationDefinitionNode

import execution.documents
from execution.documents import Documents, from_documents, hash_of
from execution.plans import plans_of


@strawberry.type
class Query:
    @strawberry.field
    def greeting(self, name: str = "you") -> str:
        return f"Hello, {name}!"


SCHEMA = strawberry.Schema(Query)


@pytest.fixture
def documents() -> Documents:
    return Documents(SCHEMA._schema, capacity=3, most_errors=2)


def test_a_text_is_read_once(documents: Documents, monkeypatch: pytest.MonkeyPatch):
    first = documents.of("{ greeting }")
    monkeypatch.setattr(execution.documents, "parse", None)

    assert documents.of("{ greeting }") is first
    assert documents.by_hash(hash_of("{ greeting }")) is first
    assert first.errors == []


def test_the_least_recently_used_document_goes_and_the_persisted_stay(documents: Documents):
    documents.keep("{ a: greeting }")
    for letter in "bcd":
        documents.of(f"{{ {letter}: greeting }}")
    documents.of("{ b: greeting }")

    documents.of("{ e: greeting }")

    known = [letter for letter in "abcde" if documents.by_hash(hash_of(f"{{ {letter}: greeting }}"))]
    assert known == ["a", "b", "d", "e"]
    assert len(documents) == 4


def test_an_invalid_document_keeps_its_errors_and_only_so_many(documents: Documents):
    document = documents.of("{ a b c d }")

    assert len(document.errors) == 3
    assert document.errors[-1].message.startswith("Too many validation errors")


def test_a_syntax_error_is_raised_and_not_remembered(documents: Documents):
    with pytest.raises(GraphQLSyntaxError):
        documents.of("{ greeting")

    assert len(documents) == 0


@pytest.mark.parametrize(
    ("text", "plans"),
    [
        ("{ greeting }", 1),
        ("query ($a: Boolean!, $b: Boolean!) { greeting @skip(if: $a) b: greeting @include(if: $b) }", 4),
        (
            """
            query ($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!) {
              greeting @skip(if: $a) @include(if: $b) other: greeting @skip(if: $c) @include(if: $d)
            }
            """,
            0,
        ),
    ],
)
def test_a_persisted_document_is_planned_ahead(documents: Documents, text: str, plans: int):
    document = documents.keep(text)

    [operation] = document.node.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert len(plans_of(operation, {}).known) == plans


async def test_strawberry_parses_and_validates_through_the_cache(monkeypatch: pytest.MonkeyPatch):
    built: list[Documents] = []
    schema = strawberry.Schema(Query, extensions=[from_documents(lambda: built[0])])
    built.append(Documents(schema._schema))
    texts = ("{ greeting }", "{ unknown }", "{ oops")
    first = [await answered(schema, text) for text in texts]
    monkeypatch.setattr(execution.documents, "validate", None)

    second = [await answered(schema, text) for text in texts]

    assert first == second
    assert first[0] == ({"greeting": "Hello, you!"}, [])
    assert [len(errors) for _, errors in first] == [0, 1, 1]


async def answered(schema: strawberry.Schema, text: str) -> tuple[Any, list[str]]:
    result = await schema.execute(text)
    return result.data, [error.message for error in result.errors or ()]
