"""The client over loopback HTTP: one login, timeouts, faults by their codes, the breaker, the limit."""

import asyncio
import time

import pytest

from datasources.errors import SourceUnavailable
from datasources.salesforce.breaker import Breaker
from datasources.salesforce.client import SalesforceClient
from datasources.salesforce.sessions import Sessions

COUNT = "SELECT COUNT(Id) n FROM Account"


async def failure_of(client, soql: str = COUNT) -> tuple[str, bool]:
    with pytest.raises(SourceUnavailable) as caught:
        await client.query(soql)
    assert caught.value.source == "salesforce"
    return caught.value.code, caught.value.retryable


async def test_forty_calls_at_once_log_in_once(sandbox, client):
    await asyncio.gather(*(client.query(COUNT) for _ in range(40)))

    assert await sandbox.logins() == 1


async def test_forty_calls_over_an_expiry_log_in_once_more(sandbox, client):
    await asyncio.gather(*(client.query(COUNT) for _ in range(40)))
    await sandbox.forget_calls()
    await sandbox.http.delete("/__sandbox/sessions")

    answers = await asyncio.gather(*(client.query(COUNT) for _ in range(40)))

    assert [rows[0]["n"] for rows in answers] == [0] * 40
    assert await sandbox.logins() == 1


async def test_a_session_that_is_refused_again_and_again_ends_after_two_logins(sandbox, client):
    await sandbox.fault(match={"path": "/query"}, times=None, expire=True)

    assert await failure_of(client) == ("INVALID_SESSION_ID", True)
    assert await sandbox.logins() == 2


async def test_a_wrong_secret_is_not_worth_repeating(sandbox):
    client = SalesforceClient(sandbox.address(client_secret="wrong"))

    assert await failure_of(client) == ("INVALID_CLIENT", False)
    await client.close()


async def test_a_hung_org_times_out(sandbox):
    client = SalesforceClient(sandbox.address(read_timeout=2.0))
    await sandbox.fault(match={"path": "/query"}, delay=6.0)

    started = time.monotonic()
    assert await failure_of(client) == ("TIMEOUT", True)

    assert time.monotonic() - started < 6.0
    await client.close()


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ({"status": 503, "body": "<html>Service Unavailable</html>"}, ("HTTP_503", True)),
        ({"status": 429, "body": "slow down"}, ("HTTP_429", True)),
        ({"status": 404, "body": "<html>no such host</html>"}, ("HTTP_404", False)),
        (
            {"status": 400, "body": [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "m"}]},
            ("UNABLE_TO_LOCK_ROW", True),
        ),
        ({"status": 400, "body": [{"errorCode": "INVALID_FIELD", "message": "m"}]}, ("INVALID_FIELD", False)),
        (
            {"status": 403, "body": [{"errorCode": "INSUFFICIENT_ACCESS", "message": "m"}]},
            ("INSUFFICIENT_ACCESS", False),
        ),
        ({"sever": True}, ("CONNECTION", True)),
        ({"truncate": True}, ("UNREADABLE_ANSWER", True)),
        ({"status": 200, "body": "<html>maintenance</html>"}, ("UNREADABLE_ANSWER", True)),
        ({"status": 200, "body": {"lie": True}}, ("UNREADABLE_ANSWER", True)),
    ],
)
async def test_a_fault_is_told_by_its_code_and_whether_to_try_again(sandbox, client, fault, seen):
    await sandbox.fault(match={"path": "/query"}, **fault)

    assert await failure_of(client) == seen
    assert (await client.query(COUNT))[0]["n"] == 0


async def test_failures_in_a_row_open_the_breaker_and_one_trial_closes_it(sandbox):
    now = 0.0
    breaker = Breaker(threshold=3, cooldown=5.0, clock=lambda: now)
    client = SalesforceClient(sandbox.address(), breaker=breaker)
    await sandbox.fault(match={"path": "/query"}, times=3, status=503, body="")

    codes = [(await failure_of(client))[0] for _ in range(5)]
    struck = len(await sandbox.calls())
    now = 5.0
    await client.query(COUNT)

    assert codes == ["HTTP_503"] * 3 + ["CIRCUIT_OPEN"] * 2
    assert struck == 4  # a login and three queries
    assert not breaker.is_open
    await client.close()


