"""SOQL over real records."""

from datetime import date, timedelta

import pytest

from datasources.salesforce.sandbox_org.soql.dates import span
from datasources.salesforce.sandbox_org.soql.parser import DateLiteral

TODAY = date.today()


@pytest.fixture
async def deals(sandbox):
    """Two accounts with five deals; the last deal has no amount and belongs to nobody."""
    for number, name in enumerate(["Ångström AB", "O'Brien & Co"], 1):
        await sandbox.create("Account", Name=name, Portico_Id__c=f"cus_{number}", Industry=None)
    for number in range(1, 6):
        parent = {"Account": {"Portico_Id__c": f"cus_{number % 2 + 1}"}} if number < 5 else {}
        await sandbox.create(
            "Opportunity",
            Name=f"Deal {number}",
            StageName="Closed Won" if number in {1, 2} else "Prospecting",
            CloseDate=(TODAY + timedelta(days=number - 3)).isoformat(),
            Amount=number * 100 if number < 5 else None,
            **parent,
        )
    return sandbox


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ("Amount >= 200 AND Amount < 400", [2, 3]),
        ("Amount = null", [5]),
        ("Amount != 100", [2, 3, 4, 5]),
        ("Name = 'DEAL 1'", [1]),
        ("Name LIKE 'deal _'", [1, 2, 3, 4, 5]),
        ("Name LIKE '%2' OR Name LIKE '%3'", [2, 3]),
        (r"Name LIKE 'Deal\_1'", []),
        ("(NOT Name LIKE '%1') AND StageName = 'Closed Won'", [2]),
        ("Name IN ('Deal 1', 'deal 4', 'none')", [1, 4]),
        ("Name NOT IN ('Deal 1', 'deal 4')", [2, 3, 5]),
        ("NOT (Amount > 100)", [1, 5]),
        ("Account.Name = 'o\\'brien & co'", [1, 3]),
        ("Account.Name LIKE 'å%'", [2, 4]),
        ("Account.Portico_Id__c IN ('cus_1') AND IsWon = true", [2]),
        ("AccountId = null", [5]),
        ("CloseDate = TODAY", [3]),
        ("CloseDate > TODAY", [4, 5]),
        ("CloseDate <= TODAY", [1, 2, 3]),
        ("CloseDate < YESTERDAY", [1]),
        ("CloseDate = LAST_N_DAYS:1", [2, 3]),
        ("CloseDate = NEXT_N_DAYS:2", [4, 5]),
        (f"CloseDate = {TODAY.isoformat()}", [3]),
        ("CreatedDate > 2020-01-01T00:00:00Z", [1, 2, 3, 4, 5]),
        ("CreatedDate > 2020-01-01T00:00:00+02:00 AND CreatedDate = TODAY", [1, 2, 3, 4, 5]),
        ("AccountId IN (SELECT Id FROM Account WHERE Portico_Id__c = 'cus_2')", [1, 3]),
        ("Id IN (SELECT Id FROM Opportunity WHERE Amount > 300)", [4]),
        ("AccountId NOT IN (SELECT Id FROM Account WHERE Portico_Id__c = 'cus_2')", [2, 4, 5]),
    ],
)
async def test_a_condition_finds_exactly_these(deals, where, numbers):
    names = await deals.column(f"SELECT Name FROM Opportunity WHERE {where} ORDER BY Name")  # noqa: S608  SOQL of a test

    assert names == [f"Deal {number}" for number in numbers]


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("Amount", [5, 1, 2, 3, 4]),
        ("Amount DESC", [5, 4, 3, 2, 1]),
        ("Amount DESC NULLS LAST", [4, 3, 2, 1, 5]),
        ("Account.Name NULLS LAST, Amount DESC", [3, 1, 4, 2, 5]),
        ("StageName, Name DESC LIMIT 3 OFFSET 1", [1, 5, 4]),
    ],
)
async def test_an_order_puts_nulls_first_unless_told(deals, order, numbers):
    names = await deals.column(f"SELECT Name FROM Opportunity ORDER BY {order}")  # noqa: S608  SOQL of a test

    assert names == [f"Deal {number}" for number in numbers]


async def test_parents_nest_and_absent_parents_are_null(deals):
    first, last = await deals.query(
        "SELECT Name, Account.Name, Account.Owner.Email FROM Opportunity o"
        " WHERE o.Name IN ('Deal 1', 'Deal 5') ORDER BY Name"
    )

    assert first["Account"]["attributes"]["type"] == "Account"
    assert first["Account"]["Name"] == "O'Brien & Co"
    assert first["Account"]["Owner"]["Email"] == "integration@portico.invalid"
    assert last["Account"] is None


async def test_children_come_with_their_parent_each_within_the_limit(deals):
    accounts = await deals.query(
        "SELECT Name, (SELECT Name FROM Opportunities WHERE Amount > 0 ORDER BY Amount DESC LIMIT 1),"
        " (SELECT Id FROM Contacts) FROM Account ORDER BY Portico_Id__c"
    )

    assert [[row["Name"] for row in each["Opportunities"]["records"]] for each in accounts] == [
        ["Deal 4"],
        ["Deal 3"],
    ]
    assert [each["Contacts"] for each in accounts] == [None, None]


