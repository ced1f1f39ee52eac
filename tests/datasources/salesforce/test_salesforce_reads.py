"""Live reads: how many calls a page costs, and what is answered when Salesforce is down, slow or lying."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from commerce.crm import AccountOwner
from commerce.money import Money
from datasources.errors import SourceUnavailable
from datasources.salesforce.accounts import Accounts
from datasources.salesforce.breaker import Breaker
from datasources.salesforce.cases import SupportCases
from datasources.salesforce.client import SalesforceClient
from datasources.salesforce.opportunities import Opportunities
from datasources.salesforce.sandbox_org.samples import seed
from datasources.salesforce.sandbox_org.server import running

CUSTOMERS = [(f"cus_{number:032x}", f"Kunde {number}", "DE", f"k{number}.example") for number in range(300)]
PATIENT = 30.0  # seconds: a busy machine is no reason to fail
PAGE = [key for key, *_ in CUSTOMERS[:50]]


@pytest.fixture
async def sampled(sandbox):
    await seed(sandbox.connection, CUSTOMERS)
    return sandbox


async def read_page(client, keys) -> tuple[int, int, int]:
    accounts = await Accounts(client, patience=PATIENT).by_customer_ids(keys)
    ids = [account.id for account in accounts.values()]
    deals, cases = await asyncio.gather(
        Opportunities(client, patience=PATIENT).of_accounts(ids),
        SupportCases(client, patience=PATIENT).of_accounts(ids),
    )
    return len(accounts), sum(map(len, deals.values())), sum(map(len, cases.values()))


async def test_a_page_of_fifty_costs_one_query_for_each_object(sampled, client):
    await client.query("SELECT COUNT(Id) FROM User")
    await sampled.forget_calls()

    accounts, deals, cases = await read_page(client, PAGE)

    calls = await sampled.calls()
    assert accounts == 50
    assert deals == await sampled.connection.fetchval(
        'SELECT count(*) FROM sandbox_org."Opportunity" JOIN sandbox_org."Account" a ON a."Id" = "AccountId"'
        ' WHERE a."Portico_Id__c" = ANY($1)',
        PAGE,
    )
    assert cases > 0
    assert len(calls) == 3
    assert [call["content"].count("SELECT") for call in calls] == [1, 1, 1]


async def test_a_page_seen_a_moment_ago_costs_nothing(sampled, client):
    accounts = Accounts(client, patience=PATIENT)
    await accounts.by_customer_ids(PAGE)
    await sampled.forget_calls()

    again = await accounts.by_customer_ids(PAGE[:10])

    assert len(again) == 10
    assert not any(again.source_of(key).stale for key in PAGE[:10])
    assert await sampled.calls() == []


async def test_more_than_200_keys_are_asked_for_in_chunks(sampled, client):
    await client.query("SELECT COUNT(Id) FROM User")
    await sampled.forget_calls()

    found = await Accounts(client, patience=PATIENT).by_customer_ids([key for key, *_ in CUSTOMERS])

    assert len(found) == 300
    assert len(await sampled.calls()) == 2


async def test_two_pages_at_once_fetch_a_customer_once(sampled, client):
    accounts = Accounts(client, patience=PATIENT)
    await client.query("SELECT COUNT(Id) FROM User")
    await sampled.forget_calls()

    await asyncio.gather(*(accounts.by_customer_ids(PAGE) for _ in range(10)))

    assert len(await sampled.calls()) == 1


async def test_an_account_comes_with_its_owner_and_a_customer_without_one_is_known_to_have_none(
    sandbox, client
):
    owner = await sandbox.create("User", Username="o@x.test", LastName="Ω", FirstName="Zoë", Email="o@x.test")
    await sandbox.create(
        "Account", Name="Acme", Portico_Id__c="cus_1", OwnerId=owner, Website="https://acme.example",
        Portico_Partner_Sourced__c=True, Portico_Partner_Name__c="Reseller",
    )  # fmt: skip
    before = datetime.now(UTC)

    answers = await Accounts(client, patience=PATIENT).by_customer_ids(["cus_1", "cus_2"])

    account = answers["cus_1"]
    assert account.owner == AccountOwner(owner, "Zoë Ω", "o@x.test", None)
    assert (account.name, account.partner_sourced, account.partner_name) == ("Acme", True, "Reseller")
    assert "cus_2" not in answers
    assert answers.source_of("cus_2").fetched_at >= before
    assert answers.fault is None


async def test_opportunities_and_cases_are_read_whole(sandbox, client):
    account = await sandbox.create("Account", Name="Acme")
    deal = await sandbox.create(
        "Opportunity", Name="Deal", StageName="Closed Won", CloseDate="2026-12-01", Amount=12.5,
        CurrencyIsoCode="EUR", AccountId=account, Portico_Id__c="ord_1", Portico_Order_Status__c="FULFILLED",
    )  # fmt: skip
    case = await sandbox.create("Case", Subject="Help", AccountId=account, Portico_Category__c="Billing")
    await sandbox.call("PATCH", f"sobjects/Case/{case}", {"Status": "Closed"})

    [opportunity] = (await Opportunities(client, patience=PATIENT).of_accounts([account]))[account]
    [support_case] = (await SupportCases(client, patience=PATIENT).of_accounts([account]))[account]

    assert (opportunity.id, opportunity.order_id, opportunity.order_status) == (deal, "ord_1", "FULFILLED")
    assert opportunity.amount == Money(Decimal("12.5"), "EUR")
    assert (opportunity.is_closed, opportunity.is_won) == (True, True)
    assert (support_case.subject, support_case.category, support_case.is_closed) == ("Help", "Billing", True)
    assert support_case.closed_at >= support_case.opened_at


async def test_a_stopped_org_leaves_the_last_known_answer_within_a_second(sampled, owner_url):
    async with running(owner_url) as url:
        client = SalesforceClient(replace(sampled.address(), url=url))
        accounts = Accounts(client, ttl=0.0, patience=PATIENT)
        fresh = await accounts.by_customer_ids(PAGE)
    started = time.monotonic()

    stale = await accounts.by_customer_ids(PAGE)
    with pytest.raises(SourceUnavailable) as caught:
        await accounts.by_customer_ids(["cus_unknown"])

    assert time.monotonic() - started < 1.0
    assert dict(stale) == dict(fresh)
    assert stale.fault.code == "CONNECTION"
    assert stale.source_of(PAGE[0]).stale
    assert stale.source_of(PAGE[0]).fetched_at == fresh.source_of(PAGE[0]).fetched_at
    assert caught.value.retryable
    await client.close()


@pytest.mark.parametrize(
    "fault",
    [{"delay": 2.0}, {"truncate": True}, {"status": 503, "body": "<html>down</html>"}, {"sever": True}],
    ids=["slow", "lying", "down", "cut off"],
)
async def test_a_sick_org_costs_freshness_and_less_than_a_second(sampled, client, fault):
    accounts = Accounts(client, ttl=0.0, patience=PATIENT)
    await accounts.by_customer_ids(PAGE)
    await sampled.fault(match={"content": "FROM Account"}, times=None, **fault)
    started = time.monotonic()

    answers = await accounts.by_customer_ids(PAGE)

    assert time.monotonic() - started < 1.0
    assert len(answers) == 50
    assert all(answers.source_of(key).stale for key in PAGE)
    assert answers.fault.retryable
    await sampled.heal()


async def test_what_is_known_is_answered_beside_what_is_not(sampled, client):
    accounts = Accounts(client, ttl=0.0, patience=PATIENT)
    await accounts.by_customer_ids(PAGE[:2])
    await sampled.fault(match={"content": "FROM Account"}, times=None, status=503, body="")

    answers = await accounts.by_customer_ids(PAGE[:4])

    assert list(answers) == PAGE[:2]
    assert [answers.source_of(key) is None for key in PAGE[:4]] == [False, False, True, True]
    assert answers.fault.code == "HTTP_503"


async def test_an_answer_that_comes_late_serves_the_next_who_asks(sampled, client):
    accounts = Accounts(client, patience=0.1, ttl=60.0)
    await client.query("SELECT COUNT(Id) FROM User")
    await sampled.fault(match={"content": "FROM Account"}, delay=0.4)

    with pytest.raises(SourceUnavailable, match="DEADLINE"):
        await accounts.by_customer_ids(PAGE)
    while accounts._answers._under_way:
        await asyncio.sleep(0.02)
    await sampled.forget_calls()
    answers = await accounts.by_customer_ids(PAGE)

    assert len(answers) == 50
    assert await sampled.calls() == []


async def test_a_slow_org_opens_the_breaker_so_that_pages_stop_waiting(sampled):
    client = SalesforceClient(sampled.address(), breaker=Breaker(threshold=3, cooldown=30))
    accounts = Accounts(client, patience=0.05, ttl=0.0)
    await client.query("SELECT COUNT(Id) FROM User")
    await sampled.fault(match={"content": "FROM Account"}, times=None, delay=0.3)

    codes = []
    for key in PAGE[:5]:
        with pytest.raises(SourceUnavailable) as caught:
            await accounts.by_customer_ids([key])
        codes.append(caught.value.code)

    assert codes == ["DEADLINE"] * 3 + ["CIRCUIT_OPEN"] * 2
    await sampled.heal()
    await client.close()
