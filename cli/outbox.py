"""`portico outbox`: what waits to be told, what was given up, and trying that again."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cli.database import database
from cli.terminal import Refusal, load_settings, out
from commerce.access import Environment, Scope
from commerce.audit import Acting
from commerce.dead_letters import DeadLetter, Queue, row_of
from commerce.orders import Actor
from datasources.postgres import audit
from datasources.postgres.database import open_database
from datasources.postgres.dead_letters import DeadLetters
from datasources.settings import Settings

MOST_SHOWN = 1_000
InEnvironment = Annotated[Environment, Parameter(help="Production or sandbox.")]

app = App(name="outbox", help="See what waits to be told, and have dead letters tried again.")


@app.command
def status(*, environment: InEnvironment = Environment.PRODUCTION) -> None:
    """Print how much waits for each destination, since when, and how much was given up."""
    with database(load_settings()) as settings:
        found = asyncio.run(_queues(settings, environment))
    drawn = Table("destination", "waiting", "oldest due", "dead", box=None, pad_edge=False)
    for queue in found:
        oldest = f"{queue.oldest_due_at:%Y-%m-%d %H:%M:%S}" if queue.oldest_due_at else ""
        drawn.add_row(queue.destination, f"{queue.waiting:,}", oldest, f"{queue.dead:,}")
    out.print(drawn if found else "Nothing waits.")


@app.command
def dead(
    *,
    environment: InEnvironment = Environment.PRODUCTION,
    destination: Annotated[str | None, Parameter(help="Only what this one was to be told.")] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON list.")] = False,
) -> None:
    """List dead letters, the newest first, 1,000 at most."""
    with database(load_settings()) as settings:
        found = asyncio.run(_dead(settings, environment, destination))
    if as_json:
        print(json.dumps([asdict(letter) | {"id": letter.id} for letter in found], default=str))
        return
    drawn = Table("id", "destination", "about", "tried", "error", "given up", box=None, pad_edge=False)
    for letter in found:
        about, tried, error = letter.key, f"{letter.attempts:,}", letter.last_error or ""
        drawn.add_row(letter.id, letter.destination, about, tried, error, f"{letter.dead_at:%Y-%m-%d %H:%M}")
    out.print(drawn if found else "There are no dead letters.")


@app.command
def retry(
    *ids: str,
    environment: InEnvironment = Environment.PRODUCTION,
    destination: Annotated[
        str | None, Parameter(help="Instead of ids: all that this one was to be told.")
    ] = None,
) -> int:
    """Have dead letters tried again: those named, or all of a destination. It is kept in the audit log."""
    if bool(ids) is (destination is not None):
        raise Refusal("Name dead letters by their ids, or a --destination.")
    if wrong := [one for one in ids if row_of(one) is None]:
        raise Refusal(f"This is not the id of a message: {wrong[0]}")
    rows = [row for one in ids if (row := row_of(one)) is not None] if ids else None
    with database(load_settings()) as settings:
        count = asyncio.run(_retry(settings, environment, rows, destination))
    out.print(f"{count:,} of them will be tried again." if count else "There was nothing to try again.")
    return 0 if count else 1


async def _queues(settings: Settings, environment: Environment) -> list[Queue]:
    async with open_database(settings.application_dsn) as opened:
        return await DeadLetters(opened).queues(Scope(None, environment))


async def _dead(settings: Settings, environment: Environment, destination: str | None) -> list[DeadLetter]:
    async with open_database(settings.application_dsn) as opened:
        scope = Scope(None, environment)
        return await DeadLetters(opened).page(scope, size=MOST_SHOWN, destination=destination)


async def _retry(
    settings: Settings, environment: Environment, rows: Sequence[int] | None, destination: str | None
) -> int:
    acting = Acting(Actor.STAFF, "./portico outbox", environment, datetime.now(UTC))
    async with open_database(settings.application_dsn) as opened, opened.system() as transaction:
        scope = Scope(None, environment)
        found = await DeadLetters(opened).retry(transaction, scope, rows=rows, destination=destination)
        details = {"count": len(found), "destination": destination or "by id"}
        await audit.record(transaction, acting, "outbox.retried", details=details)
        return len(found)
