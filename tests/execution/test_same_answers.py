"""The planned executor answers as the reference executor does, on random worlds.

PORTICO_SAME_ANSWERS sets how many (the long mode is 20000); a few hundred is the everyday run.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_worlds import PLAIN
from same_answers import Case, Tally, difference, exact_difference

import execution.asking
import execution.codegen
import execution.run
from execution.asking import ask
from execution.careful import Careful

CASES = int(os.environ.get("PORTICO_SAME_ANSWERS", "200"))

# The reference abandons coroutines when it cancels the siblings of a null that spreads. Where one of them is
# collected inside a named tuple's constructor, which has no builtins, even the warning of it fails.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:.*<coroutine object:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.timeout(0 if CASES > 1_000 else 120),
]


def cases(first: int, last: int) -> st.SearchStrategy[Case]:
    seeds = st.integers(min_value=0, max_value=2**32)
    shapes = st.integers(min_value=first, max_value=last)
    faults = st.sampled_from((0.0, 0.02, 0.1, 0.3))
    return st.builds(Case, shape=shapes, data=seeds, text=seeds, faults=faults)


@settings(max_examples=CASES, deadline=None, database=None)
@given(case=cases(0, 15 if CASES < 1_000 else 50))
async def test_every_document_is_answered_as_the_reference_executor_answers_it(case: Case):
    found = await difference(case, Tally())

    assert found is None, f"{case}: {found}"


@settings(max_examples=CASES // 3, deadline=None, database=None)
@given(case=cases(PLAIN, PLAIN + 10))
async def test_where_nothing_waits_even_the_order_of_errors_is_the_same(case: Case):
    found = await exact_difference(case)

    assert found is None, f"{case}: {found}"


async def test_no_random_document_is_invalid_or_left_to_the_stock_executor():
    tally = Tally()

    for seed in range(60):
        await difference(Case(seed % 8, seed, seed, 0.1), tally)

    assert (tally.cases, tally.invalid, dict(tally.unplanned)) == (60, 0, {})
    assert tally.with_errors > 10


def _landing_where_it_is(path: Any, _positions: Any) -> Any:
    return path


async def _answers_reversed(*given: Any) -> Any:
    return list(reversed(await ask(*given)))


async def _errors_forgotten(careful: Careful, shape: Any, *given: Any) -> Any:
    shape.nullable = True
    return await _guarded(careful, shape, *given)


def _arguments_lost(_work: Any, step: Any) -> Any:
    return {} if step.selected is None else {"selection": step.selected}


_guarded = Careful._guarded

PLANTED: dict[str, tuple[Any, str, Callable[..., Any] | dict[Any, str]]] = {
    "a null that does not spread": (execution.run, "landing", _landing_where_it_is),
    "answers given to the wrong parents": (execution.run, "ask", _answers_reversed),
    "arguments that are lost": (execution.asking, "_arguments", _arguments_lost),
    "null where it is not allowed": (Careful, "_guarded", _errors_forgotten),
    "leaves that are not checked": (
        execution.codegen,
        "_EXACT",
        dict.fromkeys(execution.codegen._EXACT, "True"),
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
async def test_a_planted_fault_is_found(planted: str, monkeypatch: pytest.MonkeyPatch):
    owner, name, fault = PLANTED[planted]
    monkeypatch.setattr(owner, name, fault)

    for seed in range(300):
        if await difference(Case(seed % 8, seed, seed, 0.1), Tally()):
            return

    pytest.fail("300 cases did not show it")
