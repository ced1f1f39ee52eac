"""`portico bench`: measure Portico beside its references."""

import contextlib
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.table import Table

import bench as benches
from bench.harness import Plan, Report
from cli.terminal import Refusal, err, out

RESULTS = Path(benches.__file__).parent / "results"


def bench(
    name: Annotated[str | None, Parameter(help="Which bench; without it, their names.")] = None,
    *,
    quick: Annotated[bool, Parameter(negative="", help="End within 50 s.")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object.")] = False,
) -> None:
    """Measure one thing beside its references, print a table of it and keep it in bench/results/."""
    if name is None:
        out.print("\n".join(names()))
        return
    if name not in names():
        raise Refusal(f"There is no bench {name!r}. There are: {', '.join(names())}.")
    measure = importlib.import_module(f"bench.{name}").bench
    with _standard_output_aside() if as_json else contextlib.nullcontext():
        err.print(f"Measuring {name}, {'quickly' if quick else 'in full'}.")
        found: Report = measure(Plan.of(quick=quick))
    keep(found)
    if as_json:
        print(json.dumps(found.as_json()))
    else:
        out.print(table(found))


def names() -> list[str]:
    """The modules of `bench` that measure something; finding out imports none of them."""
    sources = (Path(place) / f"{name}.py" for place in benches.__path__ for name in _modules(place))
    return sorted(source.stem for source in sources if "\ndef bench(" in source.read_text("utf-8"))


def _modules(place: str) -> list[str]:
    return [module.name for module in pkgutil.iter_modules([place]) if not module.ispkg]


def table(found: Report) -> Table:
    """The rows, and below them the ratios."""
    columns = list(dict.fromkeys(column for row in found.rows for column in row))
    drawn = Table(*columns, title=f"bench {found.name}")
    for row in found.rows:
        drawn.add_row(*(_shown(row.get(column, "")) for column in columns))
    drawn.caption = "\n".join(f"{label} {value:.2f}" for label, value in found.ratios.items())
    return drawn


def keep(found: Report) -> None:
    """Write the result whole or not at all."""
    RESULTS.mkdir(exist_ok=True)
    half = RESULTS / f"{found.name}.json.tmp"
    half.write_text(json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    half.replace(RESULTS / f"{found.name}.json")


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)


@contextlib.contextmanager
def _standard_output_aside() -> Iterator[None]:
    """Whatever is printed meanwhile, by children too, goes to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
