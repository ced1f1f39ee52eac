"""The decision on an order's parties: CLEAR, HOLD or DENY, with reasons that can be read and replayed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from commerce.matches import Consequence, EntryKey, Match, QualifierKind
from commerce.names import words_of
from commerce.parties import Address, ListCode, PartyKind, Role, Subject
from commerce.screening_policies import Policy, ReasonCode, Workflow
from commerce.territories import BY_CODE, named, suggested_by

__all__ = [
    "Clearance",
    "Decision",
    "ListVersion",
    "Match",
    "Outcome",
    "PartyKind",
    "Policy",
    "Reason",
    "ReasonCode",
    "Role",
    "Snapshot",
    "Subject",
    "Workflow",
    "decide",
    "unavailable",
]

ENGINE_VERSION = 2


class Decision(StrEnum):
    CLEAR = "CLEAR"
    HOLD = "HOLD"
    DENY = "DENY"


_GRAVITY = {Decision.CLEAR: 0, Decision.HOLD: 1, Decision.DENY: 2}


@dataclass(frozen=True, slots=True)
class ListVersion:
    """The content of one official file set that a decision rests on.

    `published_on` is the day the list gives itself, where it does. `checked_at` is when the source was
    last asked; None where the operator pinned the files by hand, which no age rule judges.
    """

    source: str
    sha256: str
    published_on: date | None
    checked_at: datetime | None
    entries: int
    lists: tuple[ListCode, ...] = ()
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All lists in force at one time; `missing` are sources that should serve and cannot be read."""

    versions: tuple[ListVersion, ...]
    missing: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """64 hex digits over the content of every list, whatever their order."""
        return sha256("\n".join(sorted(f"{v.source} {v.sha256}" for v in self.versions)).encode()).hexdigest()

    @property
    def is_sample(self) -> bool:
        return any(version.is_sample for version in self.versions)


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding. `detail` is for compliance; what a partner may read of it is the policy's to say."""

    code: ReasonCode
    decision: Decision
    subject_role: Role | None = None
    subject_reference: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Clearance:
    """Two people's word that this party is not that entry, until either changes or it expires."""

    id: str
    party_fingerprint: str
    entry: EntryKey
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision and everything it rests on. `suppressed` are the clearances that kept a match out.

    `partner_words` are what the partner may be told, gravest first, nothing twice; empty when clear.
    """

    decision: Decision
    reasons: tuple[Reason, ...]
    matches: tuple[Match, ...]
    workflow: Workflow
    policy_version: int
    policy_fingerprint: str
    snapshot: Snapshot
    engine_version: int = ENGINE_VERSION
    suppressed: tuple[str, ...] = ()
    partner_words: tuple[str, ...] = ()

    def blocks(self, order_kind: str, policy: Policy) -> bool:
        """Whether an order of this kind must wait."""
        if self.decision is Decision.HOLD:
            return order_kind in policy.hold_blocks
        return self.decision is Decision.DENY


@dataclass(frozen=True, slots=True)
class Ruling:
    """What officers decide in the engine's place, with what the partner may be told."""

    decision: Decision
    partner_words: tuple[str, ...] = ()


def decide(
    subjects: Sequence[Subject],
    matches: Iterable[Match],
    policy: Policy,
    snapshot: Snapshot,
    *,
    now: datetime,
    suppressed: tuple[str, ...] = (),
) -> Outcome:
    """Weigh every finding; the gravest decides. Nothing to screen, or nothing to screen with, is a HOLD."""
    judged = tuple(replace(match, consequence=_consequence(match, policy)) for match in matches)
    found = [
        *_of_lists(snapshot, policy, now),
        *(reason for subject in subjects for reason in _of_subject(subject, policy)),
        *(reason for match in judged if (reason := _of_match(match, subjects, policy))),
    ]
    if not subjects:
        found.append(Reason(ReasonCode.SCREENING_UNAVAILABLE, Decision.HOLD, detail="no party to screen"))
    return _outcome(found, judged, policy, snapshot, suppressed)


def unavailable(policy: Policy, detail: str, snapshot: Snapshot | None = None) -> Outcome:
    """The outcome of a screening that could not run: a hold, never a clear."""
    reason = Reason(ReasonCode.SCREENING_UNAVAILABLE, Decision.HOLD, detail=detail)
    return _outcome([reason], (), policy, snapshot or Snapshot(()), ())


def _outcome(
    found: list[Reason],
    matches: tuple[Match, ...],
    policy: Policy,
    snapshot: Snapshot,
    suppressed: tuple[str, ...],
) -> Outcome:
    reasons = tuple(sorted(dict.fromkeys(found), key=lambda reason: -_GRAVITY[reason.decision]))
    decision = reasons[0].decision if reasons else Decision.CLEAR
    return Outcome(
        decision=decision,
        reasons=reasons,
        matches=matches,
        workflow=policy.workflow,
        policy_version=policy.version,
        policy_fingerprint=policy.fingerprint(),
        snapshot=snapshot,
        suppressed=suppressed,
        partner_words=_words(reasons, decision, policy),
    )


