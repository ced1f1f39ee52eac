"""Cases: one for each party that screening held or denied, worked by compliance officers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from commerce.access import Environment
from commerce.matches import EntryKey, Match
from commerce.parties import PartyKind, Subject
from commerce.screening import Decision, Outcome, Policy, Reason
from commerce.screening_policies import ReasonCode
from commerce.screening_questions import QuestionField

CLAIMED_FOR = timedelta(minutes=30)
"""How long a claim lasts; claiming again extends it."""


class CaseState(StrEnum):
    """Where a case stands. An order waits while any of its cases is open."""

    OPEN = "OPEN"
    AWAITING_PARTNER = "AWAITING_PARTNER"
    AWAITING_SECOND = "AWAITING_SECOND"
    CLEARED = "CLEARED"
    DENIED = "DENIED"


OPEN_STATES = frozenset({CaseState.OPEN, CaseState.AWAITING_PARTNER, CaseState.AWAITING_SECOND})

PASSING: frozenset[str] = frozenset(
    {ReasonCode.SCREENING_UNAVAILABLE, ReasonCode.LISTS_STALE, ReasonCode.LIST_MISSING}
)
"""Reasons that say nothing of the party: it is screened again by itself once it can be."""


@dataclass(frozen=True, slots=True)
class ScreenedParty:
    """A party as it was screened."""

    kind: PartyKind
    role: str
    name: str
    aliases: tuple[str, ...]
    country: str
    address: str
    identifiers: tuple[str, ...]
    date_of_birth: str | None


@dataclass(frozen=True)
class ScreeningCase:
    """What officers see of a party. `hits` is the same for cases with the very same listed entries.

    `first_officer` has cleared a denial, which takes a second officer to count. `subject` is the party as it
    was screened, as JSON.
    """

    id: str
    partner_id: str
    environment: Environment
    state: CaseState
    decision: Decision
    workflow: str
    party_fingerprint: str
    party_name: str
    party_role: str
    party_reference: str
    subject: Any
    reasons: tuple[str, ...]
    lists: tuple[str, ...]
    hits: str
    top_score: float
    screening_id: str
    opened_at: datetime
    due_at: datetime
    claimed_by: str | None
    claimed_until: datetime | None
    first_officer: str | None
    note: str | None
    asked_for: QuestionField | None
    question: str | None
    asked_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None

    @property
    def party(self) -> ScreenedParty:
        """The party as it was screened."""
        known = self.subject
        address = known.get("address") or {}
        lines = ("street", "city", "region", "postal_code", "country")
        return ScreenedParty(
            kind=PartyKind(known["kind"]),
            role=known["role"],
            name=known["name"],
            aliases=tuple(known["aliases"]),
            country=known["country"],
            address=", ".join(address[line] for line in lines if address.get(line)),
            identifiers=tuple(f"{one['kind']} {one['value']}" for one in known["identifiers"]),
            date_of_birth=known["date_of_birth"],
        )

    @property
    def is_passing(self) -> bool:
        """Whether nothing is held against the party but that it could not be screened properly."""
        return bool(self.reasons) and PASSING.issuperset(self.reasons)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def claimed_by_another(self, officer: str, now: datetime) -> bool:
        """Whether somebody else holds the case now."""
        return bool(
            self.claimed_by not in {None, officer} and self.claimed_until and now < self.claimed_until
        )

    def is_overdue(self, now: datetime) -> bool:
        """Whether the case waits for an officer beyond its time."""
        return self.is_open and self.state is not CaseState.AWAITING_PARTNER and now > self.due_at


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list; every given part must hold, `overdue` and `unclaimed` where they are true."""

    states: tuple[CaseState, ...] | None = None
    decisions: tuple[Decision, ...] | None = None
    workflows: tuple[str, ...] | None = None
    lists: tuple[str, ...] | None = None
    partner_id: str | None = None
    claimed_by: str | None = None
    party_name: str | None = None
    overdue: bool = False
    unclaimed: bool = False


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A party's findings in one screening, as its case begins or goes on."""

    subject: Subject
    workflow: str
    decision: Decision
    reasons: tuple[ReasonCode, ...]
    matches: tuple[Match, ...]
    due_at: datetime
    asks: QuestionField | None = None

    @property
    def lists(self) -> tuple[str, ...]:
        return tuple(sorted({match.list.value for match in self.matches}))

    @property
    def hits(self) -> str:
        """64 hex digits over the entries and the reasons: equal where an officer would see the same."""
        return hits_of([match.key for match in self.matches], self.reasons)

    @property
    def is_passing(self) -> bool:
        """Whether nothing is held against the party but that it could not be screened properly."""
        return bool(self.reasons) and PASSING.issuperset(self.reasons)

    @property
    def top_score(self) -> float:
        return max((match.score for match in self.matches), default=0.0)


def hits_of(entries: Iterable[EntryKey], reasons: Iterable[str]) -> str:
    lines = sorted({f"{one.list} {one.entry_id} {one.entry_hash}" for one in entries} | set(reasons))
    return sha256("\n".join(lines).encode()).hexdigest()


def drafts_of(
    outcome: Outcome, subjects: Sequence[Subject], policy: Policy, now: datetime
) -> list[CaseDraft]:
    """One draft for each party that a decision holds or denies.

    What concerns no party (lists that are stale, a screening that failed) is the first party's, who is the
    customer: somebody has to look before the order goes on.
    """
    if outcome.decision is Decision.CLEAR or not subjects:
        return []
    drafts: dict[str, CaseDraft] = {}
    for reason in outcome.reasons:
        subject = _about(reason, subjects)
        party = subject.fingerprint()
        known = drafts.get(party) or _fresh(subject, outcome, policy, now)
        drafts[party] = _with(known, reason, policy)
    return list(drafts.values())


def _about(reason: Reason, subjects: Sequence[Subject]) -> Subject:
    key = (reason.subject_role, reason.subject_reference)
    return next((one for one in subjects if (one.role, one.reference) == key), subjects[0])


def _fresh(subject: Subject, outcome: Outcome, policy: Policy, now: datetime) -> CaseDraft:
    matches = tuple(
        match
        for match in outcome.matches
        if (match.subject_role, match.subject_reference) == (subject.role, subject.reference)
        and match.score >= policy.review_threshold(subject.kind)
    )
    return CaseDraft(subject, policy.workflow, Decision.HOLD, (), matches, now + policy.review_within)


def _with(draft: CaseDraft, reason: Reason, policy: Policy) -> CaseDraft:
    denies = Decision.DENY in {draft.decision, reason.decision}
    return replace(
        draft,
        decision=Decision.DENY if denies else Decision.HOLD,
        reasons=tuple(dict.fromkeys((*draft.reasons, reason.code))),
        asks=None if denies else draft.asks or _wanted(reason.code, draft.subject, policy),
    )


def _wanted(code: ReasonCode, subject: Subject, policy: Policy) -> QuestionField | None:
    """The fact to ask the buyer for: one that the party does not have yet."""
    field = policy.asks.get(code)
    if field is QuestionField.TAX_ID:
        if subject.kind is PartyKind.PERSON:
            return None if subject.date_of_birth else QuestionField.DATE_OF_BIRTH
        return None if subject.identifiers else field
    return field
