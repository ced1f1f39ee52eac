"""`portico lists`: the denied-party lists that orders are screened against."""

from cyclopts import App
from rich.table import Table

from cli.terminal import Refusal, load_settings, out
from datasources.settings import Settings
from datasources.watchlists import Watchlists

app = App(name="lists", help="The denied-party lists in force.")


@app.command
def status() -> None:
    """Print which lists screening would use now: their dates, sizes and hashes."""
    watchlists = _loaded(load_settings())
    table = Table("list", "published", "last asked for", "entries", "content", box=None)
    for version in watchlists.versions:
        table.add_row(
            f"{version.source} (SAMPLE)" if version.is_sample else version.source,
            str(version.published_on or "not said"),
            f"{version.checked_at:%Y-%m-%d %H:%M} UTC" if version.checked_at else "pinned by hand",
            f"{version.entries:,}",
            version.sha256[:12],
        )
    out.print(table)
    for fault in watchlists.faults:
        out.print(f"[red]cannot serve[/] {fault}")
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


def _loaded(settings: Settings) -> Watchlists:
    return Watchlists.load(settings.watchlist_dir, home=settings.watchlists)
