"""Writes: upserts in batches, an outcome for each record, and nothing twice whatever happens."""

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from commerce.crm import (
    AccountUpsert,
    ContactUpsert,
    LineItem,
    OpportunityUpsert,
    ProductUpsert,
    Referral,
    UpsertStatus,
)
from commerce.money import Money
from commerce.orders import OrderKind, OrderStatus
from datasources.salesforce.breaker import Breaker
from datasources.salesforce.client import SalesforceClient
from datasources.salesforce.sync import Sync

OK, RETRY, DEAD = UpsertStatus.OK, UpsertStatus.RETRY, UpsertStatus.DEAD
RESELLER = Referral("Nordic Resale AB", "N-17")


def account(number: int, **changes) -> AccountUpsert:
    return replace(AccountUpsert(f"cus_{number}", f"Customer {number}", "SE", RESELLER), **changes)


def order(number: int, lines: int = 1, **changes) -> OpportunityUpsert:
    made = OpportunityUpsert(
        order_id=f"ord_{number}",
        customer_id=f"cus_{number}",
        name=f"Order {number}",
        kind=OrderKind.NEW,
        status=OrderStatus.RECEIVED,
        closes_on=date(2026, 11, 22),
        amount=Money(Decimal("190.00"), "EUR"),
        referral=RESELLER,
        purchase_order=f"PO-{number}",
        lines=tuple(
            LineItem(f"oli_{number}_{place}", "sku_1", 10, Decimal("19.00"), date(2026, 11, 22))
            for place in range(lines)
        ),
    )
    return replace(made, **changes)


PRODUCT = ProductUpsert("sku_1", "PREM-Y", "Premium, one year", Money(Decimal("19.00"), "EUR"))


@pytest.fixture
def sync(client):
    return Sync(client)


async def statuses(outcomes) -> list[tuple]:
    return [(outcome.status, outcome.code) for outcome in outcomes]


async def test_an_order_reaches_salesforce_whole(sandbox, sync):
    await sync.upsert_accounts([account(1)])
    await sync.upsert_contacts([ContactUpsert("con_1", "cus_1", "Astrid Maria Lind", "a@lind.example", True)])
    await sync.upsert_products([PRODUCT])
    [outcome] = await sync.upsert_opportunities([order(1, lines=2)])

    [deal] = await sandbox.query(
        "SELECT Id, Name, StageName, Amount, CurrencyIsoCode, Portico_Partner_Sourced__c,"
        " Portico_Partner_Name__c, Account.Portico_Id__c,"
        " (SELECT Product2.ProductCode, Quantity, TotalPrice FROM OpportunityLineItems) FROM Opportunity"
    )
    [person] = await sandbox.query("SELECT FirstName, LastName, Account.Name FROM Contact")
    assert (outcome.status, outcome.created, outcome.crm_id) == (OK, True, deal["Id"])
    assert (deal["StageName"], deal["Amount"], deal["CurrencyIsoCode"]) == (
        "Negotiation/Review",
        190.0,
        "EUR",
    )
    assert (deal["Portico_Partner_Sourced__c"], deal["Portico_Partner_Name__c"]) == (True, "Nordic Resale AB")
    assert deal["Account"]["Portico_Id__c"] == "cus_1"
    assert [line["TotalPrice"] for line in deal["OpportunityLineItems"]["records"]] == [190.0, 190.0]
    assert (person["FirstName"], person["LastName"]) == ("Astrid Maria", "Lind")


async def test_an_order_told_again_is_changed_not_doubled(sandbox, sync):
    await sync.upsert_accounts([account(1)])
    await sync.upsert_products([PRODUCT])
    await sync.upsert_opportunities([order(1)])
    await sandbox.forget_calls()

    again = await sync.upsert_opportunities([order(1, status=OrderStatus.FULFILLED)])

    assert len(await sandbox.calls()) == 2
    assert [(outcome.status, outcome.created) for outcome in again] == [(OK, False)]
    assert await sandbox.column("SELECT StageName FROM Opportunity") == ["Closed Won"]
    assert (await sandbox.count("Opportunity"), await sandbox.count("OpportunityLineItem")) == (1, 1)


async def test_a_line_that_was_missed_is_made_up_for(sandbox, sync):
    await sync.upsert_accounts([account(1)])
    await sync.upsert_products([PRODUCT])
    await sync.upsert_opportunities([order(1, lines=0)])

    [outcome] = await sync.upsert_opportunities([order(1, lines=2)])

    assert outcome.status is OK
    assert await sandbox.count("OpportunityLineItem") == 2


async def test_products_are_upserted_with_their_price(sandbox, sync):
    first = await sync.upsert_products([PRODUCT])
    dearer = replace(PRODUCT, price=Money(Decimal("21.00"), "EUR"))
    second = await sync.upsert_products([dearer])

    assert [outcome.status for outcome in (*first, *second)] == [OK, OK]
    assert await sandbox.column("SELECT UnitPrice FROM PricebookEntry") == [21.0]


