"""`jobs/query` and `jobs/ingest`: Bulk API 2.0, thousands of records as CSV.

A job is done as soon as it may begin, but says so only to those who ask again, as a real one would. Jobs live
in memory. Source: Bulk API 2.0 Developer Guide.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from datasources.salesforce.sandbox_org.calls import Answer, Call, Refusal, malformed, not_found
from datasources.salesforce.sandbox_org.collections_api import Result, outcome
from datasources.salesforce.sandbox_org.ids import normal_id, record_id
from datasources.salesforce.sandbox_org.metadata import Field, SObject
from datasources.salesforce.sandbox_org.org import Desk
from datasources.salesforce.sandbox_org.single_records import key_field, upsert
from datasources.salesforce.sandbox_org.soql.execution import Found, run
from datasources.salesforce.sandbox_org.values import write

_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
_NULL = "#N/A"  # empties a field; an empty cell leaves it as it is
_CSV = {"Content-Type": "text/csv"}
_CHANGES = frozenset({"insert", "update", "upsert", "delete"})
Cells = dict[str, str]


@dataclass(slots=True)
class Job:
    id: str
    operation: str
    version: str
    state: str
    delimiter: str = "COMMA"
    ending: str = "LF"
    sobject: str = ""
    key: str = ""
    found: Found | None = None
    data: str = ""
    outcomes: list[tuple[Cells, Result]] = field(default_factory=list)
    created: str = field(default_factory=lambda: write(datetime.now(UTC)))

    def shown(self) -> dict[str, Any]:
        kind = "query" if self.found else "ingest"
        failed = sum(not result["success"] for _, result in self.outcomes)
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.sobject,
            "externalIdFieldName": self.key or None,
            "state": self.state,
            "createdDate": self.created,
            "systemModstamp": self.created,
            "apiVersion": float(self.version),
            "contentType": "CSV",
            "columnDelimiter": self.delimiter,
            "lineEnding": self.ending,
            "jobType": f"V2{kind.title()}",
            "contentUrl": f"services/data/v{self.version}/jobs/ingest/{self.id}/batches",
            "numberRecordsProcessed": self.found.total if self.found else len(self.outcomes),
            "numberRecordsFailed": failed,
        }

    def text(self, names: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
        written = io.StringIO()
        ending = "\n" if self.ending == "LF" else "\r\n"
        lines = csv.writer(
            written, delimiter=_DELIMITERS[self.delimiter], lineterminator=ending, quoting=csv.QUOTE_ALL
        )
        lines.writerow(names)
        lines.writerows(rows)
        return written.getvalue()


async def create_query(desk: Desk, call: Call) -> Answer:
    job = _open(desk, call, "UploadComplete")
    found = await run(
        desk.connection,
        desk.org.schema,
        str(call.body.get("query", "")),
        call.version,
        deleted=job.operation == "queryAll",
    )
    if not found.columns or found.children:
        raise malformed("Bulk queries know neither aggregates nor nested queries")
    job.found, job.sobject = found, found.sobject
    return Answer(200, job.shown())


async def show(desk: Desk, _call: Call, job_id: str) -> Answer:
    job = _job(desk, job_id)
    if job.state == "UploadComplete":
        job.state = "JobComplete"
    return Answer(200, job.shown())


async def query_results(desk: Desk, call: Call, job_id: str) -> Answer:
    """One page of CSV; `Sforce-Locator` names the next, or is `null`."""
    job = _job(desk, job_id)
    if job.found is None or job.state != "JobComplete":
        raise Refusal(400, "INVALIDJOBSTATE", f"The job is {job.state}")
    start = int(call.query.get("locator") or 0)
    end = start + int(call.query.get("maxRecords") or len(job.found.rows) or 1)
    rows = [_flat(job.found.columns, record) for record in job.found.records(start, end)]
    headers = {
        "Sforce-Locator": str(end) if end < len(job.found.rows) else "null",
        "Sforce-NumberOfRecords": str(len(rows)),
    }
    return Answer(200, job.text(job.found.columns, rows), {**_CSV, **headers})


async def create_ingest(desk: Desk, call: Call) -> Answer:
    job = _open(desk, call, "Open")
    if job.operation not in _CHANGES:
        raise Refusal(400, "INVALIDJOB", f"Unknown operation: {job.operation}")
    job.sobject = desk.org.schema.object(str(call.body.get("object"))).name
    job.key = str(call.body.get("externalIdFieldName") or "")
    return Answer(200, job.shown())


async def upload(desk: Desk, call: Call, job_id: str) -> Answer:
    job = _job(desk, job_id)
    if job.state != "Open" or job.data or not isinstance(call.body, str):
        raise Refusal(400, "INVALIDJOBSTATE", "The job takes one upload of CSV, while it is open")
    job.data = call.body
    return Answer(201)


async def change_state(desk: Desk, call: Call, job_id: str) -> Answer:
    """`UploadComplete` lets the job begin, `Aborted` ends it."""
    job = _job(desk, job_id)
    wanted = call.body.get("state") if isinstance(call.body, dict) else None
    if wanted == "UploadComplete" and job.state == "Open":
        await _ingest(desk, job)
    elif wanted != "Aborted" or job.state not in {"Open", "UploadComplete"}:
        raise Refusal(400, "INVALIDJOBSTATE", f"A job that is {job.state} cannot become {wanted}")
    job.state = wanted
    return Answer(200, job.shown())


async def ingest_results(desk: Desk, _call: Call, job_id: str, kind: str) -> Answer:
    job = _job(desk, job_id)
    names = list(job.outcomes[0][0]) if job.outcomes else []
    match kind.lower():
        case "successfulresults":
            done = [(cells, result) for cells, result in job.outcomes if result["success"]]
            rows = [
                [result["id"], str(result.get("created", False)).lower(), *cells.values()]
                for cells, result in done
            ]
            return Answer(200, job.text(["sf__Id", "sf__Created", *names], rows), _CSV)
        case "failedresults":
            refused = [(cells, result) for cells, result in job.outcomes if not result["success"]]
            rows = [["", _complaint(result), *cells.values()] for cells, result in refused]
            return Answer(200, job.text(["sf__Id", "sf__Error", *names], rows), _CSV)
        case "unprocessedrecords":
            return Answer(200, job.text(names, []), _CSV)
    raise not_found()


async def delete(desk: Desk, _call: Call, job_id: str) -> Answer:
    del desk.org.jobs[_job(desk, job_id).id]
    return Answer(204)


def _open(desk: Desk, call: Call, state: str) -> Job:
    asked = call.body if isinstance(call.body, dict) else {}
    delimiter, ending = asked.get("columnDelimiter", "COMMA"), asked.get("lineEnding", "LF")
    if delimiter not in _DELIMITERS or ending not in {"LF", "CRLF"}:
        raise Refusal(400, "INVALIDJOB", f"Unknown form of CSV: {delimiter}, {ending}")
    job = Job(
        record_id("750", next(desk.org.job_numbers)),
        str(asked.get("operation")),
        call.version,
        state,
        delimiter,
        ending,
    )
    desk.org.jobs[job.id] = job
    return job


def _job(desk: Desk, job_id: str) -> Job:
    found = desk.org.jobs.get(normal_id(job_id))
    if not isinstance(found, Job):
        raise not_found()
    return found


async def _ingest(desk: Desk, job: Job) -> None:
    sobject = desk.org.schema.object(job.sobject)
    key = key_field(sobject, job.key or "Id") if job.operation == "upsert" else None

    async def one(cells: Cells) -> Result:
        fields = {name: None if cell == _NULL else cell for name, cell in cells.items() if cell}
        return await _change(desk, sobject, job.operation, key, _nested(fields))

    for cells in csv.DictReader(io.StringIO(job.data), delimiter=_DELIMITERS[job.delimiter]):
        job.outcomes.append((cells, await outcome(desk, cells, one)))


async def _change(
    desk: Desk, sobject: SObject, operation: str, key: Field | None, fields: dict[str, Any]
) -> Result:
    created = False
    if key is not None:
        value = str(fields.pop(key.name, None) or "")
        if not value:
            raise Refusal(400, "MISSING_ARGUMENT", f"{key.name} not specified", (key.name,))
        identifier, created = await upsert(desk, sobject, key, value, fields)
    elif operation == "insert":
        identifier, created = await desk.records.create(sobject, fields), True
    else:
        identifier = normal_id(str(fields.pop("Id", "")))
        if operation == "delete":
            await desk.records.delete(sobject, identifier)
        else:
            await desk.records.update(sobject, identifier, fields)
    return {"id": identifier, "success": True, "created": created, "errors": []}


def _nested(fields: dict[str, Any]) -> dict[str, Any]:
    """`Account.Portico_Id__c` as a column names a parent by its external id."""
    nested: dict[str, Any] = {}
    for name, value in fields.items():
        parent, dot, inner = name.partition(".")
        nested[parent] = {inner: value} if dot else value
    return nested


def _flat(columns: Sequence[str], record: dict[str, Any]) -> list[str]:
    return [_cell(record, column.split(".")) for column in columns]


def _cell(record: dict[str, Any] | None, steps: Sequence[str]) -> str:
    value: Any = record
    for step in steps:
        value = value and value[step]
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _complaint(result: Result) -> str:
    error = result["errors"][0]
    return f"{error['statusCode']}:{error['message']}:{','.join(error['fields'])} --"
