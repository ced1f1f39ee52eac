"""Comparing two executors on random worlds.

Ours runs twice: the first run of a document is completed carefully, the second by generated code. The
data must be equal to the letter, key order included. Errors must null the same positions. Where several
errors null one position, the specification lets an executor report any of them, and the reference's choice
hangs on the event loop; so each reported error must be one that the reference reports when errors are not
propagated at all, and every nulled position must have one.
"""

import json
import logging
import re
from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    NameNode,
    OperationDefinitionNode,
    execute,
    parse,
    validate,
)
from random_documents import document, variables
from random_worlds import Modes, World, fill, world
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from execution.executor import planned

Error = tuple[str, tuple[str | int, ...], tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that decides one comparison."""

    shape: int
    data: int
    text: int
    faults: float

    def built(self) -> tuple[World, str, dict[str, Any], dict[str, str]]:
        there = world(self.shape)
        fill(there, Random(self.data), self.faults)
        rng = Random(self.text)
        text = document(there, rng)
        return there, text, variables(rng, text), modes(there, rng, self.faults)


def modes(there: World, rng: Random, faults: float) -> dict[str, str]:
    """How the batch functions behave: all the same for every call, so that batching cannot matter."""
    names = [declared.name for declared in there.shape.fields if declared.kind.startswith("batched")]
    names += [f"query_{name.lower()}_{number}" for name in there.shape.types for number in (1, 2)]
    chosen = {name: "slow" for name in names if rng.random() < 0.2}
    return chosen | {name: rng.choice(("raise", "short")) for name in names if rng.random() < faults}


@dataclass(frozen=True, slots=True)
class Answer:
    data: Any
    errors: list[GraphQLError]
    asked: set[tuple[str, str]]
    """Each batch function that was called, with its arguments."""


async def run(there: World, document: DocumentNode, executor: type[Any], values: Any, behave: Any) -> Answer:
    context = Modes(dict(behave))
    result: Any = execute(
        there.schema._schema,
        document,
        variable_values=values,
        context_value=context,
        executor_class=executor,
        is_awaitable=optimized_is_awaitable,
        operation_extensions=None,
    )
    result = result if isinstance(result, ExecutionResult) else await result
    return Answer(result.data, result.errors or [], context.asked)


@dataclass(slots=True)
class Tally:
    """What was compared."""

    cases: int = 0
    invalid: int = 0
    with_errors: int = 0
    unplanned: Counter[str] | None = None


async def difference(case: Case, tally: Tally) -> str | None:
    """What differs between stock and planned execution of a case, if anything."""
    there, text, values, behave = case.built()
    tally.unplanned = tally.unplanned if tally.unplanned is not None else Counter()
    parsed = parse(text)
    if validate(there.schema._schema, parsed):
        tally.invalid += 1
        return None
    refusals: list[str] = []
    stock = await run(there, parsed, StrawberryGraphQLCoreExecutionContext, values, behave)
    tally.cases += 1
    tally.with_errors += bool(stock.errors)
    executor = planned(unplanned=refusals.append)
    carefully = await run(there, parsed, executor, values, behave)
    generated = await run(there, parsed, executor, values, behave)
    tally.unplanned.update(refusals)
    everything: Counter[Error] = Counter()
    if stock.errors:
        every = await run(there, unpropagated(parsed), StrawberryGraphQLCoreExecutionContext, values, behave)
        everything = Counter(map(plain, every.errors))
    return differs(stock, carefully, everything) or differs(stock, generated, everything)


def differs(stock: Answer, ours: Answer, possible: Counter[Error]) -> str | None:
    """What differs between two results; `possible` errors are those without propagation."""
    if printed(stock.data) != printed(ours.data):
        return f"data: {printed(stock.data)}\n  ours: {printed(ours.data)}"
    if not stock.errors and not ours.errors:
        return None if stock.asked == ours.asked else f"asked: {stock.asked ^ ours.asked}"
    return errors_differ(stock, ours, possible)


async def exact_difference(case: Case) -> str | None:
    """What differs where nothing waits: there the order and the choice of errors must be equal too."""
    there, text, values, behave = case.built()
    parsed = parse(text)
    contenders = (StrawberryGraphQLCoreExecutionContext, planned(), planned())
    results = [await run(there, parsed, executor, values, behave) for executor in contenders]
    [stock, *ours] = [(printed(result.data), list(map(plain, result.errors))) for result in results]
    return None if ours == [stock, stock] else f"{stock} ours: {ours}"


def errors_differ(stock: Answer, ours: Answer, possible: Counter[Error]) -> str | None:
    theirs, mine = Counter(map(plain, stock.errors)), Counter(map(plain, ours.errors))
    if theirs == mine:
        return None
    if any(not error[1] for error in (*theirs, *mine)):
        return f"request errors: {theirs} ours: {mine}"
    nulled = (
        {position(stock.data, error[1]) for error in theirs},
        {position(ours.data, error[1]) for error in mine},
    )
    if nulled[0] != nulled[1]:
        return f"nulled: {nulled[0] - nulled[1]} ours: {nulled[1] - nulled[0]}"
    if mine - possible:
        return f"impossible: {mine - possible}"
    return None


def plain(error: Any) -> Error:
    locations = tuple((location.line, location.column) for location in error.locations or ())
    message = re.sub(r"gave 0 answers for \d+ parents", "gave 0 answers", error.message)
    return message, tuple(error.path or ()), locations


def position(data: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The part of an error's path down to the null that it caused."""
    value = data
    for length, key in enumerate(path):
        if value is None:
            return path[:length]
        value = value[key]
    return path


def unpropagated(document: DocumentNode) -> DocumentNode:
    """The same document, node for node, executed without error propagation."""
    directive = DirectiveNode(name=NameNode(value="experimental_disableErrorPropagation"), arguments=())
    definitions = [
        replace(node, directives=(directive,)) if isinstance(node, OperationDefinitionNode) else node
        for node in document.definitions
    ]
    return replace(document, definitions=tuple(definitions))


def printed(value: Any) -> str:
    return json.dumps(value, default=repr)


logging.getLogger("strawberry.execution").setLevel(logging.CRITICAL)
