"""The schema's discipline: described throughout, broken only after notice, its deprecations told."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from graphql import build_schema, print_schema
from starlette.applications import Starlette

from datasources.settings import Settings
from execution.batches import Scope
from execution.fields import root
from schema.changes import breaking_changes, faults, listed, unannounced
from schema.sdl import printed, schema
from tests.api.edge.conftest import edge_app, serving

ROOT = Path(__file__).parents[3]
SDL = "schema/schema.graphql"


def git(*words: str) -> str | None:
    """What git says, or None where it says no."""
    if not shutil.which("git"):
        return None
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def test_every_element_is_described() -> None:
    assert faults(printed()) == []


def test_a_missing_description_is_found() -> None:
    described = (
        '"A query." type Query { "A field." a("An argument." b: Int): C } "An enum." enum C { "A value." D }'
    )

    assert faults(described) == []
    assert faults(described.replace('"A field." ', "")) == ["Query.a: no description"]
    assert faults(described.replace('"An argument." ', "")) == ["Query.a(b:): no description"]
    assert faults(described.replace('"An enum." ', "")) == ["C: no description"]
    assert faults(described.replace('"A value." ', "")) == ["C.D: no description"]


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [
        ("Use b. Removal on 2027-07-01.", 0),
        ("Use b.", 1),
        ("Removal on 2027-07-01.", 1),
        ("Use b. Removal on 1 July.", 1),
    ],
)
def test_a_deprecation_names_the_way_out_and_the_day(reason: str, wrong: int) -> None:
    sdl = f'"A query." type Query {{ "A field." a: Int @deprecated(reason: "{reason}") }}'

    assert len(faults(sdl)) == wrong


def test_the_printed_schema_is_sorted_and_means_what_the_code_declares() -> None:
    names = [
        line.split()[1] for line in printed().splitlines() if line.startswith(("type ", "enum ", "input "))
    ]
    core = schema()._schema

    assert names == sorted(names)
    assert breaking_changes(print_schema(core), printed()) == []
    assert breaking_changes(printed(), print_schema(core)) == [
        "Directive @access was removed.",
        "Directive @cost was removed.",
        "Directive @listSize was removed.",
    ]


def test_a_breaking_change_must_be_announced() -> None:
    before, after = "type Query { a: Int b: Int }", "type Query { a: Int }"
    announced = listed('- date: 2027-01-01\n  change: "Field Query.b was removed."\n')

    assert unannounced(before, after, {}) == ["Field Query.b was removed."]
    assert announced == {"Field Query.b was removed.": date(2027, 1, 1)}
    assert unannounced(before, after, announced) == []


def test_nothing_has_been_broken_since_the_last_release_without_notice() -> None:
    tag = (git("describe", "--tags", "--abbrev=0") or "").strip()
    released = git("show", f"{tag}:{SDL}") if tag else None
    if released is None:
        pytest.skip("nothing has been released yet, so nothing has been promised")

    assert unannounced(released, printed(), listed((ROOT / "schema-changes.yml").read_text())) == []


def test_the_committed_schema_can_be_built() -> None:
    assert build_schema((ROOT / SDL).read_text()).query_type is not None


async def _old(context: Any, *, by: int | None = None) -> str:
    return "old"


@strawberry.type
class Ageing:
    new: str = root(_old, scope=Scope.PUBLIC, description="New.", arguments={"by": "A number."})
    old: str = root(
        _old,
        scope=Scope.PUBLIC,
        description="Old.",
        deprecation_reason="Use new. Removal on 2027-07-01.",
        arguments={
            "by": strawberry.argument(
                description="A number.", deprecation_reason="Use new. Removal on 2027-04-01."
            )
        },
    )


@pytest.fixture
async def ageing(app: Starlette, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    portico = edge_app(app, settings, declared=strawberry.Schema(Ageing))
    async with serving(portico) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_who_uses_what_is_deprecated_is_told_until_when_it_stays(ageing: httpx.AsyncClient) -> None:
    response = await ageing.post("/graphql", json={"query": "{ new a: old b: old(by: 7) }"})

    assert response.json()["extensions"]["deprecations"] == [
        {
            "coordinate": "Ageing.old",
            "reason": "Use new. Removal on 2027-07-01.",
            "removalDate": "2027-07-01",
        },
        {
            "coordinate": "Ageing.old(by:)",
            "reason": "Use new. Removal on 2027-04-01.",
            "removalDate": "2027-04-01",
        },
    ]
    assert response.headers["deprecation"] == "true"
    assert response.headers["sunset"] == "Thu, 01 Apr 2027 00:00:00 GMT"


async def test_who_does_not_is_told_nothing(ageing: httpx.AsyncClient) -> None:
    response = await ageing.post("/graphql", json={"query": "{ new }"})

    assert "deprecations" not in response.json()["extensions"]
    assert "deprecation" not in response.headers
