"""The index: what it finds, how it scores, and that nothing it leaves out could have mattered."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commerce.bounds import bounded
from commerce.matches import QualifierKind
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
from commerce.scoring import kind_factor, score_of

FILLER = [
    "Bright Harbour Foods", "Ivanov Petr", "Hassan Ali Omar", "Golden Trading Company", "Emma LLC",
    "Corp", "Orion Shipping Lines", "Carlos Gomez Restrepo", "Li Wei", "Kim Chol Su", "Ahmed Hassan Mohamed",
    "Northern Star Trading", "Mohammed Ali Hussein", "Vasquez Ramirez Jose", "Quds Aviation Industries",
]  # fmt: skip


def listed(
    entry_id: str, *names: str, kind: PartyKind = PartyKind.ORGANISATION, **facts: object
) -> ListedParty:
    entry = ListedParty(ListCode.OFAC_SDN, entry_id, kind, tuple(map(ListedName, names)))
    return replace(entry, **facts)  # type: ignore[arg-type]


def screened(name: str, kind: PartyKind = PartyKind.ORGANISATION, **facts: object) -> Subject:
    return replace(Subject(kind, Role.CUSTOMER, name), **facts)  # type: ignore[arg-type]


ENTRIES = [listed(f"F{n}", name) for n, name in enumerate(FILLER)] + [
    listed("1", "ZARKOVA TRADING HOUSE LLC", countries=("RU",)),
    listed(
        "2",
        "HALVORSEN-DRAGOMIR, Teodrik Anselm",
        kind=PartyKind.PERSON,
        births=(BirthDate(1961, 3, 14),),
        countries=("MD",),
        addresses=(Address(street="12 Vineyard Street", city="Chisinau", country="MD"),),
    ),
    listed("3", "AL-MUZAFFARI, Qasim Abd al-Rahim", kind=PartyKind.PERSON),
    listed("4", "FACTORY NO. 5 URALSK"),
    listed("5", "KESTREL BAY", names=(ListedName("KESTREL BAY"), ListedName("The Cartographer", weak=True))),
    listed(
        "6", "PELICAN PRIDE", kind=PartyKind.VESSEL, identifiers=(Identifier(IdentifierKind.IMO, "9000001"),)
    ),
]
INDEX = Index.build(ENTRIES)


def found(name: str, kind: PartyKind = PartyKind.ORGANISATION, **facts: object) -> list[tuple[str, float]]:
    return [(match.entry_id, match.score) for match in INDEX.search(screened(name, kind, **facts))]


@pytest.mark.parametrize(
    "name",
    [
        "zarkova trading house",
        "House Trading ZARKOVA",
        "Zarkova-Trading-House, L.L.C.",
        "  ZARKOVA   TRADING   HOUSE  GmbH",
        "Trading House «Zarkova»",
    ],
)
def test_a_listed_name_in_any_case_order_and_punctuation_scores_full(name: str):
    assert found(name)[0] == ("1", 1.0)


@pytest.mark.parametrize(
    "name",
    ["Teodrik Halvorsen-Dragomr", "Theodrik Anselm Halvorsen Dragomir", "Halvorsendragomir Teodrik Anselm"],
)
def test_slips_and_joined_words_are_found(name: str):
    best = found(name, PartyKind.PERSON)[0]

    assert best[0] == "2"
    assert 0.7 <= best[1] < 1.0


@pytest.mark.parametrize(
    "name", ["قاسم عبدالرحیم المظفری", "Kassem Abdelrahim al-Mouzafari", "Касим Абд аль-Рахим аль-Музаффари"]
)
def test_a_name_in_another_romanisation_or_script_is_found(name: str):
    assert found(name, PartyKind.PERSON)[0][0] == "3"


@pytest.mark.parametrize(
    "name", ["Corporation LLC", "General Trading Company", "Ahmed Ali", "Emma Watson Ltd", "Lines"]
)
def test_less_than_one_unit_of_evidence_never_reaches_review(name: str):
    many = Index.build([*ENTRIES, *(listed(f"C{n}", f"Ahmed Ali Trading {n}") for n in range(300))])

    assert [match for match in many.search(screened(name), floor=0.7) if match.parts.evidence < 1] == []


def test_every_score_computes_again_from_its_parts():
    for name in ("Zarkova House", "Teodrik Dragomir", "Hassan Ali", "Factory 7 Uralsk", "Cartographer"):
        for match in INDEX.search(screened(name, country="RU"), floor=0.1):
            assert match.score == score_of(match.parts)


def test_a_weak_alias_scores_less_and_says_so():
    match = INDEX.search(screened("The Cartographer"))[0]

    assert match.weak_name
    assert match.score == 0.85


def test_a_person_is_less_a_company_and_least_a_ship():
    scores = {kind: found("Pelican Pride", kind)[0][1] for kind in (PartyKind.VESSEL, PartyKind.ORGANISATION)}

    assert scores == {PartyKind.VESSEL: 1.0, PartyKind.ORGANISATION: 0.75}


def test_facts_besides_the_name_move_the_score_and_are_shown():
    person = "Teodrik Halvorsen"

    def score(**facts: object) -> float:
        return dict(found(person, PartyKind.PERSON, **facts))["2"]

    plain = score()
    home = Address(street="Vineyard Street 12", city="Chisinau", country="MD")
    assert score(country="MD") > plain > score(country="FR")
    assert score(address=home) > score(country="MD")
    assert score(date_of_birth=date(1961, 3, 14)) > plain > score(date_of_birth=date(1984, 3, 14))


def test_a_mismatched_country_alone_does_not_clear_a_strong_name():
    assert found("Zarkova Trading House", country="FR")[0][1] >= 0.92


def test_another_number_is_another_factory():
    same, other = (INDEX.search(screened(f"Factory No. {n} Uralsk"), floor=0.1)[0] for n in (5, 7))

    assert same.score == 1.0
    assert other.has(QualifierKind.NUMBER_DIFFERS)
    assert other.score < 0.75


def test_an_identifier_finds_a_party_under_any_name():
    number = Identifier(IdentifierKind.IMO, "900-0001")

    match = INDEX.search(screened("Some Other Name", identifiers=(number,)))[0]

    assert match.entry_id == "6"
    assert match.has(QualifierKind.IDENTIFIER_AGREES)
    assert match.score >= 0.95


def test_cleared_hits_do_not_crowd_out_others():
    twins = Index.build([listed(str(n), "Brennwick Holdings") for n in range(30)])
    party = screened("Brennwick Holdings")
    cleared = {match.key for match in twins.search(party, limit=25)}

    left = twins.search(party, limit=20, cleared=cleared)

    assert len(left) == 5
    assert not {match.key for match in left} & cleared


def test_an_entry_given_twice_is_one():
    assert len(Index.build([ENTRIES[0], ENTRIES[0]])) == 1


def test_an_index_of_nothing_finds_nothing():
    assert Index.build([]).search(screened("Zarkova")) == []


words = st.sampled_from(
    sorted(
        {word for name in FILLER for word in name.split()}
        | {"a", "J", "zarkov", "hous", "Li", "Lei", "Hasan", "Husin", "Petrus", "Iwan", "Karlos"}
    )
)
names = st.lists(words, min_size=1, max_size=5).map(" ".join)


@given(
    st.lists(names, min_size=1, max_size=12),
    names,
    st.sampled_from([PartyKind.PERSON, PartyKind.ORGANISATION]),
)
@example([*["Ahmed"] * 9, "Aviation Company"], "Aviation", PartyKind.PERSON)
@settings(max_examples=300, deadline=None)
def test_no_name_scores_above_its_bound(listed_names: list[str], name: str, kind: PartyKind):
    index = Index.build([listed(str(n), each, kind=KINDS[n % 3]) for n, each in enumerate(listed_names)])
    rows = index.rows
    query = index._query(name, kind)
    factors = np.array([kind_factor(kind, each) for each in KINDS])

    candidates, bounds = bounded(query, rows, factors, 0.0)

    bound_of = dict(zip(candidates.tolist(), bounds.tolist(), strict=True))
    for match in index.search(screened(name, kind), floor=0.0, limit=100):
        row = int(match.entry_id)
        best = max(bound for at, bound in bound_of.items() if rows.entry[at] == row)
        assert match.score <= best + 1e-4


@given(st.lists(names, min_size=1, max_size=12), names)
@settings(max_examples=200, deadline=None)
def test_pruning_leaves_out_nothing_that_reaches_the_floor(listed_names: list[str], name: str):
    index = Index.build([listed(str(n), each) for n, each in enumerate(listed_names)])
    everything = index.search(screened(name), floor=0.0, limit=1_000)

    for floor in (0.5, 0.7):
        assert index.search(screened(name), floor=floor, limit=1_000) == [
            m for m in everything if m.score >= floor
        ]
    assert [m.score for m in index.search(screened(name), floor=0.0, limit=3)] == [
        m.score for m in everything[:3]
    ]


def test_words_left_over_may_resemble_where_there_is_evidence_and_only_there():
    index = Index.build([*ENTRIES, listed("P", "QORBANZADEH, Kiya", kind=PartyKind.PERSON)])

    pairs = {
        pair.screened: pair
        for pair in index.search(screened("Kia Qorbanzadeh", PartyKind.PERSON))[0].parts.pairs
    }

    assert pairs["kia"].evidence == "RESEMBLANCE"
    assert pairs["kia"].similarity < 0.9
    assert index.search(screened("Kia Smith", PartyKind.PERSON), floor=0.1) == []
    assert "RESEMBLANCE" not in {
        pair.evidence for match in index.search(screened("Kia Qorbanzadeh")) for pair in match.parts.pairs
    }
