"""A screening decision as a compliance officer reads it: who, against which lists, what was found, why."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from commerce.matches import Match
from commerce.parties import Subject
from commerce.screening import Outcome, Reason
from commerce.screening_policies import ReasonCode

MEANINGS: Mapping[ReasonCode, str] = MappingProxyType(
    {
        ReasonCode.LISTED_PARTY: "is a party of a blocking list, by name and circumstances",
        ReasonCode.LISTED_IDENTIFIER: "has an identifier of a party of a blocking list",
        ReasonCode.POSSIBLE_MATCH: "may be a listed party",
        ReasonCode.LICENSE_REQUIRED: "may be a party that takes an export licence",
        ReasonCode.RED_FLAG: "may be a party that the authorities could not verify",
        ReasonCode.SECTORAL_REVIEW: "may be a party of a sectoral or other limited programme",
        ReasonCode.EMBARGOED_TERRITORY: "is in an embargoed territory",
        ReasonCode.EMBARGOED_LOCALITY: "names a place that may be in an embargoed territory",
        ReasonCode.COUNTRY_MISSING: "has no country, and needs one",
        ReasonCode.COUNTRY_UNREADABLE: "has a country that cannot be read",
        ReasonCode.NAME_UNSCREENABLE: "has no name that could be screened",
        ReasonCode.LISTS_STALE: "a list is older than the policy allows",
        ReasonCode.LIST_MISSING: "a list that the policy requires was missing",
        ReasonCode.SCREENING_UNAVAILABLE: "screening could not run; held, as nobody is cleared unseen",
    }
)


def page_of(
    screening_id: str,
    subjects: Sequence[Subject],
    outcome: Outcome,
    decided_at: datetime,
    *,
    rulings: Sequence[tuple[str, str]] = (),
) -> str:
    """The decision in lines of text. `rulings` are what officers decided since: what, and who."""
    lines = [
        f"{outcome.decision}  {decided_at:%Y-%m-%d %H:%M:%S} UTC  {screening_id}",
        f"  policy    {outcome.workflow} {outcome.policy_version}, {outcome.policy_fingerprint[:12]}",
        *_lists(outcome),
        *(f"  screened  {_party(subject)}" for subject in subjects),
        *(line for reason in outcome.reasons for line in _reason(reason, subjects)),
        *(line for number, match in enumerate(outcome.matches, start=1) for line in _match(number, match)),
        *(f"  kept out  a hit cleared by {one}" for one in outcome.suppressed),
        *(f"  partner   “{words}”" for words in outcome.partner_words),
        f"  decided   by the engine, version {outcome.engine_version}",
        *(f"  then      {what} by {who}" for what, who in rulings),
    ]
    return "\n".join(lines)


def _lists(outcome: Outcome) -> Iterator[str]:
    for version in outcome.snapshot.versions:
        published = f", published {version.published_on}" if version.published_on else ""
        named = f"{version.source} SAMPLE" if version.is_sample else version.source
        yield f"  list      {named} {version.sha256[:12]}, {version.entries:,} entries{published}"
    for code in outcome.snapshot.missing:
        yield f"  list      {code} MISSING"


def _party(subject: Subject) -> str:
    place = subject.address.text() if subject.address else ""
    facts = [
        subject.country,
        place,
        *(f"{one.kind} {one.value}" for one in subject.identifiers),
        f"born {subject.date_of_birth}" if subject.date_of_birth else "",
        f"also {', '.join(subject.aliases)}" if subject.aliases else "",
    ]
    told = "; ".join(filter(None, facts))
    return f"{subject.role}: {subject.name}{f' ({told})' if told else ''}"


def _reason(reason: Reason, subjects: Sequence[Subject]) -> Iterator[str]:
    key = (reason.subject_role, reason.subject_reference)
    about = next((one.name for one in subjects if (one.role, one.reference) == key), "")
    detail = f" [{reason.detail}]" if reason.detail else ""
    who = f"{about} " if about else ""
    yield f"  {reason.decision:<8}  {who}{MEANINGS[reason.code]} ({reason.code}){detail}"


def _match(number: int, match: Match) -> Iterator[str]:
    weak = ", a weak alias" if match.weak_name else ""
    programmes = ", ".join(match.programmes) or "no programme"
    yield f"  match {number:<3} {match.score:.4f}  {match.screened_name} ~ {match.matched_name}{weak}"
    yield (
        f"              {match.list} {match.entry_id}, {match.entry_name};"
        f" {programmes}; a true match means {match.consequence}"
    )
    for pair in match.parts.pairs:
        worth = f"{pair.similarity:.2f} of {pair.screened_weight:.2f} and {pair.listed_weight:.2f}"
        yield f"              {pair.screened} = {pair.listed}  {pair.evidence} {worth}"
    parts = match.parts
    yield (
        f"              weight {parts.screened_total:.2f} and {parts.listed_total:.2f},"
        f" evidence {parts.evidence:.2f} of {parts.evidence_wanted:.2f},"
        f" kind x{parts.kind_factor:.2f}, name x{parts.name_factor:.2f}"
    )
    for fact in parts.qualifiers:
        yield f"              {fact.kind} {fact.effect:+.2f}  {fact.detail}"
