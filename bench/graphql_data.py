"""The data that `bench graphql` reads: the samples, loaded once and kept under PORTICO_HOME/bench."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg
from pydantic import SecretStr

from bench.graphql_questions import SIZE, Partner
from cli.migrate import upgrade
from cli.seed import fill_when_empty
from cli.terminal import load_settings, tell
from commerce.ids import Prefix
from datasources.postgres.embedded import OWNER, SUPERUSER, EmbeddedPostgres
from datasources.postgres.embedded_cluster import locate
from datasources.postgres.embedded_process import read_postmaster
from datasources.settings import Settings
from datasources.tokens import mint

PARTNERS = 8
IDS = 16
"""Orders and licences of each partner that are asked for by id."""

BUSIEST = """
SELECT partner_id::text AS id
FROM orders JOIN partners ON partners.id = partner_id
WHERE environment = 'PRODUCTION' AND partners.state = 'ACTIVE'
GROUP BY partner_id HAVING count(*) >= $1
ORDER BY count(*) DESC, partner_id LIMIT $2
"""
NEWEST = """
SELECT id::text FROM {table}
WHERE partner_id = $1 AND environment = 'PRODUCTION' ORDER BY id DESC LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A running PostgreSQL with samples in it."""

    settings: Settings
    pid: int

    @property
    def environment(self) -> dict[str, str]:
        """What servers are told: Portico by URL, the others by the variables of PostgreSQL's own clients.

        The others sign in as who is spared row-level security: they would see nothing, and check nothing.
        """
        url = self.settings.application_dsn
        name, _, place = url.partition("@/")[2].partition("?host=")
        return {
            "DATABASE_URL": url,
            "PORTICO_HOME": str(self.settings.home),
            "PGUSER": SUPERUSER,
            "PGDATABASE": name,
            "PGHOST": place.replace("%2F", "/"),
        }


@contextmanager
def database(scale: int) -> Iterator[Database]:
    """PostgreSQL with the samples at a scale (1: 8,000 orders)."""
    home = load_settings().home / "bench" / f"graphql-{scale}"
    with EmbeddedPostgres(home) as server:
        urls = {"database_url": SecretStr(server.url()), "owner_url": SecretStr(server.url(role=OWNER))}
        settings = load_settings(home=home).model_copy(update=urls)
        upgrade(settings)
        if counts := fill_when_empty(settings, scale=scale):
            tell(f"Loaded {counts.orders:,} orders, once")
        running = read_postmaster(locate(home))
        assert running is not None  # noqa: S101  the server runs
        yield Database(settings, running.pid)


async def partners(settings: Settings) -> list[Partner]:
    """The busiest partners, each with a token and the ids that it asks for. The tables are vacuumed first."""
    connection = await asyncpg.connect(settings.owner_dsn)
    try:
        await connection.execute("VACUUM (ANALYZE, SKIP_LOCKED)")
        found = await connection.fetch(BUSIEST, SIZE, PARTNERS)
        return [await _partner(connection, settings, row["id"]) for row in found]
    finally:
        await connection.close()


async def _partner(
    connection: "asyncpg.Connection[asyncpg.Record]", settings: Settings, partner: str
) -> Partner:
    async def newest(table: str) -> Sequence[str]:
        rows = await connection.fetch(NEWEST.format(table=table), partner, IDS)
        return [row["id"] for row in rows]

    token = mint(settings, partner=f"{Prefix.PARTNER}_{partner.replace('-', '')}")
    return Partner(partner, token, await newest("orders"), await newest("licenses"))
