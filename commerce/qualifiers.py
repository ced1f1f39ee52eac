"""Facts besides the name that make a match likelier or less: countries, addresses, births, numbers."""

from collections.abc import Iterator

from commerce.matches import Qualifier, QualifierKind
from commerce.names import words_of
from commerce.parties import ListedParty, PartyKind, Subject

EFFECTS: dict[QualifierKind, float] = {
    QualifierKind.COUNTRY_AGREES: 0.02,
    QualifierKind.COUNTRY_DIFFERS: -0.03,
    QualifierKind.ADDRESS_AGREES: 0.05,
    QualifierKind.BIRTH_AGREES: 0.05,
    QualifierKind.BIRTH_DIFFERS: -0.15,
    QualifierKind.NUMBER_DIFFERS: -0.20,
    QualifierKind.IDENTIFIER_AGREES: 0.95,
}
_SHORTEST_PLACE = 4
_PLACES_ENOUGH = 2


def most_added(subject: Subject) -> float:
    """The most that what is known of the party, identifiers aside, could add to a name's score."""
    place = EFFECTS[QualifierKind.COUNTRY_AGREES] if subject.country or subject.address else 0.0
    address = EFFECTS[QualifierKind.ADDRESS_AGREES] if subject.address else 0.0
    return place + address + (EFFECTS[QualifierKind.BIRTH_AGREES] if subject.date_of_birth else 0.0)


def qualifiers(subject: Subject, entry: ListedParty, screened: str, listed: str) -> tuple[Qualifier, ...]:
    """Everything known of both sides that agrees or differs; what either does not say is no fact."""
    return (
        *_country(subject, entry),
        *_address(subject, entry),
        *_birth(subject, entry),
        *_number(entry, screened, listed),
    )


def same_identifiers(subject: Subject, entry: ListedParty) -> Iterator[Qualifier]:
    known = {identifier.key() for identifier in entry.identifiers}
    for identifier in subject.identifiers:
        if identifier.key() in known:
            yield _of(QualifierKind.IDENTIFIER_AGREES, f"{identifier.kind} {identifier.value}")


def _of(kind: QualifierKind, detail: str) -> Qualifier:
    return Qualifier(kind, EFFECTS[kind], detail)


def _country(subject: Subject, entry: ListedParty) -> Iterator[Qualifier]:
    ours = {subject.country, subject.address.country if subject.address else ""} - {""}
    if not ours or not entry.countries:
        return
    if shared := sorted(ours & set(entry.countries)):
        yield _of(QualifierKind.COUNTRY_AGREES, shared[0])
    else:
        yield _of(QualifierKind.COUNTRY_DIFFERS, f"{'/'.join(sorted(ours))} and {'/'.join(entry.countries)}")


def _address(subject: Subject, entry: ListedParty) -> Iterator[Qualifier]:
    """Two words of four letters or more in common, the city or street being among them."""
    if not subject.address:
        return
    ours = _places(subject.address.text())
    for address in entry.addresses:
        shared = sorted(ours & _places(address.text()))
        if len(shared) >= _PLACES_ENOUGH:
            yield _of(QualifierKind.ADDRESS_AGREES, " ".join(shared))
            return


def _places(text: str) -> set[str]:
    return {word for word in words_of(text) if len(word) >= _SHORTEST_PLACE}


def _birth(subject: Subject, entry: ListedParty) -> Iterator[Qualifier]:
    """A list that gives several dates means any of them."""
    born = subject.date_of_birth
    if not born or not entry.births:
        return
    near = [birth for birth in entry.births if abs(birth.year - born.year) <= birth.circa]
    exact = [birth for birth in near if birth.day and (birth.month, birth.day) == (born.month, born.day)]
    open_ended = [birth for birth in near if not birth.day or birth.circa]
    if exact or open_ended:
        yield _of(QualifierKind.BIRTH_AGREES, str(born))
    else:
        years = sorted({str(birth.year) for birth in entry.births})
        yield _of(QualifierKind.BIRTH_DIFFERS, f"{born} and {'/'.join(years)}")


def _number(entry: ListedParty, screened: str, listed: str) -> Iterator[Qualifier]:
    """Factory No. 5 is not Factory No. 7."""
    if entry.kind is PartyKind.PERSON:
        return
    ours, theirs = _numerals(screened), _numerals(listed)
    if ours and theirs and not ours & theirs:
        yield _of(QualifierKind.NUMBER_DIFFERS, f"{'/'.join(sorted(ours))} and {'/'.join(sorted(theirs))}")


def _numerals(text: str) -> set[str]:
    return (
        {word.lstrip("0") for word in words_of(text) if word.isdigit()}
        if any(map(str.isdigit, text))
        else set()
    )
