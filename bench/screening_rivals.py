"""What Portico's matching is measured beside: brute force by rapidfuzz, and nomenklatura's logic-v2."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from rapidfuzz import fuzz, process

from bench.screening_sets import Probe
from commerce.matching import Index
from commerce.names import words_of
from commerce.parties import ListedParty, PartyKind, Role, Subject

HOME = Path(__file__).parents[1] / ".portico" / "bench" / "screening"
REQUIRED = ("nomenklatura==4.17.4", "faker==40.54.0", "pytickersymbols==1.17.10")
_SCHEMATA = {
    PartyKind.PERSON: "Person",
    PartyKind.ORGANISATION: "Organization",
    PartyKind.VESSEL: "Vessel",
    PartyKind.AIRCRAFT: "Airplane",
    PartyKind.UNKNOWN: "LegalEntity",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The score of the entry wanted (or the best, if none is), and the CPU seconds it took."""

    score: float
    cpu: float


class Portico:
    label = "portico"

    def __init__(self, entries: Sequence[ListedParty]) -> None:
        self._index = Index.build(entries)

    def answer(self, probe: Probe) -> Answer:
        subject = Subject(probe.kind, Role.CUSTOMER, probe.name)
        began = process_time()
        matches = self._index.search(subject)
        cpu = process_time() - began
        if probe.wanted:
            score = next((m.score for m in matches if (m.list, m.entry_id) == probe.wanted), 0.0)
        else:
            score = matches[0].score if matches else 0.0
        return Answer(score, cpu)


class BruteForce:
    """Every name, its words sorted, by edit ratio: simple, complete, and what CI compares with."""

    label = "brute force"

    def __init__(self, entries: Sequence[ListedParty]) -> None:
        named = [(_sorted(name.text), (e.list, e.entry_id)) for e in entries for name in e.names]
        self._names = [name for name, _ in named]
        self._owners = [owner for _, owner in named]

    def answer(self, probe: Probe) -> Answer:
        began = process_time()
        found = process.extract(_sorted(probe.name), self._names, scorer=fuzz.ratio, limit=20)
        cpu = process_time() - began
        wanted = [score for _, score, at in found if probe.wanted in (None, self._owners[at])]
        return Answer(max(wanted, default=0.0) / 100, cpu)


def logic_v2(entries: Sequence[ListedParty], probes: Sequence[Probe]) -> list[Answer]:
    """All answers of nomenklatura at once, from its own interpreter."""
    asked = {
        "entities": [
            [f"{e.list}:{e.entry_id}", _SCHEMATA[e.kind], [name.text for name in e.names]] for e in entries
        ],
        "queries": [[_SCHEMATA[p.kind], p.name, ":".join(p.wanted) if p.wanted else None] for p in probes],
    }
    answered = _run("screening_logicv2.py", json.dumps(asked))
    return [Answer(score, cpu) for score, _, cpu in json.loads(answered)["answers"]]


def negatives(*, seed: int, size: int) -> dict[str, list[Probe]]:
    """People of many cultures by Faker and listed companies by pytickersymbols, from the same interpreter."""
    kinds = {"people": PartyKind.PERSON, "companies": PartyKind.ORGANISATION}
    found = json.loads(_run("screening_names.py", json.dumps({"seed": seed, "size": size})))
    return {group: [Probe(kinds[group], name) for name in names] for group, names in found.items()}


def interpreter() -> Path | None:
    """The rivals' own Python, if it has been made."""
    python = HOME / "bin" / "python"
    return python if (HOME / "complete").is_file() else None


def make_interpreter() -> Path:
    """Install the rivals beside Portico, never into it: some 700 MB, and a compiler with ICU's headers."""
    if not (python := interpreter()):
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)  # noqa: S603  our own interpreter
        python = HOME / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIRED], check=True)  # noqa: S603
        (HOME / "complete").touch()
    return python


def _run(script: str, given: str) -> str:
    path = Path(__file__).with_name(script)
    done = subprocess.run(  # noqa: S603  our own script by the rivals' interpreter
        [str(HOME / "bin" / "python"), str(path)], input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def _sorted(name: str) -> str:
    return " ".join(sorted(words_of(name)))
