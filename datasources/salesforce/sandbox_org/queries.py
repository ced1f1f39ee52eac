"""`query`, `queryAll` and the cursors that `nextRecordsUrl` names."""

import re
from typing import Any

from datasources.salesforce.sandbox_org.calls import Answer, Call, Refusal, malformed
from datasources.salesforce.sandbox_org.org import Desk
from datasources.salesforce.sandbox_org.soql.execution import Found, run

_SMALLEST_PAGE = 200


async def query(desk: Desk, call: Call) -> Answer:
    return await _query(desk, call, "query", deleted=False)


async def query_all(desk: Desk, call: Call) -> Answer:
    return await _query(desk, call, "queryAll", deleted=True)


async def more(desk: Desk, call: Call, cursor: str) -> Answer:
    """The page at `cursor`, named `<18 characters>-<place>`."""
    name, _, place = cursor.partition("-")
    if name not in desk.org.cursors or not place.isdigit():
        raise Refusal(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    found, size = desk.org.cursors[name]
    return _page(call, found, int(place), size, name)


async def _query(desk: Desk, call: Call, resource: str, *, deleted: bool) -> Answer:
    text = call.query.get("q", "")
    if not text:
        raise malformed(f"{resource} needs the parameter q")
    found = await run(desk.connection, desk.org.schema, text, call.version, deleted=deleted)
    size = _size(call, desk.org.page_limit)
    name = desk.org.keep(found, size) if len(found.rows) > size else ""
    return _page(call, found, 0, size, name)


def _page(call: Call, found: Found, start: int, size: int, name: str) -> Answer:
    end = start + size
    done = end >= len(found.rows)
    body: dict[str, Any] = {"totalSize": found.total, "done": done}
    if not done:
        body["nextRecordsUrl"] = f"/services/data/v{call.version}/query/{name}-{end}"
    return Answer(200, {**body, "records": found.records(start, end)})


def _size(call: Call, limit: int) -> int:
    asked = re.search(r"batchSize=(\d+)", call.headers.get("sforce-query-options", ""))
    return min(max(int(asked[1]), _SMALLEST_PAGE), limit) if asked else limit
