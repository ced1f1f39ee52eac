"""The rules of the house, each followed by the project and each shown to catch a planted fault."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import strawberry
from graphql import build_schema
from sqlalchemy import select

from datasources.postgres.statements import ScopedStatement, Statement
from datasources.postgres.tables import orders
from execution.views import view, views
from schema.sdl import printed, schema
from tests.architecture import rules

ROOT = Path(__file__).parents[2]
SOURCES = (
    "server.py",
    "worker.py",
    "schema",
    "resolvers",
    "edge",
    "jobs",
    "execution",
    "datasources",
    "commerce",
    "cli",
)


def files() -> list[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *SOURCES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [(path, (ROOT / path).read_text()) for path in sorted(set(listed)) if path.endswith(".py")]


def test_every_plain_field_of_a_view_is_an_attribute_of_its_record() -> None:
    schema()

    assert len(views()) > 20
    assert [field for pair in views() for field in rules.unmatched_fields(*pair)] == []


def test_a_field_that_its_record_lacks_is_found() -> None:
    @dataclass
    class Record:
        id: str

    class Planted:
        id: str = strawberry.field(description="There.")
        missing: str = strawberry.field(description="Not there.")

    planted = strawberry.type(Planted, description="A view with a fault.")

    assert rules.unmatched_fields(planted, Record) == ["Planted.missing"]


def test_the_committed_sdl_is_what_the_code_declares() -> None:
    assert (ROOT / "schema" / "schema.graphql").read_text().strip() == printed().strip()


def test_every_statement_over_tenant_tables_keeps_to_one_partner() -> None:
    found = dict(rules.statements())

    assert len(found) > 20
    assert [fault for name, statement in found.items() for fault in rules.unscoped(name, statement)] == []
    assert set(rules.WORKER_STATEMENTS) <= set(found), "an exception for a statement that is gone"


@pytest.mark.parametrize(
    "planted",
    [ScopedStatement(lambda _tenant: select(orders.c.id)), Statement(select(orders.c.id))],
    ids=["scoped in name only", "not scoped"],
)
def test_a_read_without_scope_is_found(planted: Statement | ScopedStatement) -> None:
    assert rules.unscoped("planted", planted) == ["planted: orders"]


def test_names_are_the_houses() -> None:
    assert [fault for path, source in files() for fault in rules.misnamed(path, source)] == []


def test_a_name_that_is_not_the_houses_is_found() -> None:
    source = "def get_order(): ...\nclass OrderManager: ..."

    assert rules.misnamed("resolvers/utils.py", source) == [
        "resolvers/utils.py",
        "resolvers/utils.py:1 get_order",
        "resolvers/utils.py:2 OrderManager",
    ]


def test_files_and_functions_are_short() -> None:
    assert [fault for path, source in files() for fault in rules.too_long(path, source)] == []


def test_a_long_file_and_a_long_function_are_found() -> None:
    body = "\n".join(f"    x{number} = {number}" for number in range(401))

    assert rules.too_long("long.py", f"def long():\n{body}\n") == ["long.py", "long.py:1 long"]


def test_test_files_have_names_of_their_own() -> None:
    packages = {str(found.parent.relative_to(ROOT)) for found in (ROOT / "tests").rglob("__init__.py")}
    paths = [str(found.relative_to(ROOT)) for found in (ROOT / "tests").rglob("test_*.py")]

    assert rules.confusable_tests(paths, packages) == []


def test_test_files_of_one_name_are_found_outside_packages() -> None:
    paths = ["tests/cli/test_lists.py", "tests/docs/test_lists.py", "tests/api/test_lists.py"]

    assert rules.confusable_tests(paths, {"tests/api"}) == paths[:2]


def test_everything_in_the_schema_is_described() -> None:
    assert rules.without_description(dict(schema()._schema.type_map)) == []


def test_what_nobody_described_is_found() -> None:
    planted = build_schema('"Root." type Query { "Said." said(silent: Int): Int unsaid: Int }')

    assert rules.without_description({"Query": planted.type_map["Query"]}) == [
        "Query.said(silent:)",
        "Query.unsaid",
    ]


def test_views_are_remembered_when_they_are_declared() -> None:
    @dataclass
    class Remembered:
        id: str

    @view(of=Remembered, description="A view.")
    class RememberedView:
        id: str = strawberry.field(description="Its id.")

    assert views()[-1] == (RememberedView, Remembered)
