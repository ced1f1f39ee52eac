"""Clients we did not write, driving the org: what they understand, a real org would have said."""

import asyncio
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)
from simple_salesforce.format import format_external_id

from datasources.salesforce.sandbox_org.org import Credentials
from datasources.salesforce.sandbox_org.server import running

CREDENTIALS = Credentials()
BY_PASSWORD = {
    "username": CREDENTIALS.username,
    "password": CREDENTIALS.password,
    "consumer_key": CREDENTIALS.client_id,
    "consumer_secret": CREDENTIALS.client_secret,
}
BY_CLIENT = {
    "consumer_key": CREDENTIALS.client_id,
    "consumer_secret": CREDENTIALS.client_secret,
    "domain": "sandbox-org",
}


def drive_with_simple_salesforce(address, login) -> dict:
    """Only the session's address is turned to the org; simple-salesforce itself is as it comes."""
    seen = {}
    with address.open_session() as session:
        salesforce = Salesforce(session=session, version="66.0", **login)
        seen["created"] = salesforce.Account.create({"Name": "Zażółć"})["success"]
        key = format_external_id("Portico_Id__c", "cus 1/2")
        seen["upserts"] = [salesforce.Account.upsert(key, {"Name": name}) for name in ("a", "b")]
        seen["by_key"] = salesforce.Account.get(key)["Name"]
        deals = [
            {"Name": f"D{n:03}", "StageName": "New", "CloseDate": "2026-12-01", "Portico_Id__c": f"ord_{n}"}
            for n in range(200)
        ]
        for deal in deals:
            deal["attributes"] = {"type": "Opportunity"}
        path = "composite/sobjects/Opportunity/Portico_Id__c"
        many = salesforce.restful(path, method="PATCH", json={"records": deals})
        seen["collection"] = sum(result["created"] for result in many)
        soql = "SELECT Id, Name FROM Opportunity WHERE Name LIKE 'D1%' ORDER BY Name"
        found = salesforce.query_all(soql, headers={"Sforce-Query-Options": "batchSize=200"})
        seen["queried"] = (found["totalSize"], found["records"][-1]["Name"])
        quoted = format_soql("SELECT COUNT() FROM Account WHERE Name = {}", "Zażółć' OR Name != '")
        seen["quoted"] = salesforce.query(quoted)["totalSize"]
        seen["usage"] = salesforce.api_usage["api-usage"].total
        seen["described"] = salesforce.Account.describe()["name"]
        account = salesforce.Account.get(key)["Id"]
        seen["deleted"] = salesforce.Account.delete(account)
        for name, call in {
            "gone": lambda: salesforce.Account.get(account),
            "malformed": lambda: salesforce.query("SELECT"),
            "refused": lambda: salesforce.Account.create({}),
        }.items():
            seen[name] = _raised(call)
    return seen


def _raised(call):
    try:
        call()
    except (SalesforceMalformedRequest, SalesforceMoreThanOneRecord, SalesforceResourceNotFound) as error:
        return type(error), error.content[0]["errorCode"]
    return None


@pytest.mark.parametrize("login", [BY_PASSWORD, BY_CLIENT], ids=["password", "client_credentials"])
async def test_simple_salesforce_as_it_comes_is_at_home(sandbox, login):
    seen = await asyncio.to_thread(drive_with_simple_salesforce, sandbox.address(), login)

    assert seen == {
        "created": True,
        "upserts": [201, 200],
        "by_key": "b",
        "collection": 200,
        "queried": (100, "D199"),
        "quoted": 0,
        "usage": 100_000,
        "described": "Account",
        "deleted": 204,
        "gone": (SalesforceResourceNotFound, "ENTITY_IS_DELETED"),
        "malformed": (SalesforceMalformedRequest, "MALFORMED_QUERY"),
        "refused": (SalesforceMalformedRequest, "REQUIRED_FIELD_MISSING"),
    }


async def test_simple_salesforce_renews_its_session(sandbox):
    def drive():
        with sandbox.address().open_session() as session:
            salesforce = Salesforce(session=session, version="66.0", **BY_CLIENT)
            return salesforce.query("SELECT COUNT() FROM Account")["totalSize"]

    await sandbox.fault(match={"path": "query"}, expire=True)

    assert await asyncio.to_thread(drive) == 0
    assert await sandbox.logins() == 2


async def test_simple_salesforce_logs_in_by_a_signed_assertion(sandbox, owner_url):
    mine, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    certificate = mine.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def log_in(url, key):
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with replace(sandbox.address(), url=url).open_session() as session:
            return Salesforce(
                session=session,
                username=CREDENTIALS.username,
                consumer_key=CREDENTIALS.client_id,
                privatekey=pem.decode(),
            ).session_id

    async with running(owner_url, credentials=Credentials(certificate=certificate.decode())) as url:
        token = await asyncio.to_thread(log_in, url, mine)
        with pytest.raises(SalesforceAuthenticationFailed, match="invalid assertion"):
            await asyncio.to_thread(log_in, url, other)

    assert token.startswith("00D")


@pytest.mark.node
async def test_jsforce_is_at_home(sandbox, node):
    seen = await node(
        "drive_with_jsforce.js",
        LOGIN_URL=sandbox.url,
        CLIENT_ID=CREDENTIALS.client_id,
        CLIENT_SECRET=CREDENTIALS.client_secret,
        SF_USERNAME=CREDENTIALS.username,
        SF_PASSWORD=CREDENTIALS.password,
    )

    assert seen == {
        "identity": CREDENTIALS.username,
        "versions": 23,
        "created": {"success": True, "idLength": 18},
        "updated": True,
        "retrieved": "Energy",
        "upserts": [True, False],
        "collection": ["ok", "INVALID_EMAIL_ADDRESS", "ok"],
        "pages": {"total": 450, "records": 450, "last": "Deal 449"},
        "where": [f"Deal 01{digit} of Nordlicht GmbH" for digit in range(10)],
        "grouped": [["Closed Won", 150], ["Prospecting", 300]],
        "children": ["Deal 449", "Deal 448"],
        "externalIds": ["Portico_Id__c"],
        "childRelationships": ["Cases", "ChildAccounts", "Contacts", "Opportunities"],
        "destroyed": True,
        "gone": "ENTITY_IS_DELETED",
        "malformed": "MALFORMED_QUERY",
        "limit": 100_000,
    }
