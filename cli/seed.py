"""`portico seed`: sample data, the same on every machine."""

import asyncio
from typing import Annotated

from cyclopts import Parameter
from cyclopts.types import PositiveInt

from cli.database import database
from cli.migrate import upgrade
from cli.terminal import load_settings, out


def seed(
    *,
    scale: Annotated[PositiveInt, Parameter(help="Multiplies 2,000 customers and 8,000 orders.")] = 1,
) -> None:
    """Fill an empty database with believable partners, customers, orders and licences."""
    from datasources.postgres.samples import seed as load

    with database(load_settings()) as settings:
        upgrade(settings)
        asyncio.run(load(settings.owner_dsn, scale=scale))
    out.print("Seeded.")
