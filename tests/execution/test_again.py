"""An operation that ran before is run again without graphql-core's executor, and is given the same."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

import execution.asking
from execution.batches import Scope
from execution.executor import Again, PlannedExecutor, planned
from execution.fields import root


@dataclass(slots=True)
class Request:
    loaders: dict[Any, Any] = field(default_factory=dict)


@strawberry.enum
class Colour(Enum):
    RED = "r"
    BLUE = "b"


@strawberry.input
class Inner:
    text: str
    colour: Colour = Colour.RED
    days: list[date] | None = None


@strawberry.input
class Outer:
    inner: Inner | None = None
    inners: list[Inner] | None = None
    number: int = 7
    maybe: strawberry.Maybe[str]
    perhaps: strawberry.Maybe[str | None]
    nested: strawberry.Maybe[Inner]


@strawberry.input(one_of=True)
class By:
    id: strawberry.Maybe[strawberry.ID]
    inner: strawberry.Maybe[Inner]


async def given(
    _context: Request,
    *,
    by: By | None = None,
    outer: Outer | None = None,
    numbers: list[int] | None = None,
    colour: Colour = Colour.BLUE,
    ratio: float | None = None,
    flag: bool | None = None,
) -> str:
    return repr((by, outer, numbers, colour, ratio, flag))


ARGUMENTS = dict.fromkeys(("by", "outer", "numbers", "colour", "ratio", "flag"), "An argument")


@strawberry.type
class Query:
    given: str | None = root(given, scope=Scope.PUBLIC, description="What it is given", arguments=ARGUMENTS)


SCHEMA = strawberry.Schema(Query)
NULLABLE = """(
  $t: String, $c: Colour = RED, $n: Int = 3, $l: [Int!], $i: Inner, $o: Outer, $f: Float, $b: Boolean
)"""
EVERYTHING = f"""query {NULLABLE} {{ given(
  outer: {{
    inner: {{ text: "x", colour: $c }}, number: $n, maybe: $t, perhaps: $t, nested: $i
  }}, numbers: $l, colour: $c, ratio: $f, flag: $b
) }}"""

CASES: list[tuple[str, list[dict[str, Any]]]] = [
    ("query ($id: ID!) { given(by: { id: $id }) }", [{"id": "a"}, {"id": 5}, {"id": None}, {}, {"id": [1]}]),
    (
        "query ($t: String!) { given(by: { inner: { text: $t } }) }",
        [{"t": "x"}, {"t": 1}, {"t": None}],
    ),
    (
        EVERYTHING,
        [
            {},
            {"t": "t", "i": {"text": "i"}, "l": [1, 2], "f": 1, "b": True},
            {"t": None, "n": None},
            {"c": "BLUE", "n": 4, "t": "", "i": {"text": "i", "colour": "BLUE", "days": ["2026-01-02"]}},
            {"l": 3, "f": 0.5, "b": False, "t": "t"},
            {"l": [None], "b": "true"},
            {"c": "GREEN"},
            {"n": 2**40, "f": "x"},
        ],
    ),
    (
        f"query {NULLABLE} {{ given(outer: $o, numbers: [1, $n]) }}",
        [
            {"o": {"maybe": "x", "inner": {"text": "a"}, "inners": [{"text": "b", "days": []}]}},
            {"o": {"maybe": None}},
            {"o": {"inners": {"text": "b"}}, "n": 9},
            {"o": {"number": "7"}},
            {"o": {"unknown": 1}},
        ],
    ),
    ('query ($t: String!) { given(outer: { inners: [{ text: $t }, { text: "y" }] }) }', [{"t": "x"}, {}]),
]


async def answer(document: Any, executor: type[Any], variables: dict[str, Any]) -> tuple[Any, list[Any]]:
    result: Any = execute(
        SCHEMA._schema,
        document,
        context_value=Request(),
        variable_values=variables,
        executor_class=executor,
        operation_extensions=None,
    )
    result = result if isinstance(result, ExecutionResult) else await result
    return result.data, [error.formatted for error in result.errors or []]


@pytest.mark.parametrize(("text", "cases"), CASES)
async def test_arguments_are_those_of_the_stock_executor_whatever_the_variables(
    text: str, cases: list[dict[str, Any]]
) -> None:
    document, executor = parse(text), planned()
    expected = [
        await answer(document, StrawberryGraphQLCoreExecutionContext, variables) for variables in cases
    ]

    first = [await answer(document, executor, variables) for variables in cases]
    again = [await answer(document, executor, variables) for variables in cases]

    assert first == expected
    assert again == expected


def built(text: Any, executor: type[PlannedExecutor], **variables: Any) -> Any:
    return executor.build(SCHEMA._schema, text, None, Request(), variables, operation_extensions=None)


async def test_the_second_run_makes_no_executor_and_converts_nothing_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document, executor = parse(CASES[0][0]), planned()
    assert not isinstance(built(document, executor, id="a"), Again)
    await answer(document, executor, {"id": "a"})
    monkeypatch.delattr(execution.asking, "_converted")

    again = built(document, executor, id="b")
    result = await again.execute_operation()

    assert isinstance(again, Again)
    assert "Some(" in result.data["given"]
    assert "'b'" in result.data["given"]
    assert again.work._executor is None


async def test_variables_that_are_wrong_take_the_way_that_says_what_is_wrong() -> None:
    document, executor = parse(CASES[0][0]), planned()
    await answer(document, executor, {"id": "a"})

    [error] = built(document, executor)

    assert "$id" in error.message
