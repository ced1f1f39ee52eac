"""The decision: what clears, what holds, what denies, and what a partner may be told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from commerce.matches import Consequence, Evidence, Match, Parts, Qualifier, QualifierKind, TokenPair
from commerce.parties import Address, ListCode, PartyKind, Role, Subject
from commerce.screening import Decision, ListVersion, ReasonCode, Snapshot, decide, unavailable
from commerce.screening_policies import PARTNER_SELF_SERVICE, PARTNER_WORDS, SALES_ASSISTED, Policy

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SNAPSHOT = Snapshot((ListVersion("OFAC_SDN", "a" * 64, None, NOW, 10, (ListCode.OFAC_SDN,)),))
CUSTOMER = Subject(
    PartyKind.ORGANISATION, Role.CUSTOMER, "Zarkova Trading House", country="DE", reference="cus_1"
)
HELD = (Decision.HOLD, [ReasonCode.POSSIBLE_MATCH])


def matched(score: float, **changes: object) -> Match:
    pair = TokenPair("zarkova", "zarkova", Evidence.EXACT, 1.0, 2.0, 2.0)
    match = Match(
        list=ListCode.OFAC_SDN,
        entry_id="90001",
        entry_hash="b" * 64,
        entry_kind=PartyKind.ORGANISATION,
        entry_name="ZARKOVA TRADING HOUSE LLC",
        matched_name="ZARKOVA TRADING HOUSE LLC",
        screened_name=CUSTOMER.name,
        subject_role=Role.CUSTOMER,
        subject_reference="cus_1",
        score=score,
        parts=Parts(pairs=(pair, pair), screened_total=4.0, listed_total=4.0, evidence=4.0),
        weak_name=False,
        provisional=False,
        programmes=("SAMPLE",),
        consequence=Consequence.BLOCK,
    )
    return replace(match, **changes)  # type: ignore[arg-type]


def decided(*matches: Match, subject: Subject = CUSTOMER, policy: Policy = PARTNER_SELF_SERVICE) -> tuple:
    outcome = decide([subject], matches, policy, SNAPSHOT, now=NOW)
    return outcome.decision, [reason.code for reason in outcome.reasons]


def test_a_party_without_a_match_in_an_open_country_is_clear():
    assert decided() == (Decision.CLEAR, [])


def test_a_strong_match_on_a_blocking_list_denies():
    assert decided(matched(0.97)) == (Decision.DENY, [ReasonCode.LISTED_PARTY])


def test_a_fair_match_holds_and_a_faint_one_clears():
    assert decided(matched(0.80)) == HELD
    assert decided(matched(0.59)) == (Decision.CLEAR, [])


def test_a_weak_alias_alone_never_denies():
    assert decided(matched(0.99, weak_name=True)) == HELD


def test_a_contradicting_birth_date_turns_a_denial_into_a_hold():
    contradicted = matched(0.97)
    parts = replace(contradicted.parts, qualifiers=(Qualifier(QualifierKind.BIRTH_DIFFERS, -0.15),))

    assert decided(replace(contradicted, parts=parts)) == HELD


def test_an_identifier_of_a_listed_party_denies_whatever_the_name():
    found = matched(0.95)
    parts = replace(found.parts, qualifiers=(Qualifier(QualifierKind.IDENTIFIER_AGREES, 0.95),))

    assert decided(replace(found, parts=parts)) == (Decision.DENY, [ReasonCode.LISTED_IDENTIFIER])


def test_each_consequence_has_its_own_reason_and_only_blocking_lists_deny():
    expected = {
        ListCode.BIS_ENTITY: ReasonCode.LICENSE_REQUIRED,
        ListCode.BIS_MILITARY_END_USER: ReasonCode.LICENSE_REQUIRED,
        ListCode.BIS_UNVERIFIED: ReasonCode.RED_FLAG,
        ListCode.OFAC_SSI: ReasonCode.SECTORAL_REVIEW,
        ListCode.STATE_ISN: ReasonCode.POSSIBLE_MATCH,
    }

    for code, reason in expected.items():
        match = matched(1.0, list=code, consequence=PARTNER_SELF_SERVICE.consequences[code])
        assert decided(match) == (Decision.HOLD, [reason])


def test_a_provisional_entry_never_denies():
    assert decided(matched(1.0, provisional=True)) == HELD


def test_an_embargoed_country_denies_by_code_and_by_name_in_any_script():
    for country in ("KP", "kp", "North Korea", "DPRK", "朝鲜", "IR", "ایران", "Cuba", "Куба"):
        found = decided(subject=replace(CUSTOMER, country=country))
        assert found == (Decision.DENY, [ReasonCode.EMBARGOED_TERRITORY]), country


def test_crimea_named_as_the_region_denies_and_a_crimean_town_holds():
    region = replace(CUSTOMER, country="UA", address=Address(region="Republic of Crimea", country="UA"))
    town = replace(
        CUSTOMER, country="UA", address=Address(street="Lenina 1", city="Simferopol", country="UA")
    )
    postal_code = replace(
        CUSTOMER, country="UA", address=Address(city="K.", postal_code="95001", country="UA")
    )

    assert decided(subject=region) == (Decision.DENY, [ReasonCode.EMBARGOED_TERRITORY])
    assert decided(subject=town) == (Decision.HOLD, [ReasonCode.EMBARGOED_LOCALITY])
    assert decided(subject=postal_code) == (Decision.HOLD, [ReasonCode.EMBARGOED_LOCALITY])


def test_a_namesake_town_elsewhere_clears():
    mexico = Address(city="Yalta", postal_code="97000", country="MX")
    california = Address(city="San Jose", postal_code="95112", country="US")
    kyiv = Address(city="Kyiv", postal_code="01001", country="UA")

    for address in (mexico, california, kyiv):
        assert (
            decided(subject=replace(CUSTOMER, country=address.country, address=address))[0] is Decision.CLEAR
        )


def test_a_customer_without_a_country_is_held_and_a_contact_is_not():
    assert decided(subject=replace(CUSTOMER, country="")) == (Decision.HOLD, [ReasonCode.COUNTRY_MISSING])
    assert decided(subject=replace(CUSTOMER, country="", role=Role.CONTACT)) == (Decision.CLEAR, [])


def test_a_name_without_letters_is_held():
    for name in ("", "   ", "123", "—"):
        assert decided(subject=replace(CUSTOMER, name=name)) == (
            Decision.HOLD,
            [ReasonCode.NAME_UNSCREENABLE],
        )


def test_stale_missing_and_absent_lists_hold():
    old = replace(SNAPSHOT.versions[0], checked_at=NOW - timedelta(hours=37))
    pinned = replace(SNAPSHOT.versions[0], checked_at=None)

    def codes(*versions: ListVersion) -> list[ReasonCode]:
        outcome = decide([CUSTOMER], [], PARTNER_SELF_SERVICE, Snapshot(versions), now=NOW)
        return [reason.code for reason in outcome.reasons]

    assert codes(old) == [ReasonCode.LISTS_STALE]
    assert codes() == [ReasonCode.LIST_MISSING]
    assert codes(pinned) == []


def test_no_party_to_screen_is_a_hold():
    outcome = decide([], [], PARTNER_SELF_SERVICE, SNAPSHOT, now=NOW)

    assert outcome.decision is Decision.HOLD


def test_a_screening_that_could_not_run_is_a_hold_in_neutral_words():
    outcome = unavailable(PARTNER_SELF_SERVICE, "IndexError", SNAPSHOT)

    assert outcome.decision is Decision.HOLD
    assert [reason.code for reason in outcome.reasons] == [ReasonCode.SCREENING_UNAVAILABLE]
    assert outcome.partner_words == (PARTNER_WORDS[ReasonCode.SCREENING_UNAVAILABLE],)


def test_the_gravest_reason_comes_first_and_alone_is_told():
    outcome = decide(
        [CUSTOMER], [matched(0.8), matched(0.97, entry_id="2")], PARTNER_SELF_SERVICE, SNAPSHOT, now=NOW
    )

    assert [reason.decision for reason in outcome.reasons] == [Decision.DENY, Decision.HOLD]
    assert outcome.partner_words == ("We are unable to process this order.",)


def test_no_word_for_partners_names_a_list_or_a_score():
    for words in PARTNER_WORDS.values():
        assert not {"list", "match", "score", "sanction", "denied"} & set(
            words.lower().replace(".", "").split()
        )
    assert set(PARTNER_WORDS) == set(ReasonCode)


def test_a_hold_blocks_new_business_and_lets_returns_pass():
    held = unavailable(PARTNER_SELF_SERVICE, "fault")

    assert held.blocks("NEW", PARTNER_SELF_SERVICE)
    assert not held.blocks("RETURN", PARTNER_SELF_SERVICE)


def test_a_changed_rule_changes_the_fingerprint_of_the_policy():
    assert PARTNER_SELF_SERVICE.fingerprint() == Policy(PARTNER_SELF_SERVICE.workflow).fingerprint()
    assert PARTNER_SELF_SERVICE.fingerprint() != replace(PARTNER_SELF_SERVICE, deny_at=0.93).fingerprint()
    assert PARTNER_SELF_SERVICE.fingerprint() != SALES_ASSISTED.fingerprint()


def test_the_snapshot_id_depends_on_contents_and_not_on_order():
    one, two = (replace(SNAPSHOT.versions[0], source=source) for source in ("A", "B"))

    assert Snapshot((one, two)).id == Snapshot((two, one)).id
    assert Snapshot((one, two)).id != Snapshot((one, replace(two, sha256="c" * 64))).id


def test_a_party_is_the_same_whatever_its_role_and_reference():
    other_role = replace(CUSTOMER, role=Role.RESELLER, reference="par_1")

    assert CUSTOMER.fingerprint() == other_role.fingerprint()
    assert CUSTOMER.fingerprint() != replace(CUSTOMER, country="FR").fingerprint()
