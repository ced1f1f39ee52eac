"""`portico transcripts`: the commands that the docs show, run again, with what they print written below them.

In a Markdown file, a `console` block is a session: lines that begin with `$ ` are commands, lines that begin
with `> ` continue them, the rest is what they printed. A block whose first line is, say, `python partner.py`
is a file that later commands use. A comment `<!-- until: TEXT -->` before a session repeats each of its
commands until it prints the text, as what takes some seconds must be asked for again.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.rehearsal import Command, Stage, stage
from cli.terminal import Refusal, out, tell

ROOT = Path(__file__).parents[1]
PAGES = tuple(
    ROOT / name
    for name in (
        "README.md",
        "docs/partners/README.md",
        "docs/partners/webhooks.md",
        "docs/walkthroughs/orders.md",
        "docs/walkthroughs/licenses.md",
    )
)

_BLOCK = re.compile(
    r"(?P<head>(?:<!-- until: (?P<until>.+?) -->\n)?```(?P<kind>\w+)(?: (?P<name>\S+))?\n)"
    r"(?P<body>.*?)(?P<foot>^```$)",
    re.MULTILINE | re.DOTALL,
)

_VARYING: Mapping[str, re.Pattern[str]] = {
    "TOKEN": re.compile(r"eyJ[\w.-]{40,}"),
    "SECRET": re.compile(r"pcs_\w{49}"),
    "TIME": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\+00:00)?"),
    "DATE": re.compile(r"\d{4}-\d\d-\d\d"),
    "YEAR": re.compile(r"\b36[56]\b"),
    "DURATION": re.compile(r"\bP(?:\d+D)?(?:T[\dHMS]+)?\b(?<!P)"),
    "KEY": re.compile(r"(?<=^  key           ).+$", re.MULTILINE),
    "SALESFORCE": re.compile(r"\b(?=\w*\d)[0-9A-Za-z]{18}\b"),
    "COST": re.compile(r"(?<=(?:Cost|able)\":)\d+"),
    "CODE": re.compile(r"\bPORT-[0-9A-Z•…-]+"),
    "VERDICT": re.compile(r"(?<=^NOT VALID ).+$", re.MULTILINE),
}
"""What differs from one run to the next and means nothing; ids are numbered as they come."""

_ID = re.compile(r"\b[a-z]{3}_[0-9a-f]{32}\b|\b[0-9a-f]{32}\b")


@dataclass(frozen=True, slots=True)
class Session:
    """The commands of one block; each is repeated until it prints `until`, where that is given."""

    commands: tuple[str, ...]
    until: str | None


def transcripts(
    *pages: Annotated[Path, Parameter(help="Markdown files; README and the guides without any.")],
    check: Annotated[bool, Parameter(negative="", help="Fail where what is printed has changed.")] = False,
) -> None:
    """Run the commands in the docs against a Portico of their own, and write what they print."""
    chosen = [page.absolute() for page in pages] or list(PAGES)
    with stage() as at:
        changed = {page: difference for page in chosen if (difference := renew(page, at, write=not check))}
    if check and changed:
        raise Refusal("\n".join([*changed.values(), "Look, then ./portico transcripts"]))
    said = "holds" if check else "is written"
    out.print("\n".join(f"{page.relative_to(ROOT)} {said}." for page in chosen))


def renew(page: Path, at: Stage, *, write: bool) -> str:
    """Run a page's commands; the difference in what they print, what varies left out. Empty where none is."""
    tell(f"Running {page.name}")
    before = page.read_text()
    after = played(before, at)
    if write:
        page.write_text(after)
    lines = difflib.unified_diff(
        steady(before).splitlines(), steady(after).splitlines(), f"{page.name} as it is", "as it runs", "", ""
    )
    return "\n".join(lines)


def played(text: str, at: Stage) -> str:
    """The page with what its commands print now."""
    for block in _BLOCK.finditer(text):
        if block["name"]:
            at.write(block["name"], block["body"])
    printed = iter(at.play(list(_to_run(text))))
    return _BLOCK.sub(lambda block: _told(block, printed), text)


def _to_run(text: str) -> Iterator[Command]:
    for block in _BLOCK.finditer(text):
        if block["kind"] == "console":
            session = session_of(block)
            yield from (Command(command, session.until) for command in session.commands)


def _told(block: "re.Match[str]", printed: Iterator[str]) -> str:
    if block["kind"] != "console":
        return block[0]
    body = "".join(f"{shown(command)}{next(printed)}" for command in session_of(block).commands)
    return f"{block['head']}{body}{block['foot']}"


def session_of(block: "re.Match[str]") -> Session:
    """The commands of a console block, without what was printed before."""
    commands: list[str] = []
    for line in block["body"].splitlines():
        if line.startswith("$ "):
            commands.append(line[2:])
        elif line.startswith("> ") and commands:
            commands[-1] += f"\n{line[2:]}"
    return Session(tuple(commands), block["until"])


def shown(command: str) -> str:
    """A command as a terminal shows it."""
    return "$ " + command.replace("\n", "\n> ") + "\n"


def steady(text: str) -> str:
    """The text with what varies from run to run replaced by its kind, and ids by their number."""
    numbers: dict[str, int] = {}
    numbered = _ID.sub(lambda found: f"ID{numbers.setdefault(found[0][-32:], len(numbers))}", text)
    for kind, pattern in _VARYING.items():
        numbered = pattern.sub(kind, numbered)
    return numbered
