"""The org over HTTP: reads a call, lets a planned fault strike, opens a transaction, answers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from types import MethodType
from typing import Any, cast
from urllib.parse import parse_qsl, unquote_plus

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from datasources.salesforce.sandbox_org import oauth
from datasources.salesforce.sandbox_org.calls import LOCKED, Answer, Call, Refusal, locked
from datasources.salesforce.sandbox_org.composite import address
from datasources.salesforce.sandbox_org.controls import control
from datasources.salesforce.sandbox_org.faults import Fault
from datasources.salesforce.sandbox_org.org import Credentials, Desk, Org
from datasources.salesforce.sandbox_org.router import route
from datasources.salesforce.sandbox_org.storage import create_tables

LONGEST_URI = 16_384  # bytes; a longer one answers 414
LOCK_WAIT = 10.0  # seconds, as in a real org
OLDEST_VERSION, NEWEST_VERSION = 46, 68
_POOL = 8
_JSON = "application/json;charset=UTF-8"


def create_app(
    database_url: str,
    *,
    credentials: Credentials | None = None,
    controls: bool = True,
    lock_wait: float = LOCK_WAIT,
) -> Starlette:
    """Return the org as an ASGI application over the Postgres at `database_url`.

    `controls` allows faults; `lock_wait` is how many seconds a write waits for a row that another one holds.
    """
    front = Front(Org(credentials or Credentials()), controls=controls)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            database_url,
            min_size=1,
            max_size=_POOL,
            server_settings={"lock_timeout": f"{lock_wait * 1000:.0f}"},
        ) as pool:
            async with pool.acquire() as connection:
                await create_tables(connection, front.org.schema)
            front.pool = pool
            yield

    app = _Application(routes=[Mount("/", app=front)], lifespan=lifespan)
    app.state.org = front.org
    return app


class _Application(Starlette):
    """Keeps the server's own `send` in the scope: Starlette wraps it, and `_sever` needs it bare."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["sandbox_org.send"] = send
        await super().__call__(scope, receive, send)


class Front:
    """The ASGI application. It alone knows of HTTP; what lies behind it sees calls and answers."""

    def __init__(self, org: Org, *, controls: bool) -> None:
        self.org = org
        self.controls = controls
        self.pool: asyncpg.Pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        raw_path, _, _ = scope["raw_path"].partition(b"?")
        path = raw_path.decode("latin-1")
        body = await request.body()
        if len(raw_path) + len(scope["query_string"]) > LONGEST_URI:
            answer = Answer(414, "<html><body>URI Too Long</body></html>")
        elif path.startswith("/__sandbox/") and self.controls:
            segments = tuple(path.removeprefix("/__sandbox/").split("/"))
            call = Call(request.method, segments, body=_json(body))
            answer = control(self.org, call, request.client.host if request.client else None)
        else:
            await self._strike_or_answer(request, path, body, send)
            return
        await self._send(answer, scope, receive, send)

    async def _strike_or_answer(self, request: Request, path: str, body: bytes, send: Send) -> None:
        content = request.query_params.get("q") or body.decode("utf-8", "replace")
        content = unquote_plus(content) if path.endswith("/composite") else content  # queries travel inside
        fault = self.org.faults.for_call(request.method, path, content)
        work = partial(self._answer, request, path, body)
        answer = await work() if fault is None else await self._struck(fault, work)
        status = answer.status if answer else 0
        self.org.calls.append({"method": request.method, "path": path, "content": content, "status": status})
        if answer is None:
            _sever(request.scope["sandbox_org.send"])
        else:
            await self._send(answer, request.scope, request.receive, send)

    async def _struck(self, fault: Fault, work: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """Return what the caller sees of a call that `fault` strikes; None is a broken connection."""
        done = await work() if fault.after else None
        await asyncio.sleep(fault.delay)
        if fault.sever:
            return None
        if fault.expire:
            self.org.sessions.expire()
            return Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid").as_answer()
        if fault.status is not None:
            return Answer(fault.status, fault.body, fault.headers)
        answer = done or await work()
        return _halved(answer) if fault.truncate else answer

    async def _answer(self, request: Request, path: str, body: bytes) -> Answer:
        headers = dict(request.headers)
        base_url = f"{request.url.scheme}://{request.headers.get('host', '')}"
        match request.method, path.rstrip("/"):
            case "POST", "/services/oauth2/token":
                return oauth.token(self.org, dict(parse_qsl(body.decode())), headers, base_url)
            case "GET", "/services/data":
                return Answer(200, _versions())
        try:
            self.org.sessions.check(Call(request.method, (), headers=headers))
            self.org.usage.spend()
            if path.startswith("/id/") or path == "/services/oauth2/userinfo":
                return Answer(200, oauth.identity(self.org, base_url))
            version, segments = address(path)
            _check_version(version)
            content = body.decode() if headers.get("content-type", "").startswith("text/csv") else _json(body)
            call = Call(request.method, segments, version, dict(request.query_params), headers, content)
            return await self._in_transaction(call)
        except Refusal as refusal:
            return refusal.as_answer()

    async def _in_transaction(self, call: Call) -> Answer:
        try:
            async with self.pool.acquire() as connection, connection.transaction():
                return await route(Desk(self.org, connection), call)
        except LOCKED as error:
            raise locked() from error

    async def _send(self, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Sforce-Limit-Info": str(self.org.usage), **answer.headers}
        if answer.body is not None:
            text = isinstance(answer.body, str)
            headers.setdefault("Content-Type", "text/html" if text else _JSON)
        await Response(_content(answer.body), answer.status, headers)(scope, receive, send)


def _content(body: Any) -> bytes:
    match body:
        case None:
            return b""
        case bytes():
            return body
        case str():
            return body.encode()
    return orjson.dumps(body)


def _halved(answer: Answer) -> Answer:
    content = _content(answer.body)
    return Answer(answer.status, content[: len(content) // 2], answer.headers)


def _sever(send: Send) -> None:
    """Break the connection. ASGI has no message for that, so this reaches for uvicorn's transport."""
    cycle: Any = cast("MethodType", send).__self__
    cycle.transport.abort()
    cycle.response_complete = True


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "JSON_PARSER_ERROR", f"Unexpected character: {error}") from error


def _check_version(version: str) -> None:
    if not OLDEST_VERSION <= float(version) <= NEWEST_VERSION:
        raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")


def _versions() -> list[dict[str, str]]:
    numbers = range(OLDEST_VERSION, NEWEST_VERSION + 1)
    return [
        {"label": f"API {each}", "url": f"/services/data/v{each}.0", "version": f"{each}.0"}
        for each in numbers
    ]
