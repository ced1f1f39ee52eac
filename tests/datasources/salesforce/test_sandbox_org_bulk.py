"""Bulk API 2.0, driven by simple-salesforce as it comes, and by hand where that does not reach."""

import asyncio
import csv
import io

import pytest
from simple_salesforce import Salesforce

from datasources.salesforce.sandbox_org.org import Credentials

CREDENTIALS = Credentials()


async def with_simple_salesforce(sandbox, work):
    def drive():
        with sandbox.address().open_session() as session:
            return work(
                Salesforce(
                    session=session,
                    version="66.0",
                    domain="sandbox-org",
                    consumer_key=CREDENTIALS.client_id,
                    consumer_secret=CREDENTIALS.client_secret,
                )
            )

    return await asyncio.to_thread(drive)


async def test_records_are_upserted_by_csv_each_with_its_outcome(sandbox):
    await sandbox.create("Account", Name="There", Portico_Id__c="cus_0")
    records = [{"Portico_Id__c": f"cus_{number}", "Name": f"Größe, {number}"} for number in range(500)]
    records.append({"Portico_Id__c": "cus_bad", "Name": "x" * 300})

    def load(salesforce):
        [job] = salesforce.bulk2.Account.upsert(records=records, external_id_field="Portico_Id__c")
        return (
            job,
            salesforce.bulk2.Account.get_successful_records(job["job_id"]),
            salesforce.bulk2.Account.get_failed_records(job["job_id"]),
        )

    job, done, refused = await with_simple_salesforce(sandbox, load)

    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (501, 1)
    created = [row["sf__Created"] for row in csv.DictReader(io.StringIO(done))]
    assert (created.count("true"), created.count("false")) == (499, 1)
    [refusal] = csv.DictReader(io.StringIO(refused))
    assert refusal["sf__Error"].startswith("STRING_TOO_LONG:")
    assert await sandbox.count("Account") == 500


async def test_a_query_comes_back_as_csv_page_by_page(sandbox):
    for number in range(5):
        await sandbox.create("Contact", LastName=f"L{number}", Email=f"l{number}@example.test")

    def read(salesforce):
        soql = "SELECT LastName, Account.Name, IsDeleted FROM Contact ORDER BY LastName"
        return list(salesforce.bulk2.Contact.query(soql, max_records=2))

    pages = await with_simple_salesforce(sandbox, read)

    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert len(pages) == 3
    assert rows[0] == {"LastName": "L0", "Account.Name": "", "IsDeleted": "false"}
    assert [row["LastName"] for row in rows] == [f"L{number}" for number in range(5)]


async def test_records_are_changed_and_deleted_by_their_ids(sandbox):
    ids = [await sandbox.create("Account", Name=name, Industry="Energy") for name in ("a", "b")]

    def change(salesforce):
        salesforce.bulk2.Account.update(records=[{"Id": ids[0], "Name": "changed", "Industry": "#N/A"}])
        salesforce.bulk2.Account.delete(records=[{"Id": ids[1]}])

    await with_simple_salesforce(sandbox, change)

    [account] = await sandbox.query("SELECT Name, Industry FROM Account")
    assert (account["Name"], account["Industry"]) == ("changed", None)


async def test_a_parent_may_be_named_in_a_column(sandbox):
    await sandbox.create("Account", Name="Parent", Portico_Id__c="cus_1")
    created = await sandbox.call("POST", "jobs/ingest", {"object": "Contact", "operation": "insert"})
    job = f"jobs/ingest/{created.json()['id']}"

    content = b"LastName,Account.Portico_Id__c\nChild,cus_1\nOrphan,cus_2\n"
    await sandbox.http.put(
        f"/services/data/v66.0/{job}/batches", content=content, headers={"Content-Type": "text/csv"}
    )
    await sandbox.call("PATCH", job, {"state": "UploadComplete"})
    ended = await sandbox.call("GET", job)

    assert (ended.json()["state"], ended.json()["numberRecordsFailed"]) == ("JobComplete", 1)
    assert await sandbox.column("SELECT LastName FROM Contact WHERE Account.Name = 'Parent'") == ["Child"]


@pytest.mark.parametrize(
    ("resource", "order", "code"),
    [
        ("query", {"operation": "query", "query": "SELECT"}, "MALFORMED_QUERY"),
        ("query", {"operation": "query", "query": "SELECT COUNT(Id) FROM Account"}, "MALFORMED_QUERY"),
        ("ingest", {"operation": "merge", "object": "Account"}, "INVALIDJOB"),
        ("ingest", {"operation": "insert", "object": "Nothing"}, "NOT_FOUND"),
        ("ingest", {"operation": "insert", "object": "Account", "columnDelimiter": "DOT"}, "INVALIDJOB"),
    ],
)
async def test_a_job_that_makes_no_sense_is_refused(sandbox, resource, order, code):
    answer = await sandbox.call("POST", f"jobs/{resource}", order)

    assert answer.json()[0]["errorCode"] == code


async def test_an_aborted_job_takes_nothing_more_and_a_deleted_one_is_gone(sandbox):
    created = await sandbox.call("POST", "jobs/ingest", {"object": "Account", "operation": "insert"})
    job = f"jobs/ingest/{created.json()['id']}"

    await sandbox.call("PATCH", job, {"state": "Aborted"})
    late = await sandbox.call("PATCH", job, {"state": "UploadComplete"})
    deleted = await sandbox.call("DELETE", job)
    gone = await sandbox.call("GET", job)

    assert late.json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert (deleted.status_code, gone.status_code) == (204, 404)
