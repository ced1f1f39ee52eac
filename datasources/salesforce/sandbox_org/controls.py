"""`/__sandbox/…`: plan faults, read what was called, end sessions. Loopback only, by a switch."""

from dataclasses import asdict
from typing import Any

from datasources.salesforce.sandbox_org.calls import Answer, Call
from datasources.salesforce.sandbox_org.org import Org

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


def control(org: Org, call: Call, client: str | None) -> Answer:
    """Answer a call to the controls; to anyone from elsewhere they do not exist."""
    if client not in _LOOPBACK:
        return Answer(404)
    match call.method, call.path:
        case "POST", ("faults",):
            return _plan(org, call.body)
        case "GET", ("faults",):
            return Answer(200, [_shown(asdict(fault)) for fault in org.faults.planned])
        case "DELETE", ("faults",):
            org.faults.planned.clear()
        case "GET", ("calls",):
            return Answer(200, {"calls": list(org.calls), "logins": org.sessions.logins})
        case "DELETE", ("calls",):
            org.calls.clear()
            org.sessions.logins = 0
        case "DELETE", ("sessions",):
            org.sessions.expire()
        case "DELETE", ("cursors",):
            org.cursors.clear()
        case "PUT", ("limits",):
            org.usage.used = int(call.body.get("used", org.usage.used))
            org.usage.total = int(call.body.get("total", org.usage.total))
            org.page_limit = int(call.body.get("page", org.page_limit))
        case _:
            return Answer(404)
    return Answer(204)


def _plan(org: Org, order: Any) -> Answer:
    try:
        fault = org.faults.plan(order)
    except (TypeError, ValueError) as error:
        return Answer(400, {"error": str(error)})
    return Answer(201, _shown(asdict(fault)))


def _shown(fault: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fault.items() if name != "_choice"}
