"""One embedded PostgreSQL for the whole run, one migrated template, one clone of it for each worker.

With xdist the controller starts the server before its workers exist, so that they inherit its address;
without, it starts when the first test asks for it, and tests of pure rules never wait for it.
"""

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.config import Config

from datasources.postgres.embedded import APPLICATION, OWNER, SUPERUSER, EmbeddedPostgres

ROOT = Path(__file__).parents[1]
SOCKETS = "PYTEST_PORTICO_SOCKETS"
TEMPLATE = "portico_template"
SERVER = pytest.StashKey[EmbeddedPostgres]()


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the test server, by the URLs of the two roles that use it."""

    name: str
    sockets: str

    def url_as(self, role: str) -> str:
        return f"postgresql://{role}@/{self.name}?host={self.sockets}"

    @property
    def url(self) -> str:
        return self.url_as(APPLICATION)

    @property
    def owner_url(self) -> str:
        return self.url_as(OWNER)


def pytest_configure(config: pytest.Config) -> None:
    is_controller = not hasattr(config, "workerinput")
    if is_controller and config.getoption("dist", "no") != "no" and not config.option.collectonly:
        start_server(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(SERVER, None):
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)
        os.environ.pop(SOCKETS, None)


def start_server(config: pytest.Config) -> None:
    home = Path(tempfile.mkdtemp(prefix="portico-tests-"))
    home.chmod(0o755)  # root runs PostgreSQL as another user
    server = EmbeddedPostgres(home, pg_bin=_path("PORTICO_PG_BIN"), durable=False, max_connections=300)
    server.start()
    config.stash[SERVER] = server
    os.environ[SOCKETS] = str(server.socket_dir)
    administer(f"create database {TEMPLATE} owner {OWNER}")
    migrate(Database(TEMPLATE, str(server.socket_dir)).owner_url)


def migrate(url: str) -> None:
    """Bring a database to the newest revision, as `./portico migrate` does."""
    alembic = Config(ROOT / "alembic.ini")
    alembic.set_main_option("script_location", str(ROOT / "migrations"))
    alembic.attributes["url"] = url
    elsewhere(lambda: command.upgrade(alembic, "head"))


def administer(*statements: str) -> None:
    """Run statements as the superuser, outside any transaction."""

    async def run() -> None:
        connection = await asyncpg.connect(Database("postgres", os.environ[SOCKETS]).url_as(SUPERUSER))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    elsewhere(lambda: asyncio.run(run()))


def elsewhere(work: Callable[[], object]) -> None:
    """Run in a thread of its own, where `asyncio.run` cannot disturb the loop that the tests share."""
    failure: list[BaseException] = []

    def carry_out() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  raised again below, in the caller's thread
            failure.append(error)

    thread = threading.Thread(target=carry_out)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]


def cloned() -> Iterator[Database]:
    name = f"clone_{uuid4().hex}"
    administer(f"create database {name} template {TEMPLATE} owner {OWNER}")
    yield Database(name, os.environ[SOCKETS])
    administer(f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def sockets(request: pytest.FixtureRequest) -> str:
    """The socket directory of the run's server."""
    if SOCKETS not in os.environ:
        start_server(request.config)
    return os.environ[SOCKETS]


@pytest.fixture(scope="session")
def database(sockets: str) -> Iterator[Database]:
    """This worker's database: migrated, empty, shared by its tests. Leave nothing behind in it."""
    yield from cloned()


@pytest.fixture(scope="session")
def database_url(database: Database) -> str:
    return database.url


@pytest.fixture(scope="session")
def owner_url(database: Database) -> str:
    return database.owner_url


@pytest.fixture
def fresh_database(sockets: str) -> Iterator[Database]:
    """A database for one test alone, to commit in, break and forget."""
    yield from cloned()


@pytest.fixture
def fresh_database_url(fresh_database: Database) -> str:
    return fresh_database.url


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A connection as the application role, in a transaction that is rolled back after the test."""
    opened = await asyncpg.connect(database_url)
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


def _path(variable: str) -> Path | None:
    return Path(value) if (value := os.environ.get(variable)) else None
