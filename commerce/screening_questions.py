"""What a partner can be asked about a party, and what its answers change of the party that is screened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from commerce.access import Environment
from commerce.parties import Address, Identifier, IdentifierKind, PartyKind, Role, Subject


class QuestionField(StrEnum):
    """The fact that is wanted."""

    LEGAL_NAME = "LEGAL_NAME"
    COUNTRY = "COUNTRY"
    ADDRESS = "ADDRESS"
    TAX_ID = "TAX_ID"
    REGISTRATION_NUMBER = "REGISTRATION_NUMBER"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    OWNERS = "OWNERS"
    END_USE = "END_USE"


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who owns a part of a customer.

    OFAC blocks what blocked persons own to 50 % or more together, whatever it is called: a name alone does
    not tell, so that owners are screened as parties of their own.
    """

    name: str
    kind: PartyKind
    country: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner says of a party; the field that it answers is given, the others are not."""

    text: str = ""
    address: Address | None = None
    born_on: date | None = None
    owners: tuple[Owner, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that an order waits for. `about` is the name of the party it concerns."""

    case_id: str
    order_id: str
    field: QuestionField
    about: str
    message: str
    asked_at: datetime


@dataclass(frozen=True)
class PartyFact:
    """What a partner has said of a customer or contact besides its record; the newest of a field counts."""

    id: str
    partner_id: str
    environment: Environment
    party_reference: str
    field: QuestionField
    answer: Answer
    given_by: str
    given_at: datetime


def question_for(field: QuestionField) -> str:
    """The question in neutral words: it names the fact that is wanted and nothing else."""
    return _QUESTIONS[field]


_QUESTIONS: Mapping[QuestionField, str] = {
    QuestionField.LEGAL_NAME: "Please give the full legal name.",
    QuestionField.COUNTRY: "Please give the country as a two-letter ISO code.",
    QuestionField.ADDRESS: "Please confirm the full address, including region and postal code.",
    QuestionField.TAX_ID: "Please give the tax id.",
    QuestionField.REGISTRATION_NUMBER: "Please give the number in the company register.",
    QuestionField.DATE_OF_BIRTH: "Please give the date of birth.",
    QuestionField.OWNERS: "Please name everybody who owns 25 % or more.",
    QuestionField.END_USE: "Please say who will use the software, where and for what.",
}


def informed(subjects: Sequence[Subject], facts: Iterable[PartyFact]) -> list[Subject]:
    """The subjects with what partners have said of them since, and the owners that they have declared."""
    said: dict[str, dict[QuestionField, Answer]] = {}
    for fact in sorted(facts, key=lambda one: one.given_at):
        said.setdefault(fact.party_reference, {})[fact.field] = fact.answer
    parties = [_with(subject, said.get(subject.reference, {})) for subject in subjects]
    owners = [
        subject
        for reference, answers in said.items()
        if QuestionField.OWNERS in answers
        for subject in owners_as_subjects(answers[QuestionField.OWNERS].owners, reference)
    ]
    return [*parties, *owners]


def owners_as_subjects(owners: Sequence[Owner], customer_id: str) -> list[Subject]:
    """Declared owners as they are screened; each is referred to by the customer and its place, from 1."""
    return [
        Subject(one.kind, Role.OWNER, one.name, country=one.country, reference=f"{customer_id}/owner/{place}")
        for place, one in enumerate(owners, start=1)
    ]


def _with(subject: Subject, answers: Mapping[QuestionField, Answer]) -> Subject:
    if name := answers.get(QuestionField.LEGAL_NAME):
        former = tuple(dict.fromkeys(one for one in (*subject.aliases, subject.name) if one != name.text))
        subject = replace(subject, name=name.text, aliases=former)
    if country := answers.get(QuestionField.COUNTRY):
        address = replace(subject.address, country=country.text) if subject.address else None
        subject = replace(subject, country=country.text, address=address)
    if (place := answers.get(QuestionField.ADDRESS)) and place.address:
        subject = replace(subject, address=place.address, country=place.address.country or subject.country)
    if born := answers.get(QuestionField.DATE_OF_BIRTH):
        subject = replace(subject, date_of_birth=born.born_on)
    for field, kind in _NUMBERS.items():
        if number := answers.get(field):
            known = Identifier(kind, number.text, subject.country)
            subject = replace(subject, identifiers=tuple(dict.fromkeys((*subject.identifiers, known))))
    return subject


_NUMBERS = {
    QuestionField.TAX_ID: IdentifierKind.TAX,
    QuestionField.REGISTRATION_NUMBER: IdentifierKind.REGISTRATION,
}
