"""One seeded database for all tests of the samples, which only read it."""

from datetime import date
from functools import partial
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from commerce.screening_policies import PARTNER_SELF_SERVICE
from datasources.license_keys import LicenseKeys
from datasources.postgres.samples import seed
from datasources.sealing import Seal
from datasources.watchlists import Watchlists

AS_OF = date(2026, 11, 22)


@pytest.fixture(scope="package")
def keys(tmp_path_factory):
    return LicenseKeys.open(tmp_path_factory.mktemp("keys"), Seal(bytes(32)))


@pytest.fixture(scope="package")
def screen():
    return partial(Watchlists.load(None).screen, policy=PARTNER_SELF_SERVICE)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def seeded(sockets, keys, screen):
    """A connection to the seeded database, and what was counted."""
    administrator = await asyncpg.connect(f"postgresql://postgres@/postgres?host={sockets}")
    name = f"samples_{uuid4().hex}"
    await administrator.execute(f"CREATE DATABASE {name} TEMPLATE portico_template OWNER portico")
    try:
        url = f"postgresql://portico@/{name}?host={sockets}"
        counts = await seed(url, keys=keys, screen=screen, as_of=AS_OF)
        connection = await asyncpg.connect(url, server_settings={"timezone": "UTC"})
        yield connection, counts
        await connection.close()
    finally:
        await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await administrator.close()


@pytest.fixture
def column(seeded):
    """The first column of what a query finds."""

    async def fetch(query):
        return [row[0] for row in await seeded[0].fetch(query)]

    return fetch
