"""SOQL that Portico builds: nothing a value holds can change the query, and foreign parsers agree."""

import random
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.salesforce import accounts, cases, opportunities
from datasources.salesforce.sandbox_org.soql.parser import Comparison, Membership, Path, parse, unescape
from datasources.salesforce.soql import all_of, among, any_of, compared, literal, select


@given(st.text())
def test_any_text_comes_back_from_a_literal(text):
    query = parse(select(["Id"], "Account", where=compared("Name", "=", text)))

    assert isinstance(query.where, Comparison)
    assert query.where.operand == Path(("Name",))
    assert unescape(query.where.value) == text


@given(st.lists(st.text(), min_size=1, max_size=20))
def test_any_list_comes_back_from_a_membership(texts):
    query = parse(select(["Id"], "Account", where=among("Portico_Id__c", texts)))

    assert isinstance(query.where, Membership)
    assert [unescape(value) for value in query.where.among] == texts


@pytest.mark.parametrize("name", ["", "Name, Secret", "Name FROM User", "Na'me", "a..b", "1a", "Name "])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="no SOQL name"):
        select([name], "Account")


def test_an_empty_list_is_refused_before_salesforce_would():
    with pytest.raises(ValueError, match="among no values"):
        among("Id", [])


def test_times_are_written_in_utc_and_unquoted():
    moment = datetime.fromisoformat("2026-11-22T09:30:00+02:00")

    assert literal(moment) == "2026-11-22T07:30:00Z"
    assert literal(date(2026, 11, 22)) == "2026-11-22"
    assert [literal(value) for value in (None, True, False, 7)] == ["null", "true", "false", "7"]


def generated_queries() -> list[tuple[str, dict]]:
    """Every form of query that Portico sends, over awkward values, with what a parser should find in it."""
    choice = random.Random(20261122)
    letters = "aZ9'\"\\%_ \n\t(),;:éß中اОƒ"
    texts = ["".join(choice.choices(letters, k=choice.randrange(1, 40))) for _ in range(60)]
    keys = [f"cus_{choice.getrandbits(128):032x}" for _ in range(200)]
    moment = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    queries = []
    for topic, sobject, key in (
        (accounts, "Account", "Portico_Id__c"),
        (opportunities, "Opportunity", "AccountId"),
        (cases, "Case", "AccountId"),
    ):
        for values in (keys[:1], keys[:50], keys, texts):
            soql = topic._query(among(key, values))
            queries.append((soql, {"sObject": sobject, "fields": list(topic.FIELDS), "values": values}))
        where = all_of(compared("SystemModstamp", ">=", moment), any_of(compared("Name", "=", texts[0])))
        soql = select(["Id", "SystemModstamp"], sobject, where=where, order="SystemModstamp, Id", limit=2000)
        queries.append((soql, {"sObject": sobject, "fields": ["Id", "SystemModstamp"], "limit": 2000}))
    for text in texts:
        soql = select(["Id"], "Account", where=compared("Name", "=", text))
        queries.append((soql, {"sObject": "Account", "fields": ["Id"], "value": text}))
    return queries


@pytest.mark.node
async def test_an_independent_parser_reads_every_query_as_it_was_meant(node):
    queries = generated_queries()

    parsed = await node("parse_soql.js", [soql for soql, _ in queries])

    assert len(parsed) == 75
    for (soql, meant), seen in zip(queries, parsed, strict=True):
        assert "error" not in seen, (soql, seen)
        assert (seen["sObject"], seen["fields"]) == (meant["sObject"], meant["fields"])
        assert seen["limit"] == meant.get("limit")
        if "values" in meant:
            assert [unescape(value[1:-1]) for value in seen["conditions"][0]["value"]] == meant["values"]
        if "value" in meant:
            assert unescape(seen["conditions"][0]["value"][1:-1]) == meant["value"]


@pytest.mark.node
async def test_both_parsers_refuse_the_same_wrong_queries(node):
    wrong = [
        "SELECT Id FROM Account WHERE",
        "SELECT FROM Account",
        "SELECT Id FROM Account WHERE Name IN ()",
        "SELECT Id FROM Account WHERE Name = 'open",
        "SELECT Id Account",
        "SELECT Id FROM Account ORDER Name",
    ]

    theirs = ["error" in seen for seen in await node("parse_soql.js", wrong)]

    ours = [_is_refused(soql) for soql in wrong]
    assert theirs == ours == [True] * len(wrong)


def _is_refused(soql: str) -> bool:
    try:
        parse(soql)
    except Exception as refusal:  # noqa: BLE001  compared below
        return getattr(refusal, "code", "") == "MALFORMED_QUERY"
    return False
