"""`portico seed`: sample data, the same on every machine."""

import asyncio
import time
from functools import partial
from typing import Annotated

import asyncpg
from cyclopts import Parameter
from cyclopts.types import PositiveInt
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli.database import database
from cli.migrate import upgrade
from cli.terminal import Refusal, err, load_settings, out
from commerce.screening_policies import PARTNER_SELF_SERVICE
from datasources.license_keyring import LicenseKeyring
from datasources.postgres.samples import Counts
from datasources.settings import Settings
from datasources.watchlists import Watchlists


def seed(
    *,
    scale: Annotated[PositiveInt, Parameter(help="Multiplies 2,000 customers and 8,000 orders.")] = 1,
) -> None:
    """Fill an empty database with believable partners, customers, orders and licences."""
    with database(load_settings()) as settings:
        upgrade(settings)
        began = time.monotonic()
        counts = fill_when_empty(settings, scale=scale)
    if counts is None:
        raise Refusal("The database has partners already. ./portico serve --fresh starts over.")
    seconds = time.monotonic() - began
    out.print(
        f"{counts.partners} partners, {counts.customers:,} customers, {counts.orders:,} orders, "
        f"{counts.licenses:,} licences: {counts.rows:,} rows in {seconds:.1f} s."
    )


def fill_when_empty(settings: Settings, *, scale: int = 1) -> Counts | None:
    """Load the samples into a database without partners; None where there are some."""
    if not asyncio.run(_is_empty(settings.owner_dsn)):
        return None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        return asyncio.run(_load(settings, scale, progress))


async def _load(settings: Settings, scale: int, progress: Progress) -> Counts:
    from datasources.postgres.samples import seed as load

    bar = progress.add_task("Sample orders")
    watchlists = Watchlists.load(settings.watchlist_dir, home=settings.watchlists)
    return await load(
        settings.owner_dsn,
        keys=LicenseKeyring.of(settings).present,
        screen=partial(watchlists.screen, policy=PARTNER_SELF_SERVICE),
        scale=scale,
        progress=lambda done, total: progress.update(bar, completed=done, total=total),
    )


async def _is_empty(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return not await connection.fetchval("SELECT EXISTS (SELECT FROM partners)")
    finally:
        await connection.close()
