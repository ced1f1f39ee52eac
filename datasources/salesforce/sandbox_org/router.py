"""Which endpoint answers which path below `/services/data/vNN.0/`."""

from collections.abc import Awaitable, Callable

from datasources.salesforce.sandbox_org import bulk_jobs, collections_api, queries, single_records
from datasources.salesforce.sandbox_org.calls import Answer, Call, Refusal, not_found
from datasources.salesforce.sandbox_org.composite import composite
from datasources.salesforce.sandbox_org.org import Desk

RESOURCES = ("sobjects", "query", "queryAll", "composite", "jobs", "limits")
Endpoint = Callable[..., Awaitable[Answer]]


async def route(desk: Desk, call: Call) -> Answer:
    """Answer one call; raise `Refusal` for what the org refuses."""
    allowed = False
    for method, pattern, endpoint in _ROUTES:
        values = _matched(pattern, call.path)
        if values is not None and method == call.method:
            return await endpoint(desk, call, *values)
        allowed = allowed or values is not None
    if allowed:
        message = f"HTTP Method '{call.method}' not allowed."
        raise Refusal(405, "METHOD_NOT_ALLOWED", message)
    raise not_found()


async def resources(_desk: Desk, call: Call) -> Answer:
    return Answer(200, {name: f"/services/data/v{call.version}/{name}" for name in RESOURCES})


async def limits(desk: Desk, _call: Call) -> Answer:
    usage = desk.org.usage
    return Answer(200, {"DailyApiRequests": {"Max": usage.total, "Remaining": usage.total - usage.used}})


def _matched(pattern: tuple[str, ...], path: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what stands in place of the stars, or None where the path is another."""
    if len(pattern) != len(path):
        return None
    pairs = list(zip(pattern, path, strict=True))
    if any(wanted not in {"*", given} for wanted, given in pairs):
        return None
    return tuple(given for wanted, given in pairs if wanted == "*")


def _route(line: str, endpoint: Endpoint) -> tuple[str, tuple[str, ...], Endpoint]:
    method, _, pattern = line.partition(" ")
    return method, tuple(pattern.split("/")) if pattern else (), endpoint


_ROUTES = [
    _route("GET", resources),
    _route("GET limits", limits),
    _route("GET query", queries.query),
    _route("GET queryAll", queries.query_all),
    _route("GET query/*", queries.more),
    _route("GET queryAll/*", queries.more),
    _route("POST composite", composite(route)),
    _route("POST composite/sobjects", collections_api.create),
    _route("PATCH composite/sobjects", collections_api.update),
    _route("DELETE composite/sobjects", collections_api.delete),
    _route("GET composite/sobjects/*", collections_api.retrieve),
    _route("POST composite/sobjects/*", collections_api.retrieve),
    _route("PATCH composite/sobjects/*/*", collections_api.upsert_by),
    _route("POST jobs/query", bulk_jobs.create_query),
    _route("GET jobs/query/*", bulk_jobs.show),
    _route("PATCH jobs/query/*", bulk_jobs.change_state),
    _route("DELETE jobs/query/*", bulk_jobs.delete),
    _route("GET jobs/query/*/results", bulk_jobs.query_results),
    _route("POST jobs/ingest", bulk_jobs.create_ingest),
    _route("GET jobs/ingest/*", bulk_jobs.show),
    _route("PATCH jobs/ingest/*", bulk_jobs.change_state),
    _route("DELETE jobs/ingest/*", bulk_jobs.delete),
    _route("PUT jobs/ingest/*/batches", bulk_jobs.upload),
    _route("GET jobs/ingest/*/*", bulk_jobs.ingest_results),
    _route("GET sobjects", single_records.list_objects),
    _route("GET sobjects/*", single_records.show_object),
    _route("POST sobjects/*", single_records.create),
    _route("GET sobjects/*/describe", single_records.describe),
    _route("GET sobjects/*/*", single_records.retrieve),
    _route("PATCH sobjects/*/*", single_records.update),
    _route("DELETE sobjects/*/*", single_records.delete),
    _route("GET sobjects/*/*/*", single_records.retrieve_by),
    _route("PATCH sobjects/*/*/*", single_records.upsert_by),
    _route("DELETE sobjects/*/*/*", single_records.delete_by),
]
