"""Records one by one: create, read, upsert, delete, and what the org refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasources.salesforce.sandbox_org.ids import checksum, normal_id, record_id


def test_the_checksum_is_salesforces_own():
    short = "001D000000IqhSL"

    whole = short + checksum(short)

    assert whole == "001D000000IqhSLIAZ"


@given(st.integers(min_value=0, max_value=62**9 - 1))
def test_an_id_survives_losing_its_case(number):
    identifier = record_id("001", number)

    assert normal_id(identifier.lower()) == identifier
    assert normal_id(identifier[:15]) == identifier


async def test_a_created_record_is_read_back_with_what_the_org_adds(sandbox):
    identifier = await sandbox.create("Contact", FirstName="Ada", LastName="Byron", Email="ada@example.test")

    record = (await sandbox.call("GET", f"sobjects/Contact/{identifier}")).json()

    assert record["attributes"]["url"] == f"/services/data/v66.0/sobjects/Contact/{identifier}"
    assert (record["Name"], record["Email"], record["IsDeleted"]) == ("Ada Byron", "ada@example.test", False)
    assert record["SystemModstamp"].endswith(".000+0000")


async def test_an_upsert_creates_then_updates(sandbox):
    path = "sobjects/Account/Portico_Id__c/cus_1"

    first = await sandbox.call("PATCH", path, {"Name": "First"})
    second = await sandbox.call("PATCH", path, {"Name": "Second"})

    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert first.json()["id"] == second.json()["id"]
    assert await sandbox.column("SELECT Name FROM Account") == ["Second"]


async def test_an_external_id_may_hold_a_slash(sandbox):
    await sandbox.call("PATCH", "sobjects/Account/Portico_Id__c/a%2Fb%20c", {"Name": "Slash"})

    assert await sandbox.column("SELECT Portico_Id__c FROM Account") == ["a/b c"]


async def test_a_key_that_names_two_records_answers_300_with_both(sandbox):
    ids = [await sandbox.create("Contact", LastName=name, Email="same@example.test") for name in "AB"]

    answer = await sandbox.call("PATCH", "sobjects/Contact/Email/same@example.test", {"Title": "CTO"})

    assert answer.status_code == 300
    assert sorted(url.rsplit("/")[-1] for url in answer.json()) == sorted(ids)


async def test_update_only_creates_nothing(sandbox):
    path = "sobjects/Account/Portico_Id__c/cus_1?updateOnly=true"

    answer = await sandbox.call("PATCH", path, {"Name": "Nobody"})

    assert answer.status_code == 404
    assert await sandbox.count("Account") == 0


async def test_a_parent_may_be_named_by_its_external_id(sandbox):
    await sandbox.create("Account", Name="Parent", Portico_Id__c="cus_1")

    await sandbox.create("Contact", LastName="Child", Account={"Portico_Id__c": "CUS_1"})

    assert await sandbox.column("SELECT Account.Name FROM Contact") == [
        {"attributes": (await sandbox.query("SELECT Id FROM Account"))[0]["attributes"], "Name": "Parent"}
    ]


async def test_a_deleted_record_is_gone_but_in_the_bin(sandbox):
    identifier = await sandbox.create("Account", Name="Gone")

    deleted = await sandbox.call("DELETE", f"sobjects/Account/{identifier}")
    again = await sandbox.call("DELETE", f"sobjects/Account/{identifier}")

    assert (deleted.status_code, again.status_code) == (204, 404)
    assert again.json()[0]["errorCode"] == "ENTITY_IS_DELETED"
    assert await sandbox.query("SELECT Id FROM Account") == []
    binned = await sandbox.call("GET", "queryAll", params={"q": "SELECT IsDeleted FROM Account"})
    assert [record["IsDeleted"] for record in binned.json()["records"]] == [True]


async def test_a_unique_key_may_be_used_again_after_a_delete(sandbox):
    identifier = await sandbox.create("Account", Name="Old", Portico_Id__c="cus_1")
    await sandbox.call("DELETE", f"sobjects/Account/{identifier}")

    answer = await sandbox.call("PATCH", "sobjects/Account/Portico_Id__c/cus_1", {"Name": "New"})

    assert answer.json()["created"] is True


@pytest.mark.parametrize(
    ("sobject", "fields", "code", "named"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ("Account", {"Name": "x" * 256}, "STRING_TOO_LONG", ["Name"]),
        ("Account", {"Name": "a", "Nonsense__c": 1}, "INVALID_FIELD", []),
        ("Account", {"Name": "a", "OwnerId": "not an id"}, "MALFORMED_ID", ["OwnerId"]),
        ("Account", {"Name": "a", "OwnerId": "005bm000000zzzz"}, "INVALID_CROSS_REFERENCE_KEY", ["OwnerId"]),
        (
            "Account",
            {"Name": "a", "SystemModstamp": "x"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            ["SystemModstamp"],
        ),
        ("Contact", {"LastName": "a", "Email": "a@b"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ("Contact", {"LastName": "a", "Account": {"Portico_Id__c": "cus_0"}}, "INVALID_FIELD", []),
        (
            "Case",
            {"Portico_Category__c": "Weather"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            ["Portico_Category__c"],
        ),
        ("OpportunityLineItem", {"Quantity": 1, "UnitPrice": 2}, "REQUIRED_FIELD_MISSING", ["OpportunityId"]),
    ],
)
async def test_a_refused_record_is_refused_as_salesforce_would_and_not_written(
    sandbox, sobject, fields, code, named
):
    answer = await sandbox.call("POST", f"sobjects/{sobject}", fields)

    [error] = answer.json()
    assert (answer.status_code, error["errorCode"], error["fields"]) == (400, code, named)
    assert await sandbox.count(sobject) == 0


async def test_a_taken_unique_key_is_refused_with_its_holder(sandbox):
    holder = await sandbox.create("Account", Name="First", Portico_Id__c="cus_1")

    answer = await sandbox.call("POST", "sobjects/Account", {"Name": "Second", "Portico_Id__c": "CUS_1"})

    assert answer.json()[0]["errorCode"] == "DUPLICATE_VALUE"
    assert holder in answer.json()[0]["message"]
    assert await sandbox.count("Account") == 1


async def test_a_field_fixed_at_creation_cannot_be_changed(sandbox):
    account = await sandbox.create("Account", Name="Acme")
    deal = await sandbox.create(
        "Opportunity", Name="Deal", StageName="Prospecting", CloseDate="2026-12-01", AccountId=account
    )
    product = await sandbox.create("Product2", Name="Premium")
    line = await sandbox.create(
        "OpportunityLineItem", OpportunityId=deal, Product2Id=product, Quantity=3, UnitPrice=2.5
    )

    refused = await sandbox.call("PATCH", f"sobjects/OpportunityLineItem/{line}", {"OpportunityId": deal})
    changed = await sandbox.call("PATCH", f"sobjects/OpportunityLineItem/{line}", {"Quantity": 4})

    assert refused.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert changed.status_code == 204
    assert await sandbox.column("SELECT TotalPrice FROM OpportunityLineItem") == [10.0]


async def test_what_is_not_json_is_refused(sandbox):
    answer = await sandbox.http.post(
        "/services/data/v66.0/sobjects/Account",
        content=b'{"Name":',
        headers={"Content-Type": "application/json"},
    )

    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")
