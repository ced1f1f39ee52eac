"""The sandbox org over real HTTP and real Postgres, emptied before each test."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from datasources.salesforce.client import SalesforceClient
from datasources.salesforce.sandbox_org.metadata import schema
from datasources.salesforce.sandbox_org.org import Credentials
from datasources.salesforce.sandbox_org.server import running
from datasources.salesforce.sandbox_org.storage import create_tables
from datasources.salesforce.transport import SalesforceOrg

NODE = Path(__file__).parents[2] / "node"
CREDENTIALS = Credentials()
DATA = "/services/data/v66.0"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The org as a test sees it: an address, a session, and the controls."""

    url: str
    http: httpx.AsyncClient
    connection: "asyncpg.Connection[Any]"

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.http.request(method, f"{DATA}/{path}", json=body, **options)

    async def query(self, soql: str) -> list[dict[str, Any]]:
        answer = await self.call("GET", "query", params={"q": soql})
        assert answer.status_code == 200, answer.text
        return answer.json()["records"]

    async def column(self, soql: str) -> list[Any]:
        """The last field of each record."""
        return [list(record.values())[-1] for record in await self.query(soql)]

    async def create(self, sobject: str, **fields: Any) -> str:
        answer = await self.call("POST", f"sobjects/{sobject}", fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def count(self, sobject: str) -> int:
        return await self.connection.fetchval(f'SELECT count(*) FROM sandbox_org."{sobject}"')  # noqa: S608  test code

    async def fault(self, **order: Any) -> None:
        answer = await self.http.post("/__sandbox/faults", json=order)
        assert answer.status_code == 201, answer.text

    async def heal(self) -> None:
        await self.http.delete("/__sandbox/faults")

    async def calls(self) -> list[dict[str, Any]]:
        return (await self.http.get("/__sandbox/calls")).json()["calls"]

    async def logins(self) -> int:
        return (await self.http.get("/__sandbox/calls")).json()["logins"]

    async def forget_calls(self) -> None:
        await self.http.delete("/__sandbox/calls")

    def address(self, **changes: Any) -> SalesforceOrg:
        settings = {"client_id": CREDENTIALS.client_id, "client_secret": CREDENTIALS.client_secret}
        return SalesforceOrg(self.url, **{**settings, **changes})


async def log_in(http: httpx.AsyncClient) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": CREDENTIALS.client_id,
        "client_secret": CREDENTIALS.client_secret,
    }
    answer = await http.post("/services/oauth2/token", data=form)
    http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


@pytest.fixture(scope="package")
async def org_url(owner_url: str) -> AsyncIterator[str]:
    async with running(owner_url) as url:
        yield url
    connection = await asyncpg.connect(owner_url)
    await connection.execute("SET client_min_messages = error; DROP SCHEMA sandbox_org CASCADE")
    await connection.close()


@pytest.fixture
async def sandbox(org_url: str, owner_url: str) -> AsyncIterator[Sandbox]:
    connection = await asyncpg.connect(owner_url)
    tables = ", ".join(f'sandbox_org."{name}"' for name in schema().objects)
    await connection.execute(f"TRUNCATE {tables}; ALTER SEQUENCE sandbox_org.record_numbers RESTART")
    await create_tables(connection, schema())
    async with httpx.AsyncClient(base_url=org_url, trust_env=False, timeout=60) as http:
        for what in ("faults", "sessions", "cursors"):
            await http.delete(f"/__sandbox/{what}")
        await http.put("/__sandbox/limits", json={"used": 0, "total": 100_000, "page": 2_000})
        await log_in(http)
        await http.delete("/__sandbox/calls")
        yield Sandbox(org_url, http, connection)
    await connection.close()


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncIterator[SalesforceClient]:
    opened = SalesforceClient(sandbox.address())
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def node_packages() -> None:
    """Install what tests/node names, once; skip where node is not to be had."""
    if shutil.which("npm") is None:
        pytest.skip("node is not installed")


@pytest.fixture(scope="session")
async def node(node_packages: None) -> Callable[..., Awaitable[Any]]:
    """Run a script of tests/node and return the JSON it prints."""
    if not (NODE / "node_modules").exists():
        await _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")

    async def script(name: str, given: Any = None, **environment: str) -> Any:
        return json.loads(await _run("node", name, given=json.dumps(given).encode(), **environment))

    return script


async def _run(*command: str, given: bytes = b"", **environment: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=NODE,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, complaint = await process.communicate(given)
    assert process.returncode == 0, complaint.decode()
    return output
