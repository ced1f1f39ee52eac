"""Sample data: believable, the same for the same seed, and quick."""

import time
from datetime import date

from datasources.salesforce.sandbox_org.samples import seed

CUSTOMERS = [
    ("cus_a", "Ångström AB", "SE", "angstrom.example"),
    ("cus_b", "株式会社さくら", "JP", None),
    ("cus_c", "Prairie Systems Inc.", "US", "prairie.example"),
]
TODAY = date(2026, 11, 22)


async def dump(sandbox) -> dict:
    accounts = await sandbox.query(
        "SELECT Portico_Id__c, Name, Website, Industry, Owner.Name, Owner.Title,"
        " (SELECT Name, StageName, Amount, CloseDate FROM Opportunities ORDER BY Name, CloseDate),"
        " (SELECT Subject, Status, Portico_Category__c FROM Cases ORDER BY CreatedDate) FROM Account"
    )
    return {each["Portico_Id__c"]: each for each in accounts}


async def test_a_customer_keeps_its_story_whatever_others_there_are(sandbox):
    await seed(sandbox.connection, CUSTOMERS, seed=3, today=TODAY)
    together = await dump(sandbox)
    await sandbox.connection.execute(
        'TRUNCATE sandbox_org."Account", sandbox_org."Opportunity", sandbox_org."Case"'
    )
    await seed(sandbox.connection, CUSTOMERS[1:2], seed=3, today=TODAY)
    alone = await dump(sandbox)

    assert _story(alone["cus_b"]) == _story(together["cus_b"])


def _story(account) -> tuple:
    below = [account[name] and account[name]["records"] for name in ("Opportunities", "Cases")]
    told = [[{k: v for k, v in row.items() if k != "attributes"} for row in rows or []] for rows in below]
    return account["Name"], account["Industry"], account["Owner"]["Name"], told


async def test_owners_look_after_their_own_region(sandbox):
    await seed(sandbox.connection, CUSTOMERS, today=TODAY)

    accounts = await dump(sandbox)

    assert {key: each["Owner"]["Title"].split(", ")[1] for key, each in accounts.items()} == {
        "cus_a": "EMEA",
        "cus_b": "APAC",
        "cus_c": "AMER",
    }


async def test_seeding_twice_adds_only_what_is_new(sandbox):
    first = await seed(sandbox.connection, CUSTOMERS[:2], today=TODAY)
    second = await seed(sandbox.connection, CUSTOMERS, today=TODAY)

    assert (first["Account"], second["Account"]) == (2, 1)
    assert await sandbox.count("Account") == 3


async def test_two_thousand_customers_are_seeded_in_seconds(sandbox):
    customers = [(f"cus_{number}", f"Customer {number}", "FR", None) for number in range(2_000)]
    started = time.process_time()

    added = await seed(sandbox.connection, customers, today=TODAY)

    assert time.process_time() - started < 5
    assert added["Account"] == 2_000
    assert 2_000 < added["Opportunity"] < 4_000
    assert 500 < added["Case"] < 2_500


async def test_a_record_made_after_seeding_takes_an_id_of_its_own(sandbox):
    await seed(sandbox.connection, CUSTOMERS, today=TODAY)

    identifier = await sandbox.create("Account", Name="After")

    assert await sandbox.column(f"SELECT Name FROM Account WHERE Id = '{identifier}'") == ["After"]  # noqa: S608  SOQL of a test
    assert await sandbox.count("Account") == 4
