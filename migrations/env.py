"""How Alembic reaches the database: as the owner of the tables, over asyncpg, one migrator at a time.

The caller may hand over a URL in `config.attributes["url"]`, else the settings name it, and a function to be
told of each migration in `config.attributes["on_version_apply"]`.
"""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from datasources.postgres.tables import metadata
from datasources.settings import Settings

ONE_MIGRATOR = 7_074_726_310  # an advisory lock's key; any number that nobody else uses


def owner_url() -> str:
    return context.config.attributes.get("url") or Settings().owner_dsn


def migrate(connection: Connection) -> None:
    """Run what is missing. A migration that waits too long for a table fails rather than stop all traffic."""
    connection.execute(text(f"select pg_advisory_lock({ONE_MIGRATOR})"))
    patience = int(Settings().migration_lock_timeout * 1000)
    connection.execute(text(f"set lock_timeout = {patience}"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        compare_type=True,
        compare_server_default=True,
        on_version_apply=context.config.attributes.get("on_version_apply"),
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_online() -> None:
    url = owner_url()
    # asyncpg reads the URL itself: SQLAlchemy would refuse parameters such as sslmode.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


def print_sql() -> None:
    """`--sql`: print what would run, for a review or for a database that only others may reach."""
    context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    print_sql()
else:
    asyncio.run(migrate_online())
