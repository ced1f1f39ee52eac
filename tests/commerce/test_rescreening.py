"""Rescreening by delta: it finds what a full search would, for every party and every changed entry."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commerce.entries import Entries
from commerce.listed_changes import changed_positions, changes
from commerce.matches import Match
from commerce.matching import Index
from commerce.name_rows import KINDS
from commerce.parties import (
    Address,
    BirthDate,
    Identifier,
    IdentifierKind,
    ListCode,
    ListedName,
    ListedParty,
    PartyKind,
    Role,
    Subject,
)
from commerce.rescreening import touched
from commerce.subject_rows import SubjectRows

WORDS = [
    "mohammed",
    "muhamad",
    "mhmd",
    "hussein",
    "husain",
    "al",
    "alhussein",
    "hassan",
    "ali",
    "a",
    "j",
    "zarkova",
    "zarkvoa",
    "trading",
    "house",
    "tradinghouse",
    "brightharbour",
    "bright",
    "harbour",
    "foods",
    "petrov",
    "petroff",
    "ivan",
    "group",
    "5",
    "7",
    "kim",
    "chol",
    "(bal)",
    "فضل",
    "محمد",
    "elghoul",
    "ghoul",
    "haj",
    "alhaj",
    "factory",
    "no",
    "orion",
    "shipping",
    "lines",
    "abdul",
    "rahman",
    "abdulrahman",
]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
kinds = st.sampled_from([PartyKind.PERSON, PartyKind.ORGANISATION])
numbers = st.sampled_from(["", "", "1234567", "7654321"])


@st.composite
def listed_parties(draw: st.DrawFn) -> list[ListedParty]:
    named = draw(st.lists(st.lists(texts, min_size=1, max_size=2), min_size=1, max_size=10))
    return [
        ListedParty(
            ListCode.OFAC_SDN,
            str(at),
            draw(st.sampled_from(KINDS)),
            tuple(ListedName(text, weak=draw(st.booleans())) for text in names),
            countries=draw(st.sampled_from([(), ("DE",), ("RU", "CY")])),
            identifiers=tuple(Identifier(IdentifierKind.TAX, number) for number in {draw(numbers)} if number),
            births=draw(st.sampled_from([(), (BirthDate(1961, 3, 14),)])),
        )
        for at, names in enumerate(named)
    ]


@st.composite
def parties(draw: st.DrawFn) -> Subject:
    number = draw(numbers)
    return Subject(
        draw(kinds),
        Role.CUSTOMER,
        draw(texts),
        aliases=tuple(draw(st.lists(texts, max_size=1))),
        country=draw(st.sampled_from(["", "DE"])),
        address=draw(st.sampled_from([None, Address(city="Berlin", country="DE")])),
        identifiers=(Identifier(IdentifierKind.TAX, number),) if number else (),
        date_of_birth=draw(st.sampled_from([None, date(1961, 3, 14)])),
    )


@given(listed_parties(), st.lists(parties(), min_size=1, max_size=8), st.sets(st.integers(0, 9)), st.data())
@settings(max_examples=200, deadline=None)
def test_a_delta_finds_what_a_full_search_finds_of_the_changed_entries(
    entries: list[ListedParty], subjects: list[Subject], picked: set[int], data: st.DataObject
):
    index = Index.build(entries)
    changed = {number for number in picked if number < len(entries)}
    floor = data.draw(st.sampled_from([0.3, 0.5, 0.55, 0.75]))

    found = touched(SubjectRows.of(subjects), index, changed, floor=floor)

    assert found == fully(index, subjects, changed, floor)


def fully(index: Index, subjects: list[Subject], changed: set[int], floor: float) -> dict[int, list[Match]]:
    """The same by screening everybody against everything."""
    ids = {index.entries[number].entry_id for number in changed}
    found = {}
    for at, subject in enumerate(subjects):
        matches = index.search(subject, floor=floor, limit=1_000)
        if concerned := [match for match in matches if match.entry_id in ids]:
            found[at] = concerned
    return found


@pytest.mark.parametrize(
    ("screened", "listed", "kind"),
    [
        ("Quenby Zarkova", "ZARKOVA, Quenby", PartyKind.PERSON),
        ("Brightharbour", "BRIGHT HARBOUR", PartyKind.ORGANISATION),
        ("Bright Harbour", "BRIGHTHARBOUR", PartyKind.ORGANISATION),
        ("Q. Zarkova", "ZARKOVA, Quenby", PartyKind.PERSON),
        ("Quenby Zarkova", "ZARKOVA, Q.", PartyKind.PERSON),
        ("Quenby Zarkvoa", "ZARKOVA, Quenby", PartyKind.PERSON),
        ("Quenby al-Ghoul", "ELGHOUL, Quenby", PartyKind.PERSON),
        ("Quenby Elghoul", "AL-GHOUL, Quenby", PartyKind.PERSON),
        ("Kia Zarkova", "ZARKOVA, Kiya", PartyKind.PERSON),
        ("Igor Zarkovenko", "ZARKOVENKO, Ihor", PartyKind.PERSON),
        ("Cho Yonghyon", "JO, Yong Hyon", PartyKind.PERSON),
        ("محمد المظفری", "MUHAMMAD AL-MUZAFFARI", PartyKind.PERSON),
    ],
)
def test_a_delta_finds_every_kind_of_evidence_at_the_very_score(screened: str, listed: str, kind: PartyKind):
    entry = ListedParty(ListCode.OFAC_SDN, "1", kind, (ListedName(listed),))
    others = [replace(entry, entry_id=f"F{n}", names=(ListedName(f"FILLER {n}"),)) for n in range(5)]
    index = Index.build([*others, entry])
    subject = Subject(kind, Role.CUSTOMER, screened)

    expected = index.search(subject, floor=0.3)[0]

    found = touched(SubjectRows.of([subject]), index, [5], floor=expected.score)
    assert found == {0: [expected]}


def test_nobody_is_touched_by_what_did_not_change():
    entry = ListedParty(ListCode.OFAC_SDN, "1", PartyKind.ORGANISATION, (ListedName("Zarkova Harbour"),))
    index = Index.build([entry])
    rows = SubjectRows.of([Subject(PartyKind.ORGANISATION, Role.CUSTOMER, "Zarkova Harbour")])

    assert touched(rows, index, [], floor=0.5) == {}
    assert touched(SubjectRows.of([]), index, [0], floor=0.5) == {}


def test_what_changed_is_told_by_content_and_not_by_place():
    one, two, three = (
        ListedParty(ListCode.OFAC_SDN, str(n), PartyKind.ORGANISATION, (ListedName(f"Name {n}"),))
        for n in range(3)
    )
    moved = replace(two, remarks="moved")

    before, after = [one, two], [three, moved, one]

    assert changed_positions(Entries.of(before), Entries.of(after)) == [0, 1]
    assert changes(before, after).added == (three,)
    assert changes(before, after).changed == (moved,)
    assert changes(before, after).removed == ()
