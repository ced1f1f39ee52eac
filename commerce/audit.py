"""The audit log: who did what, from where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from commerce.access import Environment, Role
from commerce.orders import Actor


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, in which request, from where and when.

    `client` is the subject of the token, or the name of a job; `address` is the caller's, where it is known.
    """

    actor: Actor
    client: str
    environment: Environment
    at: datetime
    partner_id: str | None = None
    role: Role | None = None
    address: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class AuditDetail:
    """A fact about what was done, by name. Never a secret, never personal data."""

    name: str
    value: str


@dataclass(frozen=True)
class AuditEntry:
    """One thing that was done. `partner_id` is whose data it touched, None where it was no partner's."""

    id: str
    at: datetime
    environment: Environment
    partner_id: str | None
    actor: Actor
    client: str | None
    role: Role | None
    address: str | None
    request_id: str | None
    action: str
    subject_id: str | None
    details: tuple[AuditDetail, ...]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list: every part that is given must hold."""

    action: str | None = None
    subject_id: str | None = None
    partner_id: str | None = None
    actor: Actor | None = None
    since: datetime | None = None
    before: datetime | None = None


def details_of(facts: Mapping[str, object]) -> tuple[AuditDetail, ...]:
    """Facts as they are shown, by name."""
    return tuple(AuditDetail(name, str(facts[name])) for name in sorted(facts))
