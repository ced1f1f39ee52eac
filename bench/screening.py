"""Screening: recall at fixed false-positive rates and time, beside brute force and nomenklatura's logic-v2.

Runs on the official lists of `PORTICO_WATCHLIST_DIR` (or `../shared/watchlists`). In full it makes the
rivals' own interpreter; quickly it uses that only if it is there, and else the names of the sample locales
for parties on no list.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from time import process_time
from typing import Any

from bench import screening_rivals as rivals
from bench.harness import Plan, Report
from bench.screening_rivals import Answer, BruteForce, Portico
from bench.screening_sets import GROUPS, Probe, negatives, sets
from commerce.parties import ListedParty, PartyKind
from datasources.watchlists import of_directory

SEED = 20261122
RATES = (0.01, 0.02)
Answers = Mapping[str, Sequence[Answer]]


def bench(plan: Plan) -> Report:
    quick = plan.seconds is not None
    size = 60 if quick else 400
    made = sets(entries(), seed=SEED, size=size)
    if not quick:
        rivals.make_interpreter()
    beside = rivals.interpreter() is not None
    unlisted = (rivals.negatives if beside else negatives)(seed=SEED, size=200 if quick else 1_500)
    probes = made.probes | unlisted
    began = process_time()
    portico = Portico(made.entries)
    built = process_time() - began
    answers = {engine.label: _asked(engine.answer, probes) for engine in (portico, BruteForce(made.entries))}
    if beside and not quick:
        answers["logic-v2"] = _grouped(
            probes, rivals.logic_v2(made.entries, [p for g in probes.values() for p in g])
        )
    rows = [_row(label, found, probes) for label, found in answers.items()]
    rows[0] |= {"build s": round(built, 2)}
    return Report("screening", rows, _ratios(answers, probes))


def entries() -> list[ListedParty]:
    """Raises FileNotFoundError where there are no official lists."""
    beside = Path(__file__).parents[1].parent / "shared" / "watchlists"
    directory = Path(os.environ.get("PORTICO_WATCHLIST_DIR") or beside)
    if not directory.is_dir():
        raise FileNotFoundError("This bench needs official lists: set PORTICO_WATCHLIST_DIR.")
    return list(of_directory(directory).index.entries)


def _asked(answer: Callable[[Probe], Answer], probes: Mapping[str, Sequence[Probe]]) -> Answers:
    return {group: [answer(probe) for probe in asked] for group, asked in probes.items()}


def _grouped(probes: Mapping[str, Sequence[Probe]], answers: Sequence[Answer]) -> Answers:
    rest = iter(answers)
    return {group: [next(rest) for _ in asked] for group, asked in probes.items()}


def _row(label: str, answers: Answers, probes: Mapping[str, Sequence[Probe]]) -> dict[str, Any]:
    spent = [answer.cpu * 1e6 for group in answers.values() for answer in group]
    row: dict[str, Any] = {
        "engine": label,
        "p50 µs": round(median(spent)),
        "p99 µs": round(quantiles(spent, n=100)[-1]),
    }
    for rate in RATES:
        row |= {f"{group} @{rate:.0%}": found for group, found in recall(answers, probes, rate).items()}
    return row


def recall(answers: Answers, probes: Mapping[str, Sequence[Probe]], rate: float) -> dict[str, float]:
    """Percent found of each group, at thresholds that flag `rate` of the people and of the companies."""
    least = {
        PartyKind.PERSON: _threshold(answers["people"], rate),
        PartyKind.ORGANISATION: _threshold(answers["companies"], rate),
    }
    return {
        group: round(
            100
            * sum(
                answer.score > least.get(probe.kind, least[PartyKind.ORGANISATION])
                for probe, answer in zip(probes[group], answers[group], strict=True)
            )
            / len(probes[group]),
            1,
        )
        for group in GROUPS
    }


def _threshold(answers: Sequence[Answer], rate: float) -> float:
    return sorted((answer.score for answer in answers), reverse=True)[int(rate * len(answers))]


def _ratios(answers: Mapping[str, Answers], probes: Mapping[str, Sequence[Probe]]) -> dict[str, float]:
    """How much longer the rivals take at the median, and what Portico finds above logic-v2, in points."""
    middle = {
        label: median(a.cpu for group in found.values() for a in group) for label, found in answers.items()
    }
    ratios = {"p50_bruteforce_over_portico": round(middle["brute force"] / middle["portico"], 1)}
    if "logic-v2" in answers:
        ratios["p50_logicv2_over_portico"] = round(middle["logic-v2"] / middle["portico"], 1)
        ours, theirs = (recall(answers[label], probes, 0.02) for label in ("portico", "logic-v2"))
        ratios |= {f"recall_minus_logicv2_{group}": round(ours[group] - theirs[group], 1) for group in GROUPS}
    return ratios
