"""`portico screening`: decisions as a compliance officer reads them, made again, and the seals over them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cli.database import database
from cli.terminal import Refusal, load_settings, out
from commerce.access import Environment, Scope
from commerce.decision_pages import page_of
from commerce.ids import Prefix, names
from commerce.reviving import revived
from commerce.screening import Outcome, Subject
from datasources.postgres.screening_audit import DECIDED, RULED, Record
from datasources.settings import Settings
from datasources.sources import Sources, open_sources
from resolvers.replay_decision import Verdict, replayed

app = App(name="screening", help="Screening decisions, and the trail that they leave.")

Days = Annotated[int, Parameter(help="How many days back to look.")]
AnId = Annotated[str, Parameter(help="Screenings, scr_…; the newest ones without any.")]


@app.command
def decisions(
    *ids: AnId,
    last: Annotated[int, Parameter(help="How many.")] = 20,
    days: Days = 3650,
    sandbox: bool = False,
) -> int:
    """Print decisions as a compliance officer reads them: parties, lists, findings, scores, rulings since."""

    async def show(sources: Sources, _settings: Settings) -> int:
        scope = _scope(sandbox=sandbox)
        for record in await _chosen(sources, scope, ids, last, days):
            facts = record.facts
            rulings = await _rulings(sources, scope, record)
            subjects = revived(tuple[Subject, ...], facts["subjects"])
            outcome = revived(Outcome, facts["outcome"])
            page = page_of(record.subject_id, subjects, outcome, record.at, rulings=rulings)
            out.print(page, markup=False)
            out.print()
        return 0

    return _with_sources(show)


@app.command
def replay(
    *ids: AnId,
    last: Annotated[int, Parameter(help="How many.")] = 1000,
    days: Days = 3650,
    sandbox: bool = False,
) -> int:
    """Make decisions again from the lists, policies and facts that were kept; they must agree to the byte."""

    async def make_again(sources: Sources, settings: Settings) -> int:
        records = await _chosen(sources, _scope(sandbox=sandbox), ids, last, days)
        replays = [await replayed(sources, record, settings.watchlists) for record in records]
        for one in replays:
            if one.verdict is not Verdict.SAME:
                out.print(f"{one.record.subject_id}  {one.verdict}: {one.why}", markup=False)
        same = sum(one.verdict is Verdict.SAME for one in replays)
        out.print(f"{same:,} of {len(replays):,} decisions were made again and are the same to the byte.")
        return int(any(one.verdict is Verdict.DIFFERENT for one in replays))

    return _with_sources(make_again)


@app.command
def seals(*, sandbox: bool = False) -> int:
    """Print the last hash of every chain: kept elsewhere, it vouches for all records before it."""

    async def show(sources: Sources, _settings: Settings) -> int:
        table = Table("partner", "records", "hash", box=None)
        for partner_id, last, seal in await sources.screening_audit.seals(_scope(sandbox=sandbox)):
            table.add_row(partner_id, f"{last:,}", seal.hex())
        out.print(table)
        return 0

    return _with_sources(show)


def _scope(*, sandbox: bool) -> Scope:
    return Scope(None, Environment.SANDBOX if sandbox else Environment.PRODUCTION)


async def _chosen(sources: Sources, scope: Scope, ids: tuple[str, ...], last: int, days: int) -> list[Record]:
    if strange := [one for one in ids if not names(Prefix.SCREENING, one)]:
        raise Refusal(f"{strange[0]!r} is no screening's id: scr_ and 32 hex digits.")
    if not ids:
        since = datetime.now(UTC) - timedelta(days=days)
        return await sources.screening_audit.decisions(scope, since=since, most=last)
    found = await sources.screening_audit.of_subjects(scope, ids)
    return [record for one in ids for record in found[one] if record.kind == DECIDED]


async def _rulings(sources: Sources, scope: Scope, record: Record) -> list[tuple[str, str]]:
    """What officers decided on the order of a decision."""
    screening = (await sources.screenings.by_id(scope, [record.subject_id])).get(record.subject_id)
    if screening is None:
        return []
    newest = (await sources.screenings.newest_of_orders(scope, [screening.order_id]))[screening.order_id]
    found = (await sources.screening_audit.of_subjects(scope, [newest.id]))[newest.id]
    return [(one.facts["ruling"]["decision"], one.actor) for one in found if one.kind == RULED]


def _with_sources(run: Callable[[Sources, Settings], Awaitable[int]]) -> int:
    async def opened(settings: Settings) -> int:
        async with open_sources(settings) as sources:
            return await run(sources, settings)

    with database(load_settings()) as settings:
        return asyncio.run(opened(settings))