async def test_groups_are_counted_summed_and_filtered(deals):
    rows = await deals.query(
        "SELECT StageName stage, COUNT(Id), SUM(Amount) total, MAX(CloseDate) FROM Opportunity"
        " GROUP BY StageName HAVING COUNT(Id) > 2 ORDER BY COUNT(Id) DESC"
    )

    later = (TODAY + timedelta(days=2)).isoformat()
    assert rows == [
        {
            "attributes": {"type": "AggregateResult"},
            "stage": "Prospecting",
            "expr0": 3,
            "total": 700.0,
            "expr1": later,
        }
    ]


async def test_a_bare_count_answers_a_size_and_no_records(deals):
    answer = await deals.call(
        "GET", "query", params={"q": "SELECT COUNT() FROM Opportunity WHERE Amount > 100"}
    )

    assert answer.json() == {"totalSize": 3, "done": True, "records": []}


async def test_pages_follow_one_another_through_a_cursor(deals):
    await deals.http.put("/__sandbox/limits", json={"page": 2})

    pages = [
        (await deals.call("GET", "query", params={"q": "SELECT Name FROM Opportunity ORDER BY Name"})).json()
    ]
    while not pages[-1]["done"]:
        pages.append((await deals.http.get(pages[-1]["nextRecordsUrl"])).json())

    assert [len(page["records"]) for page in pages] == [2, 2, 1]
    assert [record["Name"] for page in pages for record in page["records"]] == [
        f"Deal {n}" for n in range(1, 6)
    ]
    assert {page["totalSize"] for page in pages} == {5}


async def test_a_lost_cursor_is_refused(deals):
    await deals.http.put("/__sandbox/limits", json={"page": 2})
    first = (await deals.call("GET", "query", params={"q": "SELECT Name FROM Opportunity"})).json()
    await deals.http.delete("/__sandbox/cursors")

    answer = await deals.http.get(first["nextRecordsUrl"])

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'unfinished", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name IN ()", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 10", "MALFORMED_QUERY"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT Id FROM Nothings) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE CreatedDate = SOMEDAY", "MALFORMED_QUERY"),
        ("SELECT Nonsense FROM Account", "INVALID_FIELD"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE CreatedDate > '2020-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE IsDeleted = 'false'", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT Id FROM Account WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
async def test_a_wrong_query_is_refused_by_its_code(sandbox, soql, code):
    answer = await sandbox.call("GET", "query", params={"q": soql})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


async def test_a_quote_in_a_value_stays_a_value(deals):
    soql = "SELECT Id FROM Account WHERE Name = '\\' OR Name != \\''"

    assert await deals.query(soql) == []


async def test_an_address_too_long_is_refused_before_it_is_read(sandbox):
    answer = await sandbox.call("GET", "query", params={"q": "SELECT Id FROM Account" + " " * 17_000})

    assert answer.status_code == 414


@pytest.mark.parametrize(
    ("name", "count", "first", "end"),
    [
        ("TODAY", None, date(2024, 2, 29), date(2024, 3, 1)),
        ("YESTERDAY", None, date(2024, 2, 28), date(2024, 2, 29)),
        ("THIS_WEEK", None, date(2024, 2, 25), date(2024, 3, 3)),
        ("LAST_WEEK", None, date(2024, 2, 18), date(2024, 2, 25)),
        ("NEXT_MONTH", None, date(2024, 3, 1), date(2024, 4, 1)),
        ("LAST_MONTH", None, date(2024, 1, 1), date(2024, 2, 1)),
        ("THIS_QUARTER", None, date(2024, 1, 1), date(2024, 4, 1)),
        ("LAST_QUARTER", None, date(2023, 10, 1), date(2024, 1, 1)),
        ("LAST_YEAR", None, date(2023, 1, 1), date(2024, 1, 1)),
        ("LAST_90_DAYS", None, date(2023, 12, 1), date(2024, 3, 1)),
        ("LAST_N_DAYS", 7, date(2024, 2, 22), date(2024, 3, 1)),
        ("NEXT_N_DAYS", 7, date(2024, 3, 1), date(2024, 3, 8)),
        ("N_DAYS_AGO", 7, date(2024, 2, 22), date(2024, 2, 23)),
        ("LAST_N_WEEKS", 2, date(2024, 2, 11), date(2024, 2, 25)),
        ("NEXT_N_MONTHS", 3, date(2024, 3, 1), date(2024, 6, 1)),
        ("LAST_N_QUARTERS", 2, date(2023, 7, 1), date(2024, 1, 1)),
        ("N_YEARS_AGO", 1, date(2023, 1, 1), date(2024, 1, 1)),
    ],
)
def test_a_date_literal_spans_these_days_on_a_leap_day(name, count, first, end):
    assert span(DateLiteral(name, count), date(2024, 2, 29)) == (first, end)
