"""The one place where sync meets async: simple-salesforce in a bounded pool of threads.

Callers wait for a free thread as coroutines, so waiting can be cancelled; a call under way cannot: its thread
finishes, whatever became of the caller. Every write must therefore bear being done and not heard of.
"""

import asyncio
import contextvars
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import quote_plus

from requests import RequestException
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession, SalesforceGeneralError
from simple_salesforce.login import SalesforceLogin

from datasources.errors import SourceUnavailable
from datasources.salesforce.breaker import Breaker
from datasources.salesforce.faults import (
    LIMIT_EXCEEDED,
    SESSION_EXPIRED,
    SYSTEM,
    CallFault,
    call_fault,
    error_code,
)
from datasources.salesforce.sessions import Session, Sessions
from datasources.salesforce.transport import SalesforceOrg
from datasources.salesforce.usage import ApiUsage

T = TypeVar("T")
Row = dict[str, Any]
Timeouts = tuple[float, float] | None
LONGEST_URI = 2_000  # characters; Salesforce's advice. A longer query travels inside a composite call
_LIMIT_PAUSE = 60.0  # seconds until the org is asked whether its daily limit has moved
_LIVE_TIMEOUTS = (1.0, 5.0)  # seconds to connect and to read, when somebody is looking at a page
_REFUSED_FROM = 400


class SalesforceClient:
    """Calls one org. Close it when done: `await client.close()`."""

    def __init__(self, org: SalesforceOrg, *, breaker: Breaker | None = None) -> None:
        self.org = org
        self.breaker = breaker or Breaker()
        self.usage = ApiUsage()
        self._executor = ThreadPoolExecutor(org.workers, thread_name_prefix="salesforce")
        self._slots = asyncio.Semaphore(org.workers)
        self._sessions = Sessions(self._log_in)
        self._thread = threading.local()

    async def query(self, soql: str, *, patience: float | None = None) -> list[Row]:
        """Return all records of a query, over as many pages as it takes.

        With `patience` (seconds) this is a live read: it stays clear of the API reserve, and an answer that
        took longer does not count as the org being well. Raises `SourceUnavailable`.
        """
        if patience is not None and not self.usage.allows_reading():
            raise SourceUnavailable(SYSTEM, retryable=True, code="API_RESERVE")
        timeout = None if patience is None else _LIVE_TIMEOUTS
        return await self._call(lambda salesforce: _query(salesforce, soql, timeout), patience)

    async def upsert(self, sobject: str, key: str, records: list[Row]) -> list[Row]:
        """Upsert up to 200 records by the external id field `key`; return one result for each, in order.

        Raises `SourceUnavailable`; the records may have been written all the same.
        """
        body = {
            "allOrNone": False,
            "records": [{"attributes": {"type": sobject}, **record} for record in records],
        }

        def work(salesforce: Salesforce) -> list[Row]:
            results = salesforce.restful(
                f"composite/sobjects/{sobject}/{key}",
                method="PATCH",
                data=json.dumps(body),
                headers={"Sforce-Duplicate-Rule-Header": "allowSave=true"},
            )
            return list(results or ())

        return await self._call(work)

    async def close(self) -> None:
        """Let calls under way finish, then end the threads."""
        await asyncio.to_thread(self._executor.shutdown, wait=True, cancel_futures=True)

    async def _call(self, work: Callable[[Salesforce], T], patience: float | None = None) -> T:
        if not self.breaker.admits():
            raise SourceUnavailable(SYSTEM, retryable=True, code="CIRCUIT_OPEN")
        started = time.monotonic()
        try:
            answer = await self._in_thread(lambda: self._with_session(work))
        except (SalesforceError, RequestException, ValueError, KeyError, TypeError) as error:
            fault = call_fault(error)
            self._note(fault)
            raise fault.as_unavailable() from error
        if patience is None or time.monotonic() - started <= patience:
            self.breaker.succeeded()
        return answer

    def _note(self, fault: CallFault) -> None:
        if fault.code == LIMIT_EXCEEDED:
            self.breaker.open_for(_LIMIT_PAUSE)
        elif fault.answered:
            self.breaker.succeeded()
        else:
            self.breaker.failed()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        await self._slots.acquire()

        def release(_done: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop may have closed before the thread was done
                loop.call_soon_threadsafe(self._slots.release)

        future = self._executor.submit(contextvars.copy_context().run, work)
        future.add_done_callback(release)
        return await asyncio.wrap_future(future)

    def _with_session(self, work: Callable[[Salesforce], T]) -> T:
        """Run in a thread: do the work, once more with a new session if the old one had expired."""
        session = self._sessions.current()
        try:
            return self._work(session, work)
        except SalesforceExpiredSession as error:
            if error_code(error) not in {SESSION_EXPIRED, None}:
                raise
            return self._work(self._sessions.renewed(session), work)

    def _work(self, session: Session, work: Callable[[Salesforce], T]) -> T:
        salesforce = self._client_for(session)
        answer = work(salesforce)
        self.usage.note(salesforce.api_usage)
        return answer

    def _client_for(self, session: Session) -> Salesforce:
        """Return this thread's client; simple-salesforce's are not safe to share."""
        if getattr(self._thread, "generation", None) != session.generation:
            self._thread.client = Salesforce(
                session_id=session.token,
                instance=session.instance,
                version=self.org.api_version,
                session=self._http(),
                object_pairs_hook=dict,
            )
            self._thread.generation = session.generation
        client: Salesforce = self._thread.client
        return client

    def _http(self) -> Any:
        if not hasattr(self._thread, "http"):
            self._thread.http = self.org.open_session()
        return self._thread.http

    def _log_in(self) -> tuple[str, str]:
        token, instance = SalesforceLogin(
            domain=self.org.domain,
            consumer_key=self.org.client_id,
            consumer_secret=self.org.client_secret,
            session=self._http(),
        )
        return str(token), str(instance)


def _query(salesforce: Salesforce, soql: str, timeout: Timeouts) -> list[Row]:
    page = _first_page(salesforce, soql, timeout)
    records: list[Row] = page["records"]
    while not page["done"]:
        page = salesforce.query_more(page["nextRecordsUrl"], identifier_is_url=True, timeout=timeout)
        records += page["records"]
    return records


def _first_page(salesforce: Salesforce, soql: str, timeout: Timeouts) -> Row:
    path = f"/services/data/v{salesforce.sf_version}/query?q={quote_plus(soql)}"
    if len(path) <= LONGEST_URI:
        page: Row = salesforce.query(soql, timeout=timeout)
        return page
    part = {"method": "GET", "url": path, "referenceId": "query"}
    body = json.dumps({"compositeRequest": [part]})
    answer: Any = salesforce.restful("composite", method="POST", data=body, timeout=timeout)
    result = answer["compositeResponse"][0]
    if result["httpStatusCode"] >= _REFUSED_FROM:
        raise SalesforceGeneralError(path, result["httpStatusCode"], "query", result["body"])
    found: Row = result["body"]
    return found
