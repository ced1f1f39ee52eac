"""Dead letters: what the outbox has given up to tell, until an operator has it tried again."""

from dataclasses import dataclass
from datetime import datetime

from commerce.access import Environment

PREFIX = "msg_"
_LONGEST = 18
"""Digits of the largest number that a row can have, less one."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was buried. `last_error` is a code; `key` is the bare id of what it is about."""

    row_id: int
    partner_id: str
    environment: Environment
    destination: str
    key: str
    attempts: int
    last_error: str | None
    created_at: datetime
    dead_at: datetime

    @property
    def id(self) -> str:
        return f"{PREFIX}{self.row_id}"


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one destination: messages due or to come, the oldest that is due, and the dead."""

    destination: str
    waiting: int
    oldest_due_at: datetime | None
    dead: int


def row_of(letter_id: str) -> int | None:
    """The row that an id names; None where it is no id of a message."""
    digits = letter_id.removeprefix(PREFIX)
    is_one = (
        letter_id.startswith(PREFIX) and digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST
    )
    return int(digits) if is_one else None
