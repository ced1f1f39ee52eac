"""`portico psql`: how to reach the database by hand."""

import os
import shutil
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.database import database, embedded
from cli.terminal import Refusal, load_settings, out
from datasources.postgres.embedded import EmbeddedPostgresError
from datasources.postgres.embedded_binaries import find_binaries
from datasources.postgres.embedded_cluster import locate
from datasources.postgres.embedded_process import read_postmaster
from datasources.settings import Settings


def psql(
    *,
    run: Annotated[
        bool, Parameter(negative="", help="Open psql, starting the embedded server if none runs.")
    ] = False,
) -> int:
    """Print the command that reaches the database, as the owner of its tables."""
    settings = load_settings()
    if run:
        with database(settings) as reachable:
            return os.spawnv(os.P_WAIT, program(settings), ["psql", reachable.owner_dsn])  # noqa: S606
    if settings.database_url:
        # The URL may hold a password: it is named, not printed.
        out.print('psql "$PORTICO_OWNER_URL"' if settings.owner_url else 'psql "$DATABASE_URL"', markup=False)
        return 0
    running = read_postmaster(locate(settings.home))
    if running is None:
        raise Refusal(
            "The embedded PostgreSQL does not run now. Start it by `./portico serve`, or open a psql that "
            "brings it along by `./portico psql --run`."
        )
    out.print(f'{program(settings)} "{url(settings)}"', markup=False)
    return 0


def url(settings: Settings) -> str:
    with embedded(settings) as server:
        return server.url(role="portico")


def program(settings: Settings) -> str:
    """psql: the one on PATH, else the one that came with the server. Raises Refusal without either."""
    if on_path := shutil.which("psql"):
        return on_path
    try:
        beside = Path(find_binaries(settings.pg_bin).program("psql"))
    except EmbeddedPostgresError:
        beside = Path("psql")
    if not beside.is_file():
        raise Refusal("There is no psql here. On Debian: apt-get install postgresql-client")
    return str(beside)
