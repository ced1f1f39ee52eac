"""Activations: installations that were given a file of their own in exchange for the activation code."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from commerce.access import Environment

LONGEST_INSTANCE_NAME = 100


@dataclass(frozen=True)
class Activation:
    """A named installation that uses seats of a subscription; `license_id` is the licence its file proves."""

    id: str
    partner_id: str
    environment: Environment
    subscription_id: str
    license_id: str
    instance_name: str
    seats: int
    activated_at: datetime
    renewed_at: datetime
    ended_at: datetime | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class SeatCounts:
    """Seats of a subscription: how many were bought, and how many its installations use."""

    purchased: int
    assigned: int

    @property
    def available(self) -> int:
        return max(self.purchased - self.assigned, 0)

    @property
    def overage(self) -> int:
        """Seats in use beyond those bought, as after a return."""
        return max(self.assigned - self.purchased, 0)


def seat_counts(purchased: int, activations: Iterable[Activation]) -> SeatCounts:
    """The counters of a subscription, from its activations; ended ones use nothing."""
    return SeatCounts(purchased, sum(one.seats for one in activations if one.ended_at is None))
