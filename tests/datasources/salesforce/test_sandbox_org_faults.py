"""The org at its worst: what a test can order, and what then happens."""

import httpx
import pytest

from datasources.salesforce.sandbox_org.server import running

PATH = "sobjects/Account/Portico_Id__c/cus_1"


async def test_a_fault_strikes_as_often_as_ordered_and_no_other_call(sandbox):
    await sandbox.fault(match={"method": "PATCH"}, times=2, status=503, body="<html>down</html>")

    answers = [await sandbox.call("PATCH", PATH, {"Name": "a"}) for _ in range(3)]
    other = await sandbox.call("GET", "limits")

    assert [answer.status_code for answer in answers] == [503, 503, 201]
    assert answers[0].headers["Content-Type"] == "text/html"
    assert other.status_code == 200


async def test_a_call_may_be_done_and_its_answer_lost(sandbox):
    await sandbox.fault(match={"method": "PATCH"}, after=True, status=503, body="<html>down</html>")

    lost = await sandbox.call("PATCH", PATH, {"Name": "a"})
    again = await sandbox.call("PATCH", PATH, {"Name": "a"})

    assert (lost.status_code, again.json()["created"]) == (503, False)
    assert await sandbox.count("Account") == 1


@pytest.mark.parametrize(("after", "written"), [(False, 0), (True, 1)])
async def test_the_connection_may_break_before_or_after_the_commit(sandbox, after, written):
    await sandbox.fault(match={"method": "PATCH"}, after=after, sever=True)

    with pytest.raises(httpx.TransportError):
        await sandbox.call("PATCH", PATH, {"Name": "a"})

    assert await sandbox.count("Account") == written


async def test_half_an_answer_is_no_json(sandbox):
    await sandbox.fault(match={"path": "limits"}, truncate=True)

    answer = await sandbox.call("GET", "limits")

    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        answer.json()


async def test_sessions_expire_when_told(sandbox):
    await sandbox.fault(match={"path": "limits"}, expire=True)

    answers = [await sandbox.call("GET", "limits"), await sandbox.call("GET", "sobjects")]

    assert [answer.json()[0]["errorCode"] for answer in answers] == ["INVALID_SESSION_ID"] * 2


async def test_one_record_of_a_collection_may_be_locked(sandbox):
    await sandbox.fault(records=["cus_2"], code="UNABLE_TO_LOCK_ROW")
    records = [
        {"attributes": {"type": "Account"}, "Portico_Id__c": key, "Name": key} for key in ("cus_1", "cus_2")
    ]

    first = await sandbox.call("PATCH", "composite/sobjects/Account/Portico_Id__c", {"records": records})
    second = await sandbox.call("PATCH", "composite/sobjects/Account/Portico_Id__c", {"records": records})

    assert [each["success"] for each in first.json()] == [True, False]
    assert first.json()[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert [each["success"] for each in second.json()] == [True, True]


async def test_a_share_of_calls_fails_by_a_seeded_choice(sandbox):
    await sandbox.fault(match={"path": "limits"}, times=None, share=0.3, seed=7, status=503, body="")

    struck = [(await sandbox.call("GET", "limits")).status_code for _ in range(100)].count(503)

    assert struck == 33


async def test_the_days_calls_run_out(sandbox):
    await sandbox.http.put("/__sandbox/limits", json={"used": 14_999, "total": 15_000})

    last = await sandbox.call("GET", "limits")
    over = await sandbox.call("GET", "limits")

    assert last.headers["Sforce-Limit-Info"] == "api-usage=15000/15000"
    assert (over.status_code, over.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")


async def test_a_misspelt_fault_is_refused(sandbox):
    answer = await sandbox.http.post("/__sandbox/faults", json={"sevr": True})

    assert answer.status_code == 400
    assert "sever" in answer.json()["error"]


async def test_the_controls_are_not_there_unless_switched_on(sandbox, owner_url):
    async with (
        running(owner_url, controls=False) as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
    ):
        answers = [await http.get("/__sandbox/calls"), await http.delete("/__sandbox/sessions")]

    assert [answer.status_code for answer in answers] == [401, 401]


async def test_records_survive_a_restart_and_sessions_do_not(sandbox, owner_url):
    await sandbox.create("Account", Name="Kept")

    async with (
        running(owner_url) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, headers=sandbox.http.headers) as http,
    ):
        answer = await http.get("/services/data/v66.0/limits")

    assert answer.json()[0]["errorCode"] == "INVALID_SESSION_ID"
    assert await sandbox.column("SELECT Name FROM Account") == ["Kept"]


async def test_an_org_without_its_database_does_not_start(sandbox, owner_url):
    with pytest.raises(OSError, match="did not start"):
        async with running(owner_url.replace("?host=", "?host=/nowhere")):
            pass


async def test_a_taken_port_is_said_so(sandbox, owner_url):
    port = httpx.URL(sandbox.url).port

    with pytest.raises(OSError, match="in use"):
        async with running(owner_url, port=port):
            pass


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (
            {"grant_type": "client_credentials", "client_id": "portico", "client_secret": "no"},
            "invalid_client",
        ),
        ({"grant_type": "client_credentials", "client_id": "no"}, "invalid_client_id"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        (
            {
                "grant_type": "password",
                "client_id": "portico",
                "client_secret": "portico-sandbox-secret",
                "username": "integration@portico.invalid",
                "password": "wrong",
            },
            "invalid_grant",
        ),
    ],
)
async def test_a_wrong_login_opens_no_session(sandbox, form, error):
    answer = await sandbox.http.post("/services/oauth2/token", data=form)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert await sandbox.logins() == 0


async def test_a_row_that_another_write_holds_is_refused_when_the_wait_is_over(sandbox, owner_url):
    held = await sandbox.create("Account", Name="Held", Portico_Id__c="cus_1")
    records = [
        {"attributes": {"type": "Account"}, "Portico_Id__c": key, "Name": "New"} for key in ("cus_1", "cus_2")
    ]

    async with (
        running(owner_url, lock_wait=0.1) as url,
        httpx.AsyncClient(base_url=f"{url}/services/data/v66.0", trust_env=False) as http,
        sandbox.connection.transaction(),
    ):
        await sandbox.connection.execute(
            'SELECT 1 FROM sandbox_org."Account" WHERE "Id" = $1 FOR UPDATE', held
        )
        await log_in(http, url)
        alone = await http.patch(f"/sobjects/Account/{held}", json={"Name": "New"})
        path = "/composite/sobjects/Account/Portico_Id__c"
        together = await http.patch(path, json={"records": records})

    assert (alone.status_code, alone.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")
    assert together.json()[0]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert together.json()[1]["success"]


async def log_in(http, url):
    form = {
        "grant_type": "client_credentials",
        "client_id": "portico",
        "client_secret": "portico-sandbox-secret",
    }
    answer = await http.post(f"{url}/services/oauth2/token", data=form)
    http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
