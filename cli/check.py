"""`portico check`: every rule that a machine can hold us to, each named with its outcome."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from cli.terminal import Refusal, err, out

ROOT = Path(__file__).parents[1]
LONGEST_FILE = 400


@dataclass(frozen=True, slots=True)
class Outcome:
    passed: bool
    said: str


def check(
    *names: Annotated[str, Parameter(help="Checks to run; all of them without any.")],
    fix: Annotated[bool, Parameter(negative="", help="Let ruff mend what it can first.")] = False,
) -> int:
    """Run every check: lint, format, types, import contracts, schema, lengths, lock."""
    if unknown := sorted(set(names) - CHECKS.keys()):
        raise Refusal(f"There is no check {', '.join(unknown)}. There are: {', '.join(CHECKS)}.")
    if fix:
        tool("ruff", "check", "--fix", "--quiet", ".")
        tool("ruff", "format", "--quiet", ".")
    failed = [name for name in CHECKS if (not names or name in names) and not _report(name)]
    if failed:
        err.print(f"[red]{len(failed)} failed:[/] {', '.join(failed)}")
    else:
        out.print("[green]All checks pass.[/]")
    return 1 if failed else 0


def _report(name: str) -> bool:
    began = time.perf_counter()
    outcome = CHECKS[name]()
    mark = "[green]pass[/]" if outcome.passed else "[red]FAIL[/]"
    out.print(f"{mark}  {name:<10} {time.perf_counter() - began:5.1f} s")
    if not outcome.passed:
        out.print(Text.from_ansi(outcome.said.strip()))
    return outcome.passed


def tool(module: str, *arguments: str) -> Outcome:
    done = subprocess.run(  # noqa: S603  our own tools
        [sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return Outcome(done.returncode == 0, done.stdout + done.stderr)


def imports() -> Outcome:
    return tool("importlinter.cli", "lint")


def sdl() -> Outcome:
    """The committed schema is the one that the code declares."""
    return tool("cli", "schema", "--check")


def lengths() -> Outcome:
    """No source file is longer than 400 lines."""
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in sources()
        if (count := _lines(path)) > LONGEST_FILE
    ]
    return Outcome(not long, "\n".join(long))


def lock() -> Outcome:
    """The lock pins every direct dependency as pyproject.toml does, with hashes and without an address."""
    text = (ROOT / "requirements.lock").read_text()
    asked = re.findall(
        r'^    "([\w.-]+)(?:\[\w+\])?==([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    wrong = [
        f"{name}=={version} is not in requirements.lock"
        for name, version in asked
        if not _pins(text, name, version)
    ]
    wrong += [f"requirements.lock holds an address: {line}" for line in text.splitlines() if "://" in line]
    wrong += ["uv.lock must not be committed: it records addresses"] if Path("uv.lock") in tracked() else []
    return Outcome(not wrong, "\n".join(wrong))


CHECKS: dict[str, Callable[[], Outcome]] = {
    "lint": lambda: tool("ruff", "check", "."),
    "format": lambda: tool("ruff", "format", "--check", "."),
    "types": lambda: tool("mypy"),
    "imports": imports,
    "sdl": sdl,
    "lengths": lengths,
    "lock": lock,
}


def sources() -> list[Path]:
    """Our program texts: Python and shell."""
    names = [path for path in tracked() if path.suffix in {".py", ".sh"} or path.name in {"portico", "run"}]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def tracked() -> list[Path]:
    """Every file of the checkout that git does not ignore; outside git, every file but the installed ones."""
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],  # noqa: S607  git is where PATH says
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode == 0:
        return [Path(line) for line in listing.stdout.splitlines()]
    skipped = {".venv", ".portico", "node_modules"}
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [path for path in found if not skipped.intersection(path.parts)]


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _pins(lock_text: str, name: str, version: str) -> bool:
    return re.search(rf"^{re.escape(name)}=={re.escape(version)}(?= )", lock_text, re.MULTILINE) is not None
