"""The page at the root: complete in itself, under a strict policy, its samples held to the schema."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from graphql import parse, validate

from cli import first_queries
from edge.page import OWN, VENDORED, has_graphiql, samples
from schema.sdl import schema

PERSISTED = Path(__file__).parents[3] / "persisted"


class Addresses(HTMLParser):
    """What a page loads and links to, and whether it carries script or style of its own."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [value for name, value in attrs if name in {"src", "href"} and value]
        is_code = tag == "style" or (tag == "script" and "src" not in given)
        if is_code and given.get("type") != "application/json":
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("path", ["/?plain", "/"])
async def test_the_page_is_complete_in_itself(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    page = Addresses(response.text)

    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert page.inline == []
    assert all(re.fullmatch(r"/[^/].*", found) for found in page.found)
    for found in page.found:
        assert (await http.get(found)).status_code == 200, found


async def test_its_policy_allows_nothing_from_elsewhere(http: httpx.AsyncClient) -> None:
    policy = (await http.get("/")).headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_only_the_files_of_the_page_are_served(http: httpx.AsyncClient) -> None:
    paths = ["page.py", "page.html", "..%2Fpage.py", "../page.py", "package.json", ""]

    assert {(await http.get(f"/assets/{path}")).status_code for path in paths} == {404}


@pytest.mark.node
@pytest.mark.skipif(not has_graphiql(), reason="npm ci has not been run in edge/graphiql")
async def test_graphiql_is_there_where_npm_has_put_it(http: httpx.AsyncClient) -> None:
    page = (await http.get("/")).text

    assert all(f"/assets/{name}" in page for name in VENDORED)
    assert "/assets/page.js" not in page
    assert (await http.get("/?plain")).text.count("/assets/page.js") == 1


def test_the_files_of_the_page_name_no_other_host() -> None:
    assert [name for name, path in OWN.items() if "://" in path.read_text()] == []


@pytest.mark.parametrize("path", sorted(PERSISTED.glob("*.graphql")), ids=lambda path: path.stem)
def test_every_persisted_document_is_valid(path: Path) -> None:
    assert validate(schema()._schema, parse(path.read_text())) == []


@pytest.mark.parametrize("sample", samples(PERSISTED), ids=lambda sample: sample.title)
def test_the_variables_of_a_sample_are_json(sample: object) -> None:
    text = sample.variables.replace("{random}", "word")  # type: ignore[attr-defined]

    assert isinstance(json.loads(text or "{}"), dict)


@pytest.mark.parametrize("name", ["PLACE_ORDER", "FOLLOW_ORDER", "FETCH_LICENSE", "ACCOUNT_VIEW"])
def test_the_queries_that_serve_prints_are_persisted(name: str) -> None:
    printed = getattr(first_queries, name).split()

    assert (PERSISTED / f"{name.lower()}.graphql").read_text().split() == printed
