"""`portico doctor`: whether everything that must always be true of the data is true."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

from cli.database import database
from cli.terminal import Refusal, load_settings, out
from datasources.postgres.examination import Finding, examine


def doctor(
    *,
    statement_timeout: Annotated[float, Parameter(help="Seconds that one invariant may take.")] = 60.0,
    verbose: Annotated[bool, Parameter(negative="", help="Show what holds, too.")] = False,
) -> int:
    """Examine the data for what must always be true; nothing is changed.

    Works on a database in use: it reads one snapshot and locks nothing. The exit status is 1 where
    something is not as it must be.
    """
    with database(load_settings()) as settings:
        try:
            findings = asyncio.run(examine(settings.owner_dsn, statement_timeout=statement_timeout))
        except OSError as unreachable:
            raise Refusal(f"The database cannot be reached: {unreachable}") from None
    broken = [finding for finding in findings if not finding.holds]
    if verbose or broken:
        out.print(table(findings if verbose else broken))
    if broken:
        out.print(f"[red]{len(broken)} of {len(findings)} invariants do not hold.[/]")
        return 1
    out.print(f"[green]All {len(findings)} invariants hold.[/]")
    return 0


def table(findings: Sequence[Finding]) -> Table:
    """The invariants and what breaks them."""
    drawn = Table("invariant", "must be true", title="portico doctor")
    drawn.add_column("breaks it", no_wrap=True)
    for finding in findings:
        drawn.add_row(finding.invariant.name, finding.invariant.sentence, said(finding))
    return drawn


def said(finding: Finding) -> str:
    """How many rows break an invariant, and the first of them."""
    if finding.fault:
        return f"unknown: {finding.fault}"
    if not finding.count:
        return ""
    more = finding.count - len(finding.ids)
    return "\n".join([f"{finding.count:,}:", *finding.ids, *([f"and {more:,} more"] if more else [])])
