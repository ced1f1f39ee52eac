"""Replaying a decision: the same parties, lists, policy and clearances give the same record, to the byte."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from commerce.matching import INDEX_VERSION
from commerce.reviving import revived
from commerce.screening import ENGINE_VERSION, Clearance, Outcome, Subject
from commerce.screening_policies import ReasonCode
from datasources.errors import SourceUnavailable
from datasources.postgres.screening_audit import Record, decision_body
from datasources.sources import Sources
from datasources.watchlists.past_editions import NotKept, of_snapshot
from datasources.watchlists.serving import Watchlists


class Verdict(StrEnum):
    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    OTHER_ENGINE = "OTHER_ENGINE"
    NOT_KEPT = "NOT_KEPT"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True)
class Replay:
    """What replaying a decision gave; `why` says what stood in the way, or where the two differ."""

    record: Record
    verdict: Verdict
    why: str = ""


async def replayed(sources: Sources, record: Record, home: Path | None) -> Replay:
    """Make a recorded decision again from what is kept. `home` is where lists are kept."""
    facts = record.facts
    outcome = revived(Outcome, facts["outcome"])
    if any(reason.code is ReasonCode.SCREENING_UNAVAILABLE for reason in outcome.reasons):
        return Replay(record, Verdict.FAULT, "a fault held the order; there is nothing to make again")
    if (outcome.engine_version, facts["index_version"]) != (ENGINE_VERSION, INDEX_VERSION):
        made_by = f"{outcome.engine_version}.{facts['index_version']}"
        return Replay(record, Verdict.OTHER_ENGINE, f"made by engine {made_by}: check that version out")
    try:
        policy = await sources.screening_policies.version(outcome.workflow, outcome.policy_version)
        edition = of_snapshot(outcome.snapshot, home)
    except (NotKept, SourceUnavailable) as missing:
        return Replay(record, Verdict.NOT_KEPT, str(missing))
    subjects = revived(tuple[Subject, ...], facts["subjects"])
    cleared = revived(tuple[Clearance, ...], facts["cleared"])
    again = Watchlists(edition).screen(subjects, policy, now=record.at, cleared=cleared)
    body = decision_body(subjects, again, cleared, record.at)
    if body == record.body:
        return Replay(record, Verdict.SAME)
    return Replay(record, Verdict.DIFFERENT, _difference(outcome, again))


def _difference(before: Outcome, after: Outcome) -> str:
    """The first part of two outcomes that differs."""
    for name in ("decision", "reasons", "policy_fingerprint", "suppressed", "matches", "partner_words"):
        ours: Any = getattr(before, name)
        theirs: Any = getattr(after, name)
        if ours != theirs:
            return f"{name} differ"
    return "the records differ"
