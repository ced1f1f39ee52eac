"""Many records, or many calls, in one."""

import pytest


def account(key: str, **fields):
    return {"attributes": {"type": "Account"}, "Portico_Id__c": key, "Name": key, **fields}


UPSERT = "composite/sobjects/Account/Portico_Id__c"


async def test_each_record_of_a_collection_has_its_own_outcome(sandbox):
    await sandbox.create("Account", Name="There", Portico_Id__c="cus_1")
    records = [account("cus_1"), account("cus_2"), account("cus_3", Name=None), account("cus_2")]

    answer = await sandbox.call("PATCH", UPSERT, {"records": records})

    results = answer.json()
    assert answer.status_code == 200
    assert [result["success"] for result in results] == [True, True, False, False]
    assert [result["created"] for result in results] == [False, True, False, False]
    assert [result["errors"][0]["statusCode"] for result in results[2:]] == [
        "REQUIRED_FIELD_MISSING",
        "DUPLICATE_VALUE",
    ]
    assert await sandbox.count("Account") == 2


async def test_all_or_none_writes_none(sandbox):
    records = [account("cus_1"), account("cus_2", Name=None)]

    answer = await sandbox.call("PATCH", UPSERT, {"allOrNone": True, "records": records})

    assert [result["errors"][0]["statusCode"] for result in answer.json()] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert await sandbox.count("Account") == 0


async def test_a_collection_holds_200_records_and_not_one_more(sandbox):
    fits = await sandbox.call("PATCH", UPSERT, {"records": [account(f"cus_{n}") for n in range(200)]})
    over = await sandbox.call("PATCH", UPSERT, {"records": [account(f"cus_{n}") for n in range(201)]})

    assert [result["success"] for result in fits.json()] == [True] * 200
    assert (over.status_code, over.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")
    assert await sandbox.count("Account") == 200


async def test_collections_insert_retrieve_update_and_delete(sandbox):
    created = await sandbox.call("POST", "composite/sobjects", {"records": [account("a"), account("b")]})
    ids = [result["id"] for result in created.json()]

    changed = [{"attributes": {"type": "Account"}, "Id": ids[0], "Name": "changed"}]
    await sandbox.call("PATCH", "composite/sobjects", {"records": changed})
    wanted = {"ids": [*ids, "001bm000000zzzz"], "fields": ["Name"]}
    read = await sandbox.call("POST", "composite/sobjects/Account", wanted)
    deleted = await sandbox.call("DELETE", "composite/sobjects", params={"ids": ",".join(ids)})

    assert [each and each["Name"] for each in read.json()] == ["changed", "b", None]
    assert [each["success"] for each in deleted.json()] == [True, True]
    assert await sandbox.query("SELECT Id FROM Account") == []


def part(method: str, path: str, name: str, body=None):
    return {"method": method, "url": f"/services/data/v66.0/{path}", "referenceId": name, "body": body}


async def test_later_calls_of_a_composite_refer_to_earlier_ones(sandbox):
    parts = [
        part("POST", "sobjects/Account", "made", {"Name": "Acme"}),
        part("POST", "sobjects/Contact", "person", {"LastName": "Li", "AccountId": "@{made.id}"}),
        part("GET", "query?q=SELECT+Account.Name+FROM+Contact+WHERE+Id='@{person.id}'", "found"),
        part("PATCH", "sobjects/Account/@{found.records[0].Account.Name}", "nonsense", {"Name": "x"}),
    ]

    answer = await sandbox.call("POST", "composite", {"compositeRequest": parts})

    made, person, found, nonsense = answer.json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in (made, person, found, nonsense)] == [201, 201, 200, 400]
    assert found["body"]["records"][0]["Account"]["Name"] == "Acme"
    assert nonsense["body"][0]["errorCode"] == "MALFORMED_ID"


async def test_a_composite_that_must_hold_together_is_undone_together(sandbox):
    parts = [
        part("POST", "sobjects/Account", "made", {"Name": "Acme"}),
        part("POST", "sobjects/Contact", "broken", {"AccountId": "@{made.id}"}),
        part("POST", "sobjects/Contact", "after", {"LastName": "Li", "AccountId": "@{broken.id}"}),
    ]

    answer = await sandbox.call("POST", "composite", {"allOrNone": True, "compositeRequest": parts})

    assert [each["body"][0]["errorCode"] for each in answer.json()["compositeResponse"]] == [
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    assert (await sandbox.count("Account"), await sandbox.count("Contact")) == (0, 0)


@pytest.mark.parametrize(("calls", "path"), [(26, "limits"), (6, "query?q=SELECT+Id+FROM+Account")])
async def test_a_composite_knows_its_limits(sandbox, calls, path):
    parts = [part("GET", path, f"part{number}") for number in range(calls)]

    answer = await sandbox.call("POST", "composite", {"compositeRequest": parts})

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "LIMIT_EXCEEDED")


async def test_a_composite_is_one_call_of_the_days_limit(sandbox):
    parts = [part("GET", "limits", f"part{number}") for number in range(5)]

    answer = await sandbox.call("POST", "composite", {"compositeRequest": parts})

    assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/100000"
