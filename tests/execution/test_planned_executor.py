"""The planned executor beyond answers: what it refuses, in which order it works, and how it stops."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import pytest
import strawberry
from graphql import DocumentNode, OperationDefinitionNode, parse
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

import execution.planning
from execution.asking import WorkCancelled
from execution.batches import Scope
from execution.executor import DeadlineError, PlannedExecutor, planned
from execution.fields import batched, root
from execution.plan import Plan
from execution.plans import MOST_PLANS, plans_of
from execution.views import view


@dataclass(frozen=True, slots=True)
class Item:
    id: str


@dataclass(slots=True)
class Request:
    loaders: dict[Any, Any] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    taken: asyncio.Event = field(default_factory=asyncio.Event)


async def name_of(items: Sequence[Item], request: Request) -> list[str]:
    request.log.append("name begins")
    await asyncio.sleep(0)
    request.log.append("name ends")
    return [item.id for item in items]


async def label_of(items: Sequence[Item], request: Request) -> list[str]:
    request.log.append("label begins")
    await asyncio.sleep(0)
    request.log.append("label ends")
    return [item.id for item in items]


async def stuck_of(items: Sequence[Item], request: Request) -> list[str]:
    request.log.append("connection taken")
    request.taken.set()
    try:
        await asyncio.Event().wait()
    finally:
        request.log.append("connection given back")
    return [item.id for item in items]


async def lost_of(_items: Sequence[Item], _request: Request) -> list[str]:
    raise asyncio.CancelledError


async def one_item(_request: Request) -> Item:
    return Item("i1")


async def make_item(request: Request, *, id: str) -> Item:  # noqa: A002
    request.log.append(f"make {id}")
    if id == "bad":
        raise ValueError("refused")
    return Item(id)


@view(of=Item, description="An item")
class ItemView:
    id: strawberry.ID
    name: str = batched(name_of, scope=Scope.PUBLIC, description="Name")
    label: str = batched(label_of, scope=Scope.PUBLIC, description="Label")
    stuck: str | None = batched(stuck_of, scope=Scope.PUBLIC, description="Never comes")
    lost: str | None = batched(lost_of, scope=Scope.PUBLIC, description="Is cancelled")


@strawberry.type
class Query:
    item: ItemView | None = root(one_item, scope=Scope.PUBLIC, description="One")


@strawberry.type
class Mutation:
    make: ItemView | None = root(
        make_item, scope=Scope.PUBLIC, description="Make", arguments={"id": "Its id"}
    )
    must: ItemView = root(make_item, scope=Scope.PUBLIC, description="Make", arguments={"id": "Its id"})


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def items(self) -> AsyncIterator[ItemView]:
        for id_ in "12":
            yield Item(id_)  # type: ignore[misc]


@strawberry.type
class Missing:
    what: str


class ForLookups(strawberry.ExceptionHandler[LookupError, Missing]):
    def handle(self, exception: LookupError, *, field: Any, info: Any) -> Missing:  # noqa: ARG002  its protocol
        return Missing(what=str(exception))


async def absent(_request: Request) -> Item:
    raise LookupError("it")


@strawberry.type
class Careless:
    found: Annotated[ItemView | Missing, strawberry.union("Found")] = root(
        absent, scope=Scope.PUBLIC, description="Is not there"
    )


def schema(executor: type[PlannedExecutor], **options: Any) -> strawberry.Schema:
    return strawberry.Schema(Query, Mutation, execution_context_class=executor, **options)


async def reasons(text: str, built: Any = schema, **options: Any) -> list[str]:
    found: list[str] = []
    result = await built(planned(unplanned=found.append), **options).execute(text, context_value=Request())
    assert result.errors is None
    return found


class Watching(SchemaExtension):
    def resolve(self, next_: Any, source: Any, info: Any, *arguments: Any, **named: Any) -> Any:
        return next_(source, info, *arguments, **named)


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("{ item { id name } }", {}, []),
        ("{ item { ... on ItemView { id } __typename } }", {}, []),
        ("{ __schema { queryType { name } } }", {}, ["introspection"]),
        ("{ item { id } }", {"extensions": [Watching]}, ["middleware"]),
    ],
)
async def test_what_no_plan_covers_is_done_by_the_stock_executor_and_counted(
    text: str, options: dict[str, Any], reason: list[str]
):
    assert await reasons(text, **options) == reason


async def test_deferred_fragments_are_left_to_the_stock_executor():
    found: list[str] = []
    config = StrawberryConfig(enable_experimental_incremental_execution=True)
    built = schema(planned(unplanned=found.append), config=config)

    await built.execute("{ item { id ... @defer { name } } }", context_value=Request())

    assert found == ["incremental delivery"]


async def test_a_document_that_unfolds_too_far_is_left_to_the_stock_executor(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(execution.planning, "MOST_FIELDS", 3)

    assert await reasons("{ item { a: id b: id c: id d: id } }") == ["too many fields"]


async def test_no_response_key_meets_the_names_of_generated_code():
    names = ("NAME", "def", "o", "d", "r", "v", "v0", "c0", "f0", "p0", "None", "values", "sinks", "Unusual")
    document = parse(f"{{ item {{ name {' '.join(f'{name}: id' for name in names)} }} }}")

    built = schema(PlannedExecutor)

    answers = [await executed(built, document) for _ in range(3)]

    assert answers == [{"item": {"name": "i1"} | dict.fromkeys(names, "i1")}] * 3


async def test_sibling_fields_are_asked_at_the_same_time():
    request = Request()

    await schema(PlannedExecutor).execute("{ item { name label } }", context_value=request)

    assert request.log == ["name begins", "label begins", "name ends", "label ends"]


async def test_mutations_run_one_after_the_other_with_all_that_is_below_them():
    request = Request()
    text = 'mutation { a: make(id: "1") { name } b: make(id: "bad") { id } c: make(id: "2") { label } }'

    result = await schema(PlannedExecutor).execute(text, context_value=request)

    assert result.data == {"a": {"name": "1"}, "b": None, "c": {"label": "2"}}
    assert [error.message for error in result.errors or ()] == ["refused"]
    assert request.log == [
        "make 1", "name begins", "name ends", "make bad", "make 2", "label begins", "label ends",
    ]  # fmt: skip


async def test_after_a_mutation_that_nulls_the_response_no_other_is_run():
    request = Request()

    result = await schema(PlannedExecutor).execute(
        'mutation { a: must(id: "bad") { id } b: make(id: "2") { id } }', context_value=request
    )

    assert result.data is None
    assert request.log == ["make bad"]


@pytest.mark.parametrize("extensions", [[], [Watching]], ids=["planned", "stock"])
async def test_at_the_deadline_what_is_waited_for_is_cancelled(extensions: list[type[SchemaExtension]]):
    request = Request()
    built = schema(planned(deadline=0.01), extensions=extensions)

    result = await built.execute("{ item { id stuck name } }", context_value=request)
    await asyncio.sleep(0)

    assert result.data is None
    assert [type(error.original_error) for error in result.errors or ()] == [DeadlineError]
    assert request.log[-1] == "connection given back"


async def test_cancelling_the_request_cancels_its_batches():
    request = Request()
    asked = asyncio.create_task(
        schema(PlannedExecutor).execute("{ item { stuck name } }", context_value=request)
    )
    await request.taken.wait()

    asked.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asked
    assert request.log[-1] == "connection given back"


async def test_work_that_somebody_else_cancels_is_the_error_of_its_field_alone():
    result = await schema(PlannedExecutor).execute("{ item { id lost } }", context_value=Request())

    assert result.data == {"item": {"id": "i1", "lost": None}}
    assert [type(error.original_error) for error in result.errors or ()] == [WorkCancelled]


async def test_an_event_of_a_subscription_is_answered_by_plan():
    refused: list[str] = []
    built = schema(planned(unplanned=refused.append), subscription=Subscription)

    events: Any = await built.subscribe("subscription { items { id name } }", context_value=Request())
    answers = [event.data async for event in events]

    assert answers == [{"items": {"id": "1", "name": "1"}}, {"items": {"id": "2", "name": "2"}}]
    assert refused == []


async def test_a_schema_with_exception_handlers_has_them_asked():
    refused: list[str] = []
    built = strawberry.Schema(
        Careless,
        execution_context_class=planned(unplanned=refused.append),
        exception_handlers=[ForLookups()],
    )

    result = await built.execute("{ found { ... on Missing { what } } }", context_value=Request())

    assert (result.data, result.errors, refused) == ({"found": {"what": "it"}}, None, [])


async def test_a_copied_operation_is_planned_anew():
    built = schema(PlannedExecutor)
    document = parse("{ item { id } }")
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    await executed(built, document)
    [other] = parse("{ item { name } }").definitions
    changed = copy(operation)
    vars(changed)["selection_set"] = other.selection_set  # type: ignore[attr-defined]

    answers = [
        await executed(built, document),
        await executed(built, replace(document, definitions=(changed,))),
    ]

    assert answers == [{"item": {"id": "i1"}}, {"item": {"name": "i1"}}]


async def executed(built: strawberry.Schema, document: DocumentNode) -> Any:
    prepared: Any = PlannedExecutor.build(built._schema, document, context_value=Request())
    return (await prepared.execute_operation()).data


async def test_plans_depend_on_booleans_of_directives_and_on_no_other_value():
    executor = planned()
    built = schema(executor)
    document = parse("query ($a: Boolean!, $b: Boolean!) { item { id @skip(if: $a) name @include(if: $b) } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)

    for values in ({"a": True, "b": True}, {"a": True, "b": True}, {"a": False, "b": True}):
        prepared: Any = executor.build(
            built._schema, document, None, Request(), values, operation_extensions=None
        )
        await prepared.execute_operation()

    plans = plans_of(operation, {})
    assert plans.deciding == ("a", "b")
    assert len(plans.known) == 2
    assert all(isinstance(plan, Plan) for plan in plans.known.values())


def test_the_plans_of_one_operation_are_bounded():
    [operation] = parse("{ item { id } }").definitions
    assert isinstance(operation, OperationDefinitionNode)
    plans = plans_of(operation, {})

    for number in range(MOST_PLANS + 5):
        plans.of(number, lambda: "none")

    assert len(plans.known) == MOST_PLANS
    assert 0 not in plans.known


def test_without_an_event_loop_the_stock_executor_answers():
    found: list[str] = []

    result = schema(planned(unplanned=found.append)).execute_sync("{ __typename }", context_value=Request())

    assert (result.data, found) == ({"__typename": "Query"}, ["no event loop"])
