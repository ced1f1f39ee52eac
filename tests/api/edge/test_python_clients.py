"""Clients and tools from PyPI that need another graphql-core than ours, in environments of their own.

An environment is made when it is first needed and kept in pytest's cache; where the packages cannot be
fetched, the tests skip.
"""

import json
import os
import re
import sys
from pathlib import Path

import pytest
from graphql import DefinitionNode, DirectiveDefinitionNode, DocumentNode, build_schema, parse, print_ast
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from schema.sdl import printed
from tests.api.edge.conftest import serving
from tests.api.edge.node_clients import run
from tests.api.edge.test_node_clients import held
from tests.api.world import Portal, World

FOREIGN = Path(__file__).parent / "foreign"

OPERATIONS = """
query Catalog { catalog(currency: "EUR") { sku { code } } }
mutation Place($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } problems { code } } }
query Follow($reference: String!) {
  order(by: { externalOrderReference: $reference }) { id lines { quantity } }
}
"""

EXAMPLES = int(os.environ.get("PORTICO_SCHEMATHESIS_EXAMPLES", "8"))
"""Documents for each operation; a release takes 1,000."""
SEED = os.environ.get("PORTICO_SCHEMATHESIS_SEED", "7")
PATIENCE = 100 + 10 * EXAMPLES
"""Seconds that a run of schemathesis may take: a busy machine sends two documents a second."""
MOST_MEMORY = 512 * 1024
"""KiB that the process of the server, which is ours, may hold at the end."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(200 + PATIENCE),
    pytest.mark.xdist_group("foreign environments"),
]


async def environment(config: pytest.Config, name: str, *packages: str) -> Path:
    """The directory of programs of an environment that holds packages; skips where they cannot be had."""
    home = config.cache.mkdir(f"portico-{name}")
    programs = home / "bin"
    done = home / "packages.txt"
    if not done.exists() or done.read_text() != "\n".join(packages):
        for words in (
            (sys.executable, "-m", "venv", "--clear", str(home)),
            (str(programs / "python"), "-m", "pip", "install", "--quiet", *packages),
        ):
            code, said, complained = await run(*words, cwd=home)
            if code != 0:
                pytest.skip(f"{name} cannot be installed: {(said + complained)[-300:]}")
        done.write_text("\n".join(packages))
    return programs


async def test_gql_orders_with_the_schema_it_fetched(
    address: str, seller: Portal, pytestconfig: pytest.Config
) -> None:
    programs = await environment(pytestconfig, "gql", "gql[httpx]==4.0.0")
    words = (str(programs / "python"), str(FOREIGN / "with_gql.py"), f"{address}/graphql", seller.token)

    code, said, complained = await run(*words)

    assert code == 0, complained
    outcome = json.loads(said)
    held(outcome)
    assert outcome["error"] == "INVALID_PAGINATION"


async def test_ariadne_codegen_generates_a_client_that_orders(
    address: str, seller: Portal, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    programs = await environment(pytestconfig, "ariadne", "ariadne-codegen==0.19.0")
    (tmp_path / "schema.graphql").write_text(printed())
    (tmp_path / "operations.graphql").write_text(OPERATIONS)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ariadne-codegen]\nschema_path = "schema.graphql"\nqueries_path = "operations.graphql"\n'
        'target_package_name = "portal_client"\n'
    )

    code, said, complained = await run(str(programs / "ariadne-codegen"), cwd=tmp_path)
    assert code == 0, said + complained
    words = (str(programs / "python"), str(FOREIGN / "with_ariadne_codegen.py"))
    code, said, complained = await run(
        *words, f"{address}/graphql", seller.token, cwd=tmp_path, PYTHONPATH=str(tmp_path)
    )

    assert code == 0, complained
    held(json.loads(said))


def without_increments() -> str:
    """The schema without `@defer` and `@stream`, which schemathesis takes for a schema it cannot execute."""
    document = parse(printed())
    kept = [node for node in document.definitions if not _is_increment(node)]
    return print_ast(DocumentNode(definitions=tuple(kept)))


def _is_increment(node: DefinitionNode) -> bool:
    return isinstance(node, DirectiveDefinitionNode) and node.name.value in {"defer", "stream"}


async def schemathesis(
    config: pytest.Config, url: str, token: str, home: Path, *more: str
) -> tuple[int, str]:
    """How a run against the published schema ended, and what it said."""
    programs = await environment(config, "schemathesis", "schemathesis==4.32.5")
    (home / "schema.graphql").write_text(without_increments())
    code, said, complained = await run(
        str(programs / "schemathesis"), "run", "schema.graphql", "--url", url,
        "--header", f"Authorization: Bearer {token}", "--checks", "no_fault_of_the_server",
        "--seed", SEED, "--request-timeout", "30", "--max-response-time", "10",
        *more, cwd=home, patience=PATIENCE, SCHEMATHESIS_HOOKS="schemathesis_hooks", PYTHONPATH=str(FOREIGN),
    )  # fmt: skip
    return code, said + complained


@pytest.mark.parametrize("who", ["a partner in the sandbox", "staff"])
async def test_schemathesis_finds_no_fault_of_the_server(
    who: str, address: str, world: World, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """`PORTICO_SCHEMATHESIS_EXAMPLES=1000` makes it the long run that a release takes."""
    asking = world.staff("REP") if who == "staff" else await world.partner(environment="SANDBOX")

    code, said = await schemathesis(
        pytestconfig, f"{address}/graphql", asking.token, tmp_path, "-n", str(EXAMPLES)
    )

    assert code == 0, said[-4000:]
    assert re.search(rf"Tested: {operations()}\n", said), said[-2000:]
    generated = re.search(r"(\d+) generated, (\d+) passed", said)
    assert generated, said[-2000:]
    assert int(generated[1]) == int(generated[2]) >= 100
    assert resident() <= MOST_MEMORY


def operations() -> int:
    """How many queries and mutations there are."""
    core = build_schema(printed())
    return sum(len(root.fields) for root in (core.query_type, core.mutation_type) if root)


def resident() -> int:
    """KiB of memory that this process holds; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    told = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(told[1]) if told else 0


async def test_schemathesis_finds_the_fault_of_a_server_that_has_one(
    seller: Portal, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    async def broken(_request: Request) -> Response:
        return JSONResponse({"errors": [{"message": "boom"}]}, status_code=500)

    async with serving(Starlette(routes=[Route("/graphql", broken, methods=["POST"])])) as url:
        code, said = await schemathesis(pytestconfig, f"{url}/graphql", seller.token, tmp_path, "-n", "1")

    assert code == 1
    assert "status 500" in said
