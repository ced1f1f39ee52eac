"""Screenings of sample orders: the real engine for those who resemble somebody listed, one clear outcome for
all others (a test screens every one of them and finds the same).
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from random import Random

import orjson

from commerce.matches import Match
from commerce.parties import Address, PartyKind, Role
from commerce.screening import Decision, Outcome, ReasonCode, Subject, unavailable
from commerce.screening_policies import Policy
from datasources.postgres.samples.customers import Buyer
from datasources.postgres.samples.identifiers import uuid7
from datasources.postgres.samples.listed import LISTED_CUSTOMERS
from datasources.postgres.samples.rows import MatchRow, Rows, ScreeningRow

Screen = Callable[[Sequence[Subject]], Outcome]
"""Decides on the parties of an order, as `Watchlists.screen` does."""

NOBODY_LISTED = Subject(
    PartyKind.ORGANISATION, Role.CUSTOMER, "Thistledown Dental Supply, Inc.", country="US"
)


class Screenings:
    """Writes the screening of each order and says how it came out."""

    def __init__(self, rows: Rows, screen: Screen) -> None:
        self._rows = rows
        self._screen = screen
        self.clear = screen([NOBODY_LISTED])
        self.failed = unavailable(Policy(self.clear.workflow), "sample outage", self.clear.snapshot)
        self._snapshot_id = self.clear.snapshot.id
        self._lists = as_json(self.clear.snapshot.versions)

    def outcome_for(self, buyer: Buyer) -> Outcome:
        if buyer.number in LISTED_CUSTOMERS:
            return self._screen(subjects_of(buyer))
        return self.clear

    def add(
        self,
        buyer: Buyer,
        order_id: str,
        outcome: Outcome,
        subjects: str,
        *,
        at: datetime,
        random: Random,
        decided_by: str = "SYSTEM",
    ) -> None:
        """The screening of an order, with its matches. `subjects` is JSON, one text for all of a buyer."""
        screening_id = uuid7(at, random)
        owner = (buyer.partner.id, buyer.environment)
        self._rows.add(
            ScreeningRow(
                screening_id,
                *owner,
                order_id=order_id,
                decision=outcome.decision,
                reasons=as_json(outcome.reasons) if outcome.reasons else "[]",
                partner_words=outcome.partner_words,
                subjects=subjects,
                workflow=buyer.partner.screening_policy,
                policy_version=outcome.policy_version,
                policy_fingerprint=outcome.policy_fingerprint,
                engine_version=outcome.engine_version,
                snapshot_id=self._snapshot_id,
                lists=self._lists,
                is_sample=outcome.snapshot.is_sample,
                suppressed=outcome.suppressed,
                decided_by=decided_by,
                decided_at=at,
            )
        )
        for position, match in enumerate(outcome.matches, start=1):
            self._rows.add(_match_row(match, uuid7(at, random), owner, screening_id, position))


def _match_row(
    match: Match, match_id: str, owner: tuple[str, str], screening_id: str, position: int
) -> MatchRow:
    return MatchRow(
        match_id,
        *owner,
        screening_id=screening_id,
        position=position,
        list=match.list,
        entry_id=match.entry_id,
        entry_hash=match.entry_hash,
        entry_name=match.entry_name,
        matched_name=match.matched_name,
        screened_name=match.screened_name,
        subject_role=match.subject_role,
        subject_reference=match.subject_reference,
        score=Decimal(f"{match.score:.4f}"),
        weak_name=match.weak_name,
        consequence=match.consequence,
        programmes=match.programmes,
        parts=as_json(match.parts),
    )


def status_reason(outcome: Outcome) -> ReasonCode | None:
    """The gravest reason: why an order waits or is denied."""
    return None if outcome.decision is Decision.CLEAR else outcome.reasons[0].code


def subjects_of(buyer: Buyer) -> list[Subject]:
    """The customer and its contacts, as an order's screening sees them."""
    place = buyer.place
    address = Address(place.street, place.city, place.region, place.postal_code, buyer.country)
    customer = Subject(
        PartyKind.ORGANISATION,
        Role.CUSTOMER,
        buyer.legal_name,
        country=buyer.country,
        address=address,
        reference=f"cus_{buyer.id}",
    )
    contacts = (
        Subject(PartyKind.PERSON, Role.CONTACT, person.name, country=buyer.country, reference=f"con_{key}")
        for key, person in buyer.contacts
    )
    return [customer, *contacts]


def as_json(value: object) -> str:
    return orjson.dumps(value).decode()
