"""The database a verb works on: the one DATABASE_URL names, or the embedded one while the verb runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from datasources.postgres.embedded import OWNER, EmbeddedPostgres
from datasources.settings import Settings


@contextmanager
def database(settings: Settings) -> Iterator[Settings]:
    """The same settings with both database URLs filled in. Call from the main thread."""
    if settings.database_url:
        yield settings
        return
    with embedded(settings) as server:
        urls = {"database_url": SecretStr(server.url()), "owner_url": SecretStr(server.url(role=OWNER))}
        yield settings.model_copy(update=urls)


def embedded(settings: Settings) -> EmbeddedPostgres:
    return EmbeddedPostgres(settings.home, pg_bin=settings.pg_bin, pg_user=settings.pg_user)
