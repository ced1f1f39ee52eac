"""What a list must pass before anybody is cleared by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from datasources.watchlists.sources import Parsed, Source

MOST_SHRINK = 0.05
MOST_GROWTH = 0.15
MOST_ERRORS = 0.001


@dataclass(frozen=True, slots=True)
class Standing:
    """What the list in force counts: the next one is measured against it."""

    rows: int
    entries: int
    published_on: date | None


def refusals(
    source: Source, parsed: Parsed, standing: Standing | None, *, is_sample: bool = False
) -> list[str]:
    """Why these files may not serve; empty if they may. A list's first files meet only its own floor."""
    found = list(_of_itself(source, parsed, is_sample=is_sample))
    return [*found, *_against(parsed, standing)] if standing else found


def _of_itself(source: Source, parsed: Parsed, *, is_sample: bool) -> Iterator[str]:
    if not parsed.entries:
        yield "no entry"
    elif parsed.rows < source.fewest and not is_sample:
        yield f"{parsed.rows} rows where at least {source.fewest} are due"
    if len(parsed.errors) > MOST_ERRORS * parsed.rows:
        yield f"{len(parsed.errors)} of {parsed.rows} rows cannot be read, the first at {parsed.errors[0]}"


def _against(parsed: Parsed, standing: Standing) -> Iterator[str]:
    change = (parsed.rows - standing.rows) / standing.rows
    if change < -MOST_SHRINK:
        yield f"shrunk by {-change:.1%} from {standing.rows} rows to {parsed.rows}"
    if change > MOST_GROWTH:
        yield f"grown by {change:.1%} from {standing.rows} rows to {parsed.rows}"
    if parsed.published_on and standing.published_on and parsed.published_on < standing.published_on:
        yield f"of {parsed.published_on}, older than the one in force of {standing.published_on}"
