"""Screenings as they are kept: what was decided on an order, when, by what."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from commerce.access import Environment
from commerce.screening import Decision


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
    entry_name: str
    matched_name: str
    screened_name: str
    subject_role: str
    score: Decimal
    weak_name: bool
    consequence: str
    programmes: tuple[str, ...]
    parts: dict[str, Any]