async def test_refusals_do_not_open_the_breaker(sandbox):
    client = SalesforceClient(sandbox.address(), breaker=Breaker(threshold=2, cooldown=60))

    codes = [(await failure_of(client, "SELECT Nonsense FROM Account"))[0] for _ in range(5)]

    assert codes == ["INVALID_FIELD"] * 5
    await client.close()


async def test_a_spent_limit_stops_every_call(sandbox, client):
    await client.query(COUNT)
    await sandbox.http.put("/__sandbox/limits", json={"used": 100, "total": 100})
    await sandbox.forget_calls()

    codes = [(await failure_of(client))[0] for _ in range(4)]

    assert codes == ["REQUEST_LIMIT_EXCEEDED"] + ["CIRCUIT_OPEN"] * 3
    assert len(await sandbox.calls()) == 1


async def test_live_reads_leave_a_tenth_of_the_days_calls_to_orders(sandbox, client):
    await sandbox.http.put("/__sandbox/limits", json={"used": 899, "total": 1_000})
    await client.query(COUNT, patience=1.0)

    with pytest.raises(SourceUnavailable) as caught:
        await client.query(COUNT, patience=1.0)
    rows = await client.query(COUNT)

    assert caught.value.code == "API_RESERVE"
    assert rows[0]["n"] == 0
    assert (client.usage.used, client.usage.total) == (901, 1_000)


async def test_a_query_too_long_for_an_address_travels_in_a_composite_call(sandbox, client):
    keys = ",".join(f"'{number:040}'" for number in range(100))

    rows = await client.query(f"SELECT Id FROM Account WHERE Portico_Id__c IN ({keys})")  # noqa: S608  SOQL of a test

    [call] = [call for call in await sandbox.calls() if "oauth2" not in call["path"]]
    assert rows == []
    assert (call["method"], call["path"]) == ("POST", "/services/data/v66.0/composite")


async def test_a_long_query_that_is_refused_tells_its_own_code(sandbox, client):
    keys = ",".join(f"'{number:040}'" for number in range(100))

    assert await failure_of(client, f"SELECT Nonsense FROM Account WHERE Name IN ({keys})") == (  # noqa: S608  SOQL of a test
        "INVALID_FIELD",
        False,
    )


async def test_all_pages_are_read(sandbox, client):
    await sandbox.http.put("/__sandbox/limits", json={"page": 3})
    for number in range(8):
        await sandbox.create("Account", Name=f"A{number}")

    rows = await client.query("SELECT Name FROM Account ORDER BY Name")

    assert [row["Name"] for row in rows] == [f"A{number}" for number in range(8)]


async def test_the_loop_runs_on_while_salesforce_thinks(sandbox, client):
    await client.query(COUNT)
    await sandbox.fault(match={"path": "/query"}, times=8, delay=0.3)
    calls = asyncio.gather(*(client.query(COUNT) for _ in range(8)))
    ticks = 0
    while not calls.done():
        await asyncio.sleep(0.01)
        ticks += 1

    await calls
    assert ticks >= 10


async def test_a_caller_who_gives_up_while_waiting_takes_no_thread(sandbox):
    client = SalesforceClient(sandbox.address(workers=1))
    await client.query(COUNT)
    await sandbox.forget_calls()
    await sandbox.fault(match={"path": "/query"}, delay=0.3)
    busy = asyncio.create_task(client.query(COUNT))
    await asyncio.sleep(0.05)
    waiting = asyncio.create_task(client.query("SELECT Id FROM Account"))
    await asyncio.sleep(0.05)

    waiting.cancel()
    await busy
    await client.query(COUNT)

    assert waiting.cancelled()
    assert [call["content"] for call in await sandbox.calls()] == [COUNT, COUNT]
    await client.close()


async def test_a_failed_login_is_not_repeated_by_those_who_waited_for_it():
    logins = []

    def fail():
        logins.append(time.monotonic())
        time.sleep(0.5)
        raise ConnectionError("down")

    sessions = Sessions(fail)
    tries = await asyncio.gather(
        *(asyncio.to_thread(sessions.current) for _ in range(6)), return_exceptions=True
    )

    assert [str(error) for error in tries] == ["down"] * 6
    assert len(logins) < 6


async def test_the_environments_proxies_are_not_trusted(sandbox, client, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")

    rows = await client.query(COUNT)

    assert rows[0]["n"] == 0
