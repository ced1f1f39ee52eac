"""The org that calls are put to: its schema, and what it remembers only while it runs."""

import itertools
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from datasources.salesforce.sandbox_org.calls import Call, Refusal
from datasources.salesforce.sandbox_org.faults import Faults
from datasources.salesforce.sandbox_org.ids import INTEGRATION_USER_ID, ORG_ID
from datasources.salesforce.sandbox_org.metadata import Schema, schema
from datasources.salesforce.sandbox_org.records import Records
from datasources.salesforce.sandbox_org.soql.execution import Found
from datasources.salesforce.sandbox_org.storage import AnyConnection

_OPEN_CURSORS = 10  # a real org closes a user's oldest cursor, too
_CALLS_REMEMBERED = 10_000


@dataclass(slots=True)
class ApiUsage:
    """API calls of the rolling day, as `Sforce-Limit-Info` tells them."""

    used: int = 0
    total: int = 100_000

    def spend(self) -> None:
        if self.used >= self.total:
            raise Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.used += 1

    def __str__(self) -> str:
        return f"api-usage={self.used}/{self.total}"


@dataclass(slots=True)
class Credentials:
    """Whom the org lets in. `certificate` is the PEM key that JWT grants must be signed for."""

    client_id: str = "portico"
    client_secret: str = "portico-sandbox-secret"  # noqa: S105  the embedded org's, known to all, worth nothing
    username: str = "integration@portico.invalid"
    password: str = "portico-sandbox-password"  # noqa: S105  the same
    certificate: str | None = None


@dataclass(slots=True)
class Sessions:
    """Access tokens that are good now."""

    numbers: Iterator[int] = field(default_factory=itertools.count)
    live: set[str] = field(default_factory=set)
    logins: int = 0

    def open(self) -> str:
        self.logins += 1
        token = f"{ORG_ID[:15]}!AQ{time.time_ns():x}.{next(self.numbers)}"
        self.live.add(token)
        return token

    def check(self, call: Call) -> None:
        token = call.headers.get("authorization", "").removeprefix("Bearer ").removeprefix("OAuth ")
        if token not in self.live:
            raise Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def expire(self) -> None:
        self.live.clear()


@dataclass(slots=True)
class Org:
    credentials: Credentials = field(default_factory=Credentials)
    schema: Schema = field(default_factory=schema)
    sessions: Sessions = field(default_factory=Sessions)
    usage: ApiUsage = field(default_factory=ApiUsage)
    faults: Faults = field(default_factory=Faults)
    cursors: OrderedDict[str, tuple[Found, int]] = field(default_factory=OrderedDict)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_CALLS_REMEMBERED))
    page_limit: int = 2_000
    jobs: dict[str, Any] = field(default_factory=dict)
    job_numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    user_id: str = INTEGRATION_USER_ID

    def keep(self, found: Found, size: int) -> str:
        """Open a cursor; its name goes into `nextRecordsUrl` with the place where the next page starts."""
        name = f"01g{time.time_ns():x}".ljust(18, "0")[:18]
        self.cursors[name] = found, size
        while len(self.cursors) > _OPEN_CURSORS:
            self.cursors.popitem(last=False)
        return name


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one call is answered: the org, the call's transaction and the records seen through it."""

    org: Org
    connection: AnyConnection

    @property
    def records(self) -> Records:
        return Records(self.org.schema, self.connection)
