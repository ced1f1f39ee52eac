"""`portico lists`: the denied-party lists that orders are screened against."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cyclopts import App
from rich.table import Table

from cli.terminal import Refusal, load_settings, out
from commerce.listed_changes import Changes, changes
from commerce.screening_policies import PARTNER_SELF_SERVICE
from datasources.settings import Settings
from datasources.watchlists import Watchlists, files
from datasources.watchlists.registry import SOURCES
from datasources.watchlists.sources import Source
from datasources.watchlists.store import Store

app = App(name="lists", help="The denied-party lists in force.")


@app.command
def status() -> None:
    """Print which lists screening would use now: their dates, sizes and hashes."""
    settings = load_settings()
    watchlists = _loaded(settings)
    oldest = datetime.now(UTC) - PARTNER_SELF_SERVICE.max_list_age
    table = Table("list", "published", "last asked for", "entries", "content", box=None)
    for version in watchlists.versions:
        table.add_row(
            f"{version.source} (SAMPLE)" if version.is_sample else version.source,
            str(version.published_on or "not said"),
            _asked(version.checked_at, oldest),
            f"{version.entries:,}",
            version.sha256[:12],
        )
    out.print(table)
    for fault in watchlists.faults:
        out.print(f"[red]cannot serve[/] {fault}")
    for source in SOURCES:
        for refused in Store(settings.watchlists).refused(source)[-1:]:
            out.print(f"[yellow]set aside[/] {source.code} of {refused['at'][:16]}: {refused['reasons'][0]}")
    if watchlists.is_sample:
        out.print(
            "\n[bold red]These are synthetic samples: they clear nobody in earnest.[/] Download the official "
            "lists by ./portico lists refresh, or name a directory of them by PORTICO_WATCHLIST_DIR."
        )


@app.command
def refresh() -> None:
    """Ask every publisher for its list and keep what passes the gates; what does not is set aside.

    A server that runs picks them up when it starts, or by itself with PORTICO_WATCHLIST_REFRESH_HOURS.
    """
    settings = load_settings()
    if settings.watchlist_dir:
        raise Refusal("PORTICO_WATCHLIST_DIR pins the lists by hand: put new files there, or unset it.")
    table = Table("list", "result", "why", box=None)
    found = _loaded(settings).refresh()
    for each in found:
        table.add_row(each.source, each.result, "; ".join(each.reasons))
    out.print(table)
    if all(each.result == "UNREACHABLE" for each in found):
        raise Refusal("No publisher could be reached: is there a network?")


@app.command
def diff(directory: Path | None = None, *, most: int = 20) -> None:
    """Print what changed between the lists in force and those before, or what a directory would change.

    Parameters
    ----------
    directory
        Official files as in PORTICO_WATCHLIST_DIR, to compare with what is in force.
    most
        How many entries of each list to name.
    """
    home = Store(load_settings().watchlists)
    table = Table("list", "added", "changed", "removed", box=None)
    named: list[str] = []
    for source in SOURCES:
        found = _changes(source, home, directory)
        if found is None:
            continue
        table.add_row(
            source.code, *(f"{len(part):,}" for part in (found.added, found.changed, found.removed))
        )
        named += list(_named(found))[:most]
    if not table.rows:
        raise Refusal("There are no two versions of any list to compare.")
    out.print(table)
    for line in named:
        out.print(line, markup=False, highlight=False)


def _changes(source: Source, home: Store, directory: Path | None) -> Changes | None:
    """None where there is nothing to compare."""
    *_, before, now = [None, None, *home.history(source)]
    content = files.read(directory, source) if directory else None
    after = content or (now and home.contents(now))
    first = now if content else before
    if not after or not first:
        return None
    return changes(source.parse(home.contents(first)).entries, source.parse(after).entries)


def _named(found: Changes) -> Iterator[str]:
    for sign, entries in (("+", found.added), ("~", found.changed), ("-", found.removed)):
        yield from (f"{sign} {one.list} {one.entry_id} {one.names[0].text}" for one in entries)


def _asked(at: datetime | None, oldest: datetime) -> str:
    """When a publisher was last asked, in red where that is too long ago to clear anybody."""
    if at is None:
        return "pinned by hand"
    text = f"{at:%Y-%m-%d %H:%M} UTC"
    return f"[bold red]{text} TOO OLD[/]" if at < oldest else text


def _loaded(settings: Settings) -> Watchlists:
    return Watchlists.load(settings.watchlist_dir, home=settings.watchlists)
