"""Licences: the proof of what a customer holds, and the rules of their states.

A subscription has exactly one current licence. A change of seats, term or SKU issues a new one that
supersedes it, so a licence never changes after it was issued; only its state does. The signed file that a
customer receives is described in `commerce.license_files`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from commerce.access import Environment

DEFAULT_GRACE_DAYS = 14


class LicenseState(StrEnum):
    ACTIVE = "ACTIVE"
    SCHEDULED = "SCHEDULED"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    SUPERSEDED = "SUPERSEDED"


class LicenseKind(StrEnum):
    """A bridge stands in for a renewal that waits, for a short time and for the seats already held."""

    FULL = "FULL"
    BRIDGE = "BRIDGE"


class Withdrawal(StrEnum):
    """Why the file of a licence no longer counts before its term is over; see the revocation list."""

    REVOKED = "REVOKED"
    ROTATED = "ROTATED"
    REDUCED = "REDUCED"
    SUSPENDED = "SUSPENDED"


CURRENT = (LicenseState.ACTIVE, LicenseState.SCHEDULED, LicenseState.SUSPENDED)
"""States of a licence that nobody ended and nothing superseded."""

STATES_BY_DATE = frozenset({LicenseState.ACTIVE, LicenseState.SCHEDULED, LicenseState.EXPIRED})
"""States the calendar decides; the others were decided by a person or by a newer licence and stay."""


@dataclass(frozen=True, slots=True)
class Licensee:
    """Whom the licence is issued to, as printed in the file: the contact who receives it."""

    name: str
    company: str
    email: str


@dataclass(frozen=True)
class License:
    """One issued licence. Dates are UTC dates; the term is half-open, `starts_on <= day < expires_on`."""

    id: str
    partner_id: str
    environment: Environment
    customer_id: str
    order_id: str
    subscription_id: str
    state: LicenseState
    sku_code: str
    product: str
    plan: str
    seats: int
    features: tuple[str, ...]
    issued_at: datetime
    starts_on: date
    expires_on: date
    grace_days: int
    licensee_name: str
    licensee_company: str
    licensee_email: str
    key_id: str = ""
    file: str = ""
    superseded_by: str | None = None
    first_retrieved_at: datetime | None = None
    revoked_at: datetime | None = None
    kind: LicenseKind = LicenseKind.FULL
    withdrawn_at: datetime | None = None
    withdrawal: Withdrawal | None = None
    first_retrieved_by: str | None = None

    @property
    def ends_on(self) -> date:
        """The first UTC day on which it no longer works, its grace days over."""
        return self.expires_on + timedelta(days=self.grace_days)

    @property
    def licensee(self) -> Licensee:
        return Licensee(self.licensee_name, self.licensee_company, self.licensee_email)


@dataclass(frozen=True, slots=True)
class LicenseFilter:
    """Which licences to list: every part that is given must hold.

    `code_digest` is of a whole activation code, `last_five` the end of one; `email_domain` is in lower case.
    """

    customer_id: str | None = None
    order_id: str | None = None
    subscription_id: str | None = None
    code_digest: bytes | None = None
    last_five: str | None = None
    email_domain: str | None = None


def state_on(
    state: LicenseState, *, starts_on: date, expires_on: date, grace_days: int, today: date
) -> LicenseState:
    """The state on a UTC day. A licence in its grace days still works and so is still ACTIVE."""
    if state not in STATES_BY_DATE:
        return state
    if today < starts_on:
        return LicenseState.SCHEDULED
    if today < expires_on + timedelta(days=grace_days):
        return LicenseState.ACTIVE
    return LicenseState.EXPIRED


def current(licenses: Sequence[License], today: date) -> License | None:
    """The licence of a subscription that counts today: its ACTIVE one, else the next SCHEDULED one."""
    wanted = [LicenseState.ACTIVE, LicenseState.SCHEDULED]
    candidates = sorted(
        (wanted.index(state), license_.starts_on, license_.id, license_)
        for license_ in licenses
        if (state := state_of(license_, today)) in wanted
    )
    return candidates[0][-1] if candidates else None


def state_of(license_: License, today: date) -> LicenseState:
    """The state of a licence on a UTC day."""
    return state_on(
        license_.state,
        starts_on=license_.starts_on,
        expires_on=license_.expires_on,
        grace_days=license_.grace_days,
        today=today,
    )


def withdrawal_of(older: License, newer: License) -> Withdrawal | None:
    """Whether the file of a superseded licence must stop to count at once, because the newer proves less.

    Where the newer proves at least as much the older file keeps working: an installation that is offline
    must not stop because seats were added.
    """
    keeps = (
        newer.seats >= older.seats
        and newer.ends_on >= older.ends_on
        and newer.starts_on <= max(older.starts_on, newer.issued_at.date())
        and newer.plan == older.plan
        and newer.product == older.product
        and set(newer.features) >= set(older.features)
    )
    return None if keeps else Withdrawal.REDUCED
