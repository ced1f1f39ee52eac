"""The history of a case, as its officers read it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """Something done to a case."""

    kind: str
    actor: str
    at: datetime
    note: str | None
