"""`portico seed`: sample data, the same on every machine."""

import asyncio
from typing import Annotated

import asyncpg
from cyclopts import Parameter
from cyclopts.types import PositiveInt

from cli.database import database
from cli.migrate import upgrade
from cli.terminal import Refusal, load_settings, out
from datasources.settings import Settings


def seed(
    *,
    scale: Annotated[PositiveInt, Parameter(help="Multiplies 2,000 customers and 8,000 orders.")] = 1,
) -> None:
    """Fill an empty database with believable partners, customers, orders and licences."""
    with database(load_settings()) as settings:
        upgrade(settings)
        if not fill_when_empty(settings, scale=scale):
            raise Refusal(
                "The database has partners already. Start over by ./portico serve --fresh, or use another."
            )
    out.print("Seeded.")


def fill_when_empty(settings: Settings, *, scale: int = 1) -> bool:
    """Load the samples into a database without partners; whether that was done."""
    from datasources.postgres.samples import seed as load

    if not asyncio.run(_is_empty(settings.owner_dsn)):
        return False
    asyncio.run(load(settings.owner_dsn, scale=scale))
    return True


async def _is_empty(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return not await connection.fetchval("SELECT EXISTS (SELECT FROM partners)")
    finally:
        await connection.close()