def _words(reasons: tuple[Reason, ...], decision: Decision, policy: Policy) -> tuple[str, ...]:
    grave = (reason.code for reason in reasons if reason.decision is decision)
    return tuple(dict.fromkeys(policy.partner_words[code] for code in grave))


def _of_lists(snapshot: Snapshot, policy: Policy, now: datetime) -> Iterator[Reason]:
    """Lists that are absent or too old to clear anybody by."""
    present = {code for version in snapshot.versions for code in version.lists}
    for code in sorted({*(policy.required_lists - present), *snapshot.missing}):
        yield Reason(ReasonCode.LIST_MISSING, Decision.HOLD, detail=code)
    for version in snapshot.versions:
        if version.checked_at and now - version.checked_at > policy.max_list_age:
            yield Reason(ReasonCode.LISTS_STALE, Decision.HOLD, detail=version.source)


@lru_cache(8_192)
def _of_subject(subject: Subject, policy: Policy) -> tuple[Reason, ...]:
    """Territory gate, and whether there is enough to screen at all. Parties come again and again."""
    return tuple(_gates(subject, policy))


def _gates(subject: Subject, policy: Policy) -> Iterator[Reason]:
    if not any(any(map(str.isalpha, word)) for word in words_of(subject.name)):
        yield _about(subject, ReasonCode.NAME_UNSCREENABLE, Decision.HOLD)
    address = subject.address or Address()
    places = {subject.country, address.country, address.region} - {""}
    embargoed = {code for place in places if (code := _code(place)) in policy.embargoed}
    for code in sorted(embargoed):
        yield _about(subject, ReasonCode.EMBARGOED_TERRITORY, Decision.DENY, _sourced(code))
    hosted = replace(address, country=address.country or subject.country)
    for territory in suggested_by(hosted):
        if territory.code in policy.embargoed - embargoed:
            yield _about(subject, ReasonCode.EMBARGOED_LOCALITY, Decision.HOLD, _sourced(territory.code))
    if subject.role in policy.country_required_of and not (subject.country or address.country):
        yield _about(subject, ReasonCode.COUNTRY_MISSING, Decision.HOLD)


def _code(place: str) -> str:
    territory = named(place)
    return territory.code if territory else place.upper()


def _sourced(code: str) -> str:
    territory = BY_CODE.get(code)
    return f"{territory.name} ({territory.source})" if territory else code


def _consequence(match: Match, policy: Policy) -> Consequence:
    """The policy's word on a list, unless the entry is provisional and so only ever reviewed."""
    return Consequence.REVIEW if match.provisional else policy.consequences[match.list]


_HOLDS: Mapping[Consequence, ReasonCode] = {
    Consequence.BLOCK: ReasonCode.POSSIBLE_MATCH,
    Consequence.REVIEW: ReasonCode.POSSIBLE_MATCH,
    Consequence.LICENSE_REQUIRED: ReasonCode.LICENSE_REQUIRED,
    Consequence.RED_FLAG: ReasonCode.RED_FLAG,
    Consequence.SECTORAL: ReasonCode.SECTORAL_REVIEW,
}


def _of_match(match: Match, subjects: Sequence[Subject], policy: Policy) -> Reason | None:
    subject = next(
        (s for s in subjects if (s.role, s.reference) == (match.subject_role, match.subject_reference)), None
    )
    kind = subject.kind if subject else match.entry_kind
    detail = f"{match.list} {match.entry_id} {match.matched_name} {match.score:.4f}"
    denies = match.consequence is Consequence.BLOCK
    if denies and match.has(QualifierKind.IDENTIFIER_AGREES):
        return _of(match, ReasonCode.LISTED_IDENTIFIER, Decision.DENY, detail)
    if match.score < policy.review_threshold(kind):
        return None
    if denies and match.score >= policy.deny_at and not match.weak_name and _corroborated(match):
        return _of(match, ReasonCode.LISTED_PARTY, Decision.DENY, detail)
    return _of(match, _HOLDS[match.consequence], Decision.HOLD, detail)


def _corroborated(match: Match) -> bool:
    """Two telling words or one fact besides the name, and no fact that contradicts it.

    People of one name live in many countries; companies of one name seldom do, and move.
    """
    if match.has(QualifierKind.BIRTH_DIFFERS, QualifierKind.NUMBER_DIFFERS):
        return False
    if match.has(QualifierKind.COUNTRY_DIFFERS) and match.entry_kind is not PartyKind.ORGANISATION:
        return False
    agreeing = (QualifierKind.COUNTRY_AGREES, QualifierKind.ADDRESS_AGREES, QualifierKind.BIRTH_AGREES)
    return len(match.parts.pairs) > 1 or match.has(*agreeing)


def _of(match: Match, code: ReasonCode, decision: Decision, detail: str) -> Reason:
    return Reason(code, decision, match.subject_role, match.subject_reference, detail)


def _about(subject: Subject, code: ReasonCode, decision: Decision, detail: str = "") -> Reason:
    return Reason(code, decision, subject.role, subject.reference, detail)
