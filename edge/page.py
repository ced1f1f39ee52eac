"""The page at the root: try a query, signed in by pasting a token. Everything on it comes from here.

It is GraphiQL where npm has put it (`npm ci` in `edge/graphiql`), and a page of our own where there is no
node: the same sample queries and the same token either way.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from string import Template

import orjson
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

_HERE = Path(__file__).parent
_NPM = _HERE / "graphiql" / "node_modules"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""No script or style but our own files, and nothing from anywhere else."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

OWN = {name: _HERE / "static" / name for name in ("page.js", "page.css", "graphiql.js", "graphiql-page.css")}
VENDORED = {
    "graphiql.min.js": _NPM / "graphiql" / "graphiql.min.js",
    "graphiql.min.css": _NPM / "graphiql" / "graphiql.min.css",
    "react.production.min.js": _NPM / "react" / "umd" / "react.production.min.js",
    "react-dom.production.min.js": _NPM / "react-dom" / "umd" / "react-dom.production.min.js",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A query to begin with, and variables that go with it. `{random}` in them becomes a fresh word."""

    title: str
    query: str
    variables: str


def samples(directory: Path) -> tuple[Sample, ...]:
    """The samples that `samples.toml` lists, in its order; their texts are persisted documents beside it."""
    listed = tomllib.loads((directory / "samples.toml").read_text())["sample"]
    return tuple(
        Sample(each["title"], (directory / each["file"]).read_text(), each.get("variables", "").strip())
        for each in listed
    )


def has_graphiql() -> bool:
    return all(path.is_file() for path in VENDORED.values())


def page_routes(examples: Sequence[Sample]) -> list[BaseRoute]:
    """The page at `/` and the files it is made of. `/?plain` is our own page in any case."""
    told = orjson.dumps([asdict(example) for example in examples]).decode().replace("<", "\\u003c")
    pages = {
        name: Template((_HERE / "static" / name).read_text()).substitute(samples=told)
        for name in ("page.html", "graphiql.html")
    }

    async def page(request: Request) -> Response:
        plain = "plain" in request.query_params or not has_graphiql()
        return HTMLResponse(pages["page.html" if plain else "graphiql.html"], headers=HEADERS)

    async def asset(request: Request) -> Response:
        path = (OWN | VENDORED).get(request.path_params["name"])
        if path is None or not path.is_file():
            return Response(status_code=404)
        return FileResponse(path, headers=HEADERS | {"Cache-Control": "max-age=3600"})

    return [
        Route("/", page, methods=["GET"], name="page"),
        Route("/assets/{name}", asset, methods=["GET"], name="asset"),
    ]