async def test_a_batch_holds_200_records(sandbox, sync):
    outcomes = await sync.upsert_accounts([account(number) for number in range(450)])

    calls = [call for call in await sandbox.calls() if call["method"] == "PATCH"]
    assert [outcome.key for outcome in outcomes] == [f"cus_{number}" for number in range(450)]
    assert {outcome.status for outcome in outcomes} == {OK}
    assert len(calls) == 3


async def test_of_one_record_told_twice_the_newest_wins(sandbox, sync):
    outcomes = await sync.upsert_accounts([account(1, name="Old"), account(1, name="New")])

    assert [outcome.status for outcome in outcomes] == [OK, OK]
    assert await sandbox.column("SELECT Name FROM Account") == ["New"]


async def test_each_record_fares_by_itself(sandbox, sync):
    await sandbox.fault(records=["cus_2"], code="UNABLE_TO_LOCK_ROW")

    outcomes = await sync.upsert_accounts([account(1), account(2), account(3, name="x" * 300)])

    assert await statuses(outcomes) == [(OK, None), (RETRY, "UNABLE_TO_LOCK_ROW"), (DEAD, "STRING_TOO_LONG")]
    assert await sandbox.count("Account") == 1


async def test_a_contact_whose_account_is_not_there_yet_waits(sandbox, sync):
    outcomes = await sync.upsert_contacts([ContactUpsert("con_1", "cus_1", "Lind", "a@lind.example", True)])

    assert await statuses(outcomes) == [(RETRY, "PARENT_NOT_FOUND")]


async def test_an_order_with_an_unknown_product_waits_for_it(sandbox, sync):
    await sync.upsert_accounts([account(1)])

    outcomes = await sync.upsert_opportunities([order(1)])

    assert await statuses(outcomes) == [(RETRY, "PARENT_NOT_FOUND")]


@pytest.mark.parametrize(
    "fault",
    [{"status": 503, "body": "<html>down</html>"}, {"sever": True}, {"truncate": True}],
    ids=["503", "reset", "half an answer"],
)
async def test_a_write_that_was_done_but_not_answered_is_done_once(sandbox, sync, fault):
    await sandbox.fault(match={"method": "PATCH"}, after=True, **fault)

    lost = await sync.upsert_accounts([account(1), account(2)])
    again = await sync.upsert_accounts([account(1), account(2)])

    assert [outcome.status for outcome in lost] == [RETRY, RETRY]
    assert [(outcome.status, outcome.created) for outcome in again] == [(OK, False), (OK, False)]
    assert await sandbox.count("Account") == 2


async def test_nothing_is_lost_for_good_while_the_org_is_unreachable(sandbox):
    client = SalesforceClient(replace(sandbox.address(), url="http://127.0.0.1:9"))

    outcomes = await Sync(client).upsert_accounts([account(1), account(2)])

    assert await statuses(outcomes) == [(RETRY, "CONNECTION")] * 2
    await client.close()


@pytest.mark.slow
async def test_a_thousand_orders_at_thirty_percent_faults_make_a_thousand_records(sandbox):
    """Every kind of fault at once; an impatient outbox tells Salesforce until nothing is left to tell."""
    client = SalesforceClient(sandbox.address(read_timeout=4.0), breaker=Breaker(cooldown=0.02))
    sync = Sync(client)
    await sync.upsert_products([PRODUCT])
    write = {"match": {"method": "PATCH"}, "times": None}
    for seed, fault in enumerate(
        [
            {"status": 503, "body": "<html>down</html>"},
            {"status": 429, "body": ""},
            {"after": True, "status": 503, "body": "<html>down</html>"},
            {"sever": True},
            {"after": True, "sever": True},
            {"expire": True},
        ]
    ):
        await sandbox.fault(**write, share=0.05, seed=seed, **fault)
    await sandbox.fault(match={"method": "PATCH"}, times=2, skip=5, after=True, delay=6.0)
    await sandbox.fault(records=["*"], times=None, share=0.02, code="UNABLE_TO_LOCK_ROW")

    accounts = await told_until_done(sync.upsert_accounts, [account(number) for number in range(1_000)])
    orders = await told_until_done(sync.upsert_opportunities, [order(number) for number in range(1_000)])

    assert (accounts, orders) == (set(), set())
    assert await sandbox.count("Account") == 1_000
    assert await sandbox.count("Opportunity") == 1_000
    assert await sandbox.count("OpportunityLineItem") == 1_000
    await sandbox.heal()
    await client.close()


async def told_until_done(upsert, records) -> set[str]:
    """Repeat what should be repeated; return the codes of what was refused for good."""
    dead: set[str] = set()
    for _ in range(200):
        outcomes = await upsert(records)
        dead |= {outcome.code for outcome in outcomes if outcome.status is DEAD}
        records = [
            record for record, outcome in zip(records, outcomes, strict=True) if outcome.status is RETRY
        ]
        if not records:
            return dead
        await asyncio.sleep(0.02)
    raise AssertionError(f"{len(records)} records were still not told")
