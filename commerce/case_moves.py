"""What may be done with a case, as moves of a frozen record; None where it cannot be done."""

from dataclasses import replace
from datetime import datetime

from commerce.screening import Decision
from commerce.screening_cases import CLAIMED_FOR, CaseDraft, CaseState, ScreeningCase
from commerce.screening_questions import QuestionField

SYSTEM = "SYSTEM"


def claimed(case: ScreeningCase, officer: str, now: datetime) -> ScreeningCase | None:
    """The case with the officer's claim on it, for half an hour more."""
    if not case.is_open or case.claimed_by_another(officer, now):
        return None
    return replace(case, claimed_by=officer, claimed_until=now + CLAIMED_FOR)


def unclaimed(case: ScreeningCase) -> ScreeningCase:
    return replace(case, claimed_by=None, claimed_until=None)


def takes_two(case: ScreeningCase) -> bool:
    """Whether one officer alone may not clear it: what was denied, by the engine or by an officer."""
    return case.decision is Decision.DENY or case.state in {CaseState.DENIED, CaseState.AWAITING_SECOND}


def is_first_officer(case: ScreeningCase, officer: str) -> bool:
    """Whether the officer is the one who has cleared it already, so that another is needed."""
    return case.state is CaseState.AWAITING_SECOND and case.first_officer == officer


def cleared(case: ScreeningCase, officer: str, note: str, now: datetime) -> ScreeningCase | None:
    """The case cleared, or waiting for a second officer where it takes two."""
    if case.state is CaseState.CLEARED or is_first_officer(case, officer):
        return None
    if takes_two(case) and case.state is not CaseState.AWAITING_SECOND:
        return replace(
            unclaimed(case),
            state=CaseState.AWAITING_SECOND,
            first_officer=officer,
            note=note,
            closed_by=None,
            closed_at=None,
        )
    return replace(_closed(case, officer, now), state=CaseState.CLEARED, note=note)


def denied(case: ScreeningCase, officer: str, note: str, now: datetime) -> ScreeningCase | None:
    """The case closed as a true match."""
    if not case.is_open:
        return None
    return replace(_closed(case, officer, now), state=CaseState.DENIED, note=note, first_officer=None)


def asked(case: ScreeningCase, field: QuestionField, question: str, now: datetime) -> ScreeningCase | None:
    """The case with a question to the partner."""
    if case.state is not CaseState.OPEN or case.decision is Decision.DENY:
        return None
    return replace(
        unclaimed(case), state=CaseState.AWAITING_PARTNER, asked_for=field, question=question, asked_at=now
    )


def resumed(case: ScreeningCase, now: datetime) -> ScreeningCase | None:
    """The case back in the queue: the question or the first officer's word is taken back.

    The time that the partner took does not count against the officers.
    """
    if case.state not in {CaseState.AWAITING_PARTNER, CaseState.AWAITING_SECOND}:
        return None
    waited = now - case.asked_at if case.state is CaseState.AWAITING_PARTNER and case.asked_at else None
    return replace(
        unclaimed(case),
        state=CaseState.OPEN,
        first_officer=None,
        asked_for=None,
        question=None,
        asked_at=None,
        due_at=case.due_at + waited if waited else case.due_at,
    )


def found_again(case: ScreeningCase, draft: CaseDraft, screening_id: str, now: datetime) -> ScreeningCase:
    """An open case after its party was screened again and still stands out: an officer looks."""
    return replace(
        resumed(case, now) or case,
        decision=draft.decision,
        party_fingerprint=draft.subject.fingerprint(),
        party_name=draft.subject.name,
        subject=draft.subject,
        reasons=draft.reasons,
        lists=draft.lists,
        hits=draft.hits,
        top_score=draft.top_score,
        screening_id=screening_id,
    )


def not_found_again(case: ScreeningCase, note: str, now: datetime) -> ScreeningCase:
    """An open case whose party no longer stands out: closed without an officer."""
    return replace(_closed(case, SYSTEM, now), state=CaseState.CLEARED, note=note)


def _closed(case: ScreeningCase, officer: str, now: datetime) -> ScreeningCase:
    return replace(
        unclaimed(case), closed_by=officer, closed_at=now, asked_for=None, question=None, asked_at=None
    )
