"""Screenings as they are kept: what was decided on an order, when, by what."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from commerce.access import Environment
from commerce.screening import Decision


@dataclass(frozen=True, slots=True)
class ListInForce:
    """A list that a decision rests on, as it was then."""

    source: str
    sha256: str
    entries: int
    published_on: date | None
    checked_at: datetime | None


@dataclass(frozen=True)
class Screening:
    """A decision on an order. `partner_words` are all that its partner may read of the reasons."""

    id: str
    partner_id: str
    environment: Environment
    order_id: str
    decision: Decision
    reasons: tuple[dict[str, Any], ...]
    partner_words: tuple[str, ...]
    workflow: str
    policy_version: int
    policy_fingerprint: str
    engine_version: int
    snapshot_id: str
    lists: tuple[dict[str, Any], ...]
    is_sample: bool
    decided_by: str
    decided_at: datetime

    @property
    def list_versions(self) -> list[ListInForce]:
        """The lists in force when it was decided."""
        return [
            ListInForce(
                source=one["source"],
                sha256=one["sha256"],
                entries=one["entries"],
                published_on=date.fromisoformat(one["published_on"]) if one["published_on"] else None,
                checked_at=datetime.fromisoformat(one["checked_at"]) if one["checked_at"] else None,
            )
            for one in self.lists
        ]


@dataclass(frozen=True, slots=True)
class MatchedWord:
    """A word of the screened name against one of the listed name, and what the pair is worth."""

    screened: str
    listed: str
    evidence: str
    similarity: float
    screened_weight: float
    listed_weight: float


@dataclass(frozen=True, slots=True)
class MatchedFact:
    """A fact besides the name; `effect` is added to the name's score."""

    kind: str
    effect: float
    detail: str


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """Everything that a score is computed from: docs/screening.md has the formula."""

    words: tuple[MatchedWord, ...]
    screened_total: float
    listed_total: float
    evidence: float
    evidence_wanted: float
    kind_factor: float
    name_factor: float
    facts: tuple[MatchedFact, ...]


@dataclass(frozen=True)
class ScreeningMatch:
    """One listed party that a screened party may be; `score` is 0 to 1 and re-computes from `parts`."""

    id: str
    partner_id: str
    environment: Environment
    screening_id: str
    position: int
    list_code: str
    entry_id: str
    entry_hash: str
    entry_name: str
    matched_name: str
    screened_name: str
    subject_role: str
    subject_reference: str
    score: Decimal
    weak_name: bool
    consequence: str
    programmes: tuple[str, ...]
    parts: dict[str, Any]

    @property
    def score_parts(self) -> ScoreParts:
        """The parts as records."""
        parts = dict(self.parts)
        words = tuple(MatchedWord(**pair) for pair in parts.pop("pairs"))
        facts = tuple(MatchedFact(**fact) for fact in parts.pop("qualifiers"))
        return ScoreParts(words=words, facts=facts, **parts)
