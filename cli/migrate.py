"""`portico migrate`: bring the tables to the newest revision."""

from pathlib import Path
from typing import Annotated, Any

from alembic import command
from alembic.config import Config
from cyclopts import Parameter

from cli.database import database
from cli.terminal import load_settings, out
from datasources.settings import Settings

ROOT = Path(__file__).parents[1]


def migrate(
    *,
    to: Annotated[str, Parameter(help="The revision to stop at; `-1` goes one back.")] = "head",
    new: Annotated[str | None, Parameter(help="Write a migration for what differs, with this title.")] = None,
    sql: Annotated[bool, Parameter(negative="", help="Print the statements; run nothing.")] = False,
) -> None:
    """Run the migrations that the database lacks."""
    settings = load_settings()
    if sql:
        command.upgrade(configuration(), to, sql=True)
        return
    with database(settings) as reachable:
        if new is not None:
            upgrade(reachable)
            command.revision(configuration(reachable), message=new, autogenerate=True)
        elif to.startswith("-"):
            command.downgrade(configuration(reachable), to)
        else:
            applied = upgrade(reachable, to)
            out.print(f"Migrated: {', '.join(applied)}" if applied else "Nothing to migrate.", markup=False)


def upgrade(settings: Settings, revision: str = "head") -> list[str]:
    """Migrate the settings' database as its owner; the titles of the migrations that ran."""
    titles: list[str] = []

    def remember(*, step: Any, **_: Any) -> None:
        titles.append(step.up_revision.doc.rstrip("."))

    prepared = configuration(settings)
    prepared.attributes["on_version_apply"] = remember
    command.upgrade(prepared, revision)
    return titles


def configuration(settings: Settings | None = None) -> Config:
    prepared = Config(ROOT / "alembic.ini")
    prepared.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    if settings:
        prepared.attributes["url"] = settings.owner_dsn
    return prepared
