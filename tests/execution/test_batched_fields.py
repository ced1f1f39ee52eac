"""Fields that reach for something: how they are declared, asked and told apart."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import pytest
import strawberry

from execution.batches import AnswersError, Batch, Scope, batches
from execution.executor import planned
from execution.fields import batched, root
from execution.loading import Asked, loader_of
from execution.views import plain_fields, view, views

T = TypeVar("T")


@dataclass(frozen=True)
class Author:
    id: str
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Book:
    id: str
    author: Author


@dataclass(frozen=True, slots=True)
class Page:
    nodes: Sequence[Any]
    more: bool


@dataclass(slots=True)
class Request:
    """A context that counts the calls and notes what they were given."""

    loaders: dict[Any, Any] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    seen: list[Any] = field(default_factory=list)

    def note(self, name: str, given: Any) -> None:
        self.calls[name] += 1
        self.seen.append((name, given))


AUTHORS = [Author("a1", ["old"]), Author("a2")]
BOOKS = [Book(f"b{number}", AUTHORS[number % 2]) for number in range(6)]


async def author_of(books: Sequence[Book], request: Request) -> list[Author]:
    request.note("author_of", len(books))
    return [book.author for book in books]


async def books_of(
    authors: Sequence[Author], request: Request, *, first: int = 2, selection: frozenset[str]
) -> list[Page]:
    request.note("books_of", (len(authors), first, selection))
    return [Page([book for book in BOOKS if book.author is author][:first], more=True) for author in authors]


def initials_of(authors: Sequence[Author], _request: Request) -> list[str | Exception]:
    return [ValueError("no initials") if author.id == "a2" else author.id[0] for author in authors]


async def all_books(request: Request) -> list[Book]:
    request.note("all_books", None)
    return BOOKS


def anything(_request: Request) -> list[Any]:
    return [BOOKS[0], AUTHORS[0]]


@strawberry.interface
class Node:
    id: strawberry.ID = strawberry.field(description="The id")


@view(of=Page, description="A page")
class Connection(Generic[T]):
    nodes: list[T]
    more: bool = strawberry.field(description="Whether there are more")


@view(of=Author, description="An author")
class AuthorView(Node):
    books: Connection["BookView"] = batched(
        books_of, scope=Scope.VIEWER, description="Books", arguments={"first": "How many, 1 to 100"}, cost=5
    )
    initials: str | None = batched(initials_of, scope=Scope.PARENT, description="Initials")
    tags: list[str]


@view(of=Book, description="A book")
class BookView(Node):
    author: AuthorView = batched(author_of, scope=Scope.VIEWER, description="Who wrote it")


@strawberry.type
class Query:
    books: list[BookView] = root(all_books, scope=Scope.VIEWER, description="All books")
    anything: list[Node] = root(anything, scope=Scope.PUBLIC, description="All kinds")


EXECUTORS = {"stock": None, "planned": planned(unplanned=pytest.fail)}
SCHEMAS = {
    name: strawberry.Schema(Query, types=[AuthorView, BookView], execution_context_class=executor)
    for name, executor in EXECUTORS.items()
}


@pytest.fixture(params=list(EXECUTORS))
def schema(request: pytest.FixtureRequest) -> strawberry.Schema:
    return SCHEMAS[request.param]


async def ask(schema: strawberry.Schema, text: str, **variables: Any) -> tuple[Any, Request]:
    request = Request()
    result = await schema.execute(text, context_value=request, variable_values=variables)
    return result, request


async def test_each_field_is_asked_once_for_all_parents(schema: strawberry.Schema):
    text = "{ books { id author { id books(first: 1) { nodes { id } more } } } }"

    result, request = await ask(schema, text)

    assert result.errors is None
    assert result.data["books"][3]["author"] == {"id": "a2", "books": {"nodes": [{"id": "b1"}], "more": True}}
    assert request.calls == {"all_books": 1, "author_of": 1, "books_of": 1}


async def test_a_parent_that_stands_in_many_places_is_asked_for_once(schema: strawberry.Schema):
    _, request = await ask(schema, "{ books { author { books { more } } } }")

    assert request.seen[1:] == [("author_of", 6), ("books_of", (2, 2, frozenset({"more"})))]


async def test_two_aliases_of_one_question_ask_it_once(schema: strawberry.Schema):
    text = (
        "{ books { author { x: books(first: 1) { more } y: books(first: 1) { more } z: books { more } } } }"
    )

    _, request = await ask(schema, text)

    assert request.calls["books_of"] == 2


async def test_the_selection_names_attributes_through_fragments_and_directives(schema: strawberry.Schema):
    text = """
        query ($no: Boolean = false) { books { author { books { ...P more @include(if: $no) } } } }
        fragment P on BookViewConnection { nodes { __typename ... on Node { id } author { tags } } }
    """

    _, request = await ask(schema, text)

    assert request.seen[2][1][2] == {"nodes", "nodes.id", "nodes.author"}


async def test_an_exception_among_the_answers_is_the_error_of_its_parent(schema: strawberry.Schema):
    result, _ = await ask(schema, "{ books { author { initials } } }")

    assert [book["author"]["initials"] for book in result.data["books"]] == ["a", None] * 3
    assert [error.path for error in result.errors] == [["books", i, "author", "initials"] for i in (1, 3, 5)]


async def test_records_behind_an_interface_are_told_by_their_class(schema: strawberry.Schema):
    result, _ = await ask(schema, "{ anything { __typename id ... on AuthorView { tags } } }")

    assert result.data["anything"] == [
        {"__typename": "BookView", "id": "b0"},
        {"__typename": "AuthorView", "id": "a1", "tags": ["old"]},
    ]


async def test_a_default_of_none_is_not_printed_and_others_are():
    printed = SCHEMAS["stock"].as_str()

    assert '"""How many, 1 to 100"""\n    first: Int! = 2' in printed
    assert "= null" not in printed


def test_every_batched_field_is_listed_with_its_scope():
    listed = batches(SCHEMAS["stock"]._schema)

    assert {coordinate: batch.scope for coordinate, batch in listed.items()} == {
        "AuthorView.books": Scope.VIEWER,
        "AuthorView.initials": Scope.PARENT,
        "BookView.author": Scope.VIEWER,
        "Query.anything": Scope.PUBLIC,
        "Query.books": Scope.VIEWER,
    }
    assert listed["AuthorView.books"].cost == 5


def test_views_are_listed_with_their_records_and_plain_fields():
    assert (AuthorView, Author) in views()
    assert plain_fields(AuthorView) == ["id", "tags"]


async def without_context(parents: Any) -> Any: ...
async def with_more(parents: Any, context: Any, more: int) -> Any: ...
async def with_argument(parents: Any, context: Any, *, first: int) -> Any: ...


@pytest.mark.parametrize(
    ("function", "arguments", "complaint"),
    [
        (without_context, {}, "must be (parents, context"),
        (with_more, {}, "must be (parents, context"),
        (with_argument, {}, "descriptions differ in first"),
        (with_argument, {"first": "a", "last": "b"}, "descriptions differ in last"),
    ],
)
def test_a_function_of_another_shape_or_undescribed_is_refused(
    function: Any, arguments: dict[str, str], complaint: str
):
    with pytest.raises(TypeError) as refusal:
        batched(function, scope=Scope.PUBLIC, description="d", arguments=arguments)

    assert complaint in str(refusal.value)


async def test_a_place_that_is_cancelled_does_not_take_the_others_of_its_parent_with_it():
    request = Request()
    loader = loader_of(Batch(author_of, Scope.PUBLIC), request, {})

    async def answer() -> Author:
        return await Asked(loader, BOOKS[1])

    places = [asyncio.create_task(answer()) for _ in range(3)]
    await asyncio.sleep(0)
    places[0].cancel()

    answers = await asyncio.gather(*places, return_exceptions=True)

    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == [AUTHORS[1], AUTHORS[1]]


async def test_too_few_answers_are_an_error():
    async def forgetful(_parents: Sequence[Any], _context: Any) -> list[Any]:
        return []

    with pytest.raises(AnswersError, match="gave 0 answers for 2 parents"):
        await Batch(forgetful, Scope.PUBLIC).ask([1, 2], None, {})
