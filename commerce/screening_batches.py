"""Batches: parties that staff have screened by the thousand, outside any order; nobody is held by it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commerce.access import Environment

MOST_PARTIES = 10_000


@dataclass(frozen=True)
class ScreeningBatch:
    """A batch and how far it has come; `finished_at` is None while parties wait."""

    id: str
    environment: Environment
    workflow: str
    requested_by: str
    requested_at: datetime
    parties: int
    done: int
    finished_at: datetime | None


@dataclass(frozen=True)
class BatchParty:
    """A party of a batch; the decision and what it rests on are None and empty until it is screened."""

    id: str
    position: int
    subject: Any
    decision: str | None
    reasons: Any
    matches: Any

    @property
    def name(self) -> str:
        return str(self.subject["name"])

    @property
    def codes(self) -> list[str]:
        """The reasons as codes."""
        return list(dict.fromkeys(reason["code"] for reason in self.reasons or ()))

    @property
    def best(self) -> str | None:
        """The nearest match in a line."""
        for match in self.matches or ():
            return f"{match['score']:.4f} {match['list']} {match['entry_id']} {match['matched_name']}"
        return None
