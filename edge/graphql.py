"""The GraphQL endpoint over HTTP and WebSocket: who asks, for which operation, and in which form."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from random import getrandbits
from typing import Any, TypeVar, cast

import orjson
import strawberry
import structlog
from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution import ExperimentalIncrementalExecutionResults
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from commerce.access import Viewer
from datasources.tokens import InvalidToken, Tokens, UnknownKey
from edge.calls import Call, Reply, encoded
from edge.documents import Operation
from edge.errors import MOST_ERRORS, Code, RequestRefused, fault_of, formatted, status_of
from edge.media_types import Form, negotiated
from edge.operations import Answer, Operations, at_once, errors_of, is_request_error
from edge.requests import GraphQLRequest, read_request
from edge.streams import EventStream, OpenStreams, hasty, in_parts, increments
from edge.throttle import ADDRESS
from edge.turns import Turns
from edge.websockets import INIT_TIMEOUT, MOST_OPERATIONS, TransportHandler, WebSocketAdapter
from resolvers.context import Context

_log = structlog.get_logger(__name__)

MOST_STREAMS = 50
"""Subscriptions that a client may have open in one process, where no setting says otherwise."""

T = TypeVar("T")

_NEEDS_STREAM = "A subscription needs Accept: text/event-stream, or a WebSocket."
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="portico"'}
_WRONG_TOKEN = {"WWW-Authenticate": 'Bearer realm="portico", error="invalid_token"'}


class GraphQLEdge(GraphQL[Context, None]):
    """Strawberry's ASGI class with our own way through it.

    `strict` answers by the draft of 2026: 422 for what is understood and refused, 294 for partial success.
    `streams` is how many subscriptions a client may have open in one process.
    """

    graphql_transport_ws_handler_class = TransportHandler
    websocket_adapter_class = WebSocketAdapter

    def __init__(
        self,
        schema: strawberry.Schema,
        operations: Operations,
        tokens: Tokens,
        *,
        strict: bool = False,
        streams: int = MOST_STREAMS,
        turns: Turns | None = None,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=INIT_TIMEOUT,
            max_subscriptions_per_connection=MOST_OPERATIONS,
        )
        self._operations = operations
        self._tokens = tokens
        self._strict = strict
        self._events = EventStream()
        self._streams = OpenStreams(streams)
        self._turns = turns or Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connect(WebSocket(scope, receive, send))
            return
        try:
            response = await self._respond(Call(scope, receive))
        except ClientDisconnect:
            return
        if not isinstance(response, StreamingResponse):
            await response(scope, receive, send)
            return
        async with aclosing(cast("AsyncGenerator[str, None]", response.body_iterator)):
            try:
                await response(scope, receive, hasty(send))
            except TimeoutError:
                request_id = response.headers["x-request-id"]
                _log.info("a client that did not read was dropped", request_id=request_id)

    async def _connect(self, websocket: WebSocket) -> None:
        try:
            call = Call(websocket.scope, websocket.receive)
            context = await self._identified(partial(self._context, call, _new_id()))
        except RequestRefused:
            await self.reject_websocket(websocket)
        else:
            await self.run(websocket, context)

    async def _respond(self, call: Call) -> ASGIApp:
        """The response to an HTTP request, whatever happens."""
        request_id = _new_id()
        form = Form.JSON
        try:
            form, takes_parts = negotiated(call.header(b"accept"))
            context = await self._identified(partial(self._context, call, request_id))
            self._operations.turn_away(client := self.client(call.scope, context.viewer))
            asked = await read_request(call, signed_in=context.viewer is not None)
            operation = self._operations.find(asked, context.viewer)
            asked.check_size(operation.root_fields)
            if form is Form.EVENT_STREAM:
                return self._stream(asked, operation, context, client)
            if operation.is_incremental and not takes_parts:
                operation = at_once(operation)
            return await self._in_turn(asked, operation, context, form, client)
        except (RequestRefused, GraphQLError) as refused:
            return self._refusal(refused, request_id, form)
        except ClientDisconnect:
            raise
        except Exception as fault:  # noqa: BLE001  whatever it is, the caller gets JSON and a request id
            error = GraphQLError("", original_error=fault)
            return self._refusal(error, request_id, form)

    async def _in_turn(
        self, asked: GraphQLRequest, operation: Operation, context: Context, form: Form, client: str
    ) -> ASGIApp:
        """The response to a query or mutation, once it is the client's turn."""
        if operation.kind is OperationType.SUBSCRIPTION:
            raise RequestRefused(Code.NOT_ACCEPTABLE, _NEEDS_STREAM)
        await self._turns.enter(client)
        try:
            return await self._answer(asked, operation, context, form, client)
        finally:
            self._turns.leave(client)

    async def _answer(
        self, asked: GraphQLRequest, operation: Operation, context: Context, form: Form, client: str
    ) -> ASGIApp:
        """What it answers: one body, or parts where `@defer` holds some back."""
        operation, charge = await self._operations.charge(operation, asked.variables, context, client)
        result = await self._operations.execute(operation, asked.variables, context)
        also = _deprecation_headers(operation) if operation.deprecations else {}
        if isinstance(result, ExperimentalIncrementalExecutionResults):
            answer = partial(self._operations.answer, operation=operation, charge=charge, context=context)
            frames = increments(result, answer, partial(formatted, request_id=context.request_id))
            stream, of_parts = in_parts(frames, self.encode_json_string)
            return _streamed(stream, context.request_id, also | of_parts)
        body = self._operations.answer(result, operation, charge, context)
        return self._reply(body, self._status(result, form), form, context.request_id, also)

    def _stream(self, asked: GraphQLRequest, operation: Operation, context: Context, client: str) -> ASGIApp:
        async def answers() -> AsyncGenerator[Answer, None]:
            try:
                async with aclosing(self.answers(asked, context, client, operation)) as found:
                    async for answer in found:
                        yield answer
            except (RequestRefused, GraphQLError) as refused:
                yield {"errors": self.errors(refused, context.request_id)}

        stream = self._events.text(answers(), self.encode_json_string)
        return _streamed(stream, context.request_id, dict(self._events.headers))

    async def answers(
        self, asked: GraphQLRequest, context: Context, client: str, operation: Operation | None = None
    ) -> AsyncGenerator[Answer, None]:
        """Every answer of an operation over a stream. Refusals are raised before the first.

        A token that ends, or is revoked, ends its streams: nothing more is told from then on.
        """
        operations, still_admitted = self._operations, context.still_admitted or (lambda: None)
        still_admitted()
        operation = operation or operations.find(asked, context.viewer)
        operation, charge = await operations.charge(at_once(operation), asked.variables, context, client)
        if operation.kind is not OperationType.SUBSCRIPTION:
            await self._turns.enter(client)
            try:
                result = await operations.execute(operation, asked.variables, context)
            finally:
                self._turns.leave(client)
            if isinstance(result, ExecutionResult):
                yield operations.answer(result, operation, charge, context)
            return
        with self._streams.one_of(client):
            async with aclosing(operations.events(operation, asked.variables, context)) as results:
                async for result in results:
                    still_admitted()
                    yield operations.answer(result, operation, charge, context)
                    charge = replace(charge, points=0)  # a stream is paid for once, with its first event

    def client(self, scope: Scope, viewer: Viewer | None) -> str:
        """Whose points an operation spends: the signed-in client's, or the address's."""
        if viewer is None:
            return f"{ADDRESS}{_address(scope) or 'unknown'}"
        return f"{viewer.partner_id or viewer.role} {viewer.environment.value} {viewer.subject}"

    def fresh(self, connected: Context) -> Context:
        """The context of one more operation on a connection."""
        return Context(
            sources=connected.sources,
            viewer=connected.viewer,
            now=datetime.now(UTC),
            request_id=_new_id(),
            address=connected.address,
            still_admitted=connected.still_admitted,
        )

    def errors(self, refused: RequestRefused | GraphQLError, request_id: str) -> list[dict[str, Any]]:
        """The errors of a refusal as they are sent."""
        return [formatted(error, request_id) for error in errors_of(refused)[:MOST_ERRORS]]

    async def viewer_by(self, payload: Mapping[str, Any], connected: Context) -> Viewer | None:
        """Who opened a WebSocket: the first message may carry the token, as browsers set no headers."""
        lowered = {str(name).lower(): value for name, value in payload.items()}
        sent = lowered.get("authorization")
        if not isinstance(sent, str):
            return connected.viewer
        viewer = await self._identified(partial(self._viewer, sent, datetime.now(UTC)))
        connected.still_admitted = partial(self._viewer_now, sent)
        return viewer

    async def _identified(self, identify: Callable[[], T]) -> T:
        """What identifying gives; where a token names a key not seen before, its issuer is asked in between.

        Raises RequestRefused.
        """
        try:
            return identify()
        except UnknownKey:
            await self._tokens.look_again()
        try:
            return identify()
        except UnknownKey as unknown:
            raise _unauthenticated(unknown) from None

    def _context(self, call: Call, request_id: str) -> Context:
        now = datetime.now(UTC)
        authorization = call.header(b"authorization")
        context = Context(
            call.scope["app"].state.sources,
            self._viewer(authorization, now),
            now,
            request_id,
            _address(call.scope),
        )
        context.still_admitted = partial(self._viewer_now, authorization)
        return context

    def _viewer(self, authorization: str, now: datetime) -> Viewer | None:
        """Who bears the token of a header. Raises RequestRefused, UnknownKey."""
        kind, _, token = authorization.partition(" ")
        if not authorization:
            return None
        if kind.lower() != "bearer":
            raise RequestRefused(Code.UNAUTHENTICATED, "Sign in with a bearer token.", headers=_CHALLENGE)
        try:
            return self._tokens.viewer(token.strip(), now)
        except InvalidToken as refused:
            raise _unauthenticated(refused) from None

    def _viewer_now(self, authorization: str) -> Viewer | None:
        """Who bears a token that was good a while ago. Raises RequestRefused where it no longer is."""
        try:
            return self._viewer(authorization, datetime.now(UTC))
        except UnknownKey as unknown:
            raise _unauthenticated(unknown) from None

    def _refusal(self, refused: RequestRefused | GraphQLError, request_id: str, form: Form) -> ASGIApp:
        errors = errors_of(refused)
        code = fault_of(errors[0]).code
        headers = refused.headers if isinstance(refused, RequestRefused) else {}
        if code is Code.UNAUTHENTICATED:
            headers = _CHALLENGE | headers
        body = {"errors": self.errors(refused, request_id)}
        form = Form.JSON if form is Form.EVENT_STREAM else form
        status = status_of(code, older=form is Form.JSON, strict=self._strict)
        return self._reply(body, status, form, request_id, headers)

    def _status(self, result: ExecutionResult, form: Form) -> int:
        if not result.errors:
            return 200
        if is_request_error(result):
            code = fault_of(result.errors[0], Code.BAD_USER_INPUT).code
            return status_of(code, older=form is Form.JSON, strict=self._strict)
        return 294 if self._strict and result.data is not None else 200

    def _reply(
        self, body: Answer, status: int, form: Form, request_id: str, headers: Mapping[str, str]
    ) -> ASGIApp:
        sent = [*_ALWAYS, (b"content-type", form.content_type), (b"x-request-id", request_id.encode())]
        if headers:
            sent += encoded(headers)
        return Reply(status, sent, self.encode_json(body))

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data, default=str)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)


def _address(scope: Scope) -> str | None:
    """Where a caller is, as far as the server or the proxy in front of it says."""
    client = scope.get("client")
    return client[0] if client else None


def _unauthenticated(refused: Exception) -> RequestRefused:
    return RequestRefused(Code.UNAUTHENTICATED, str(refused), headers=_WRONG_TOKEN)


def _new_id() -> str:
    return f"req_{getrandbits(128):032x}"  # not a secret, and read from the system it would be a call of it


_ALWAYS = encoded({"Vary": "Accept, Authorization", "Cache-Control": "no-store"})


def _streamed(stream: AsyncIterator[str], request_id: str, headers: Mapping[str, str]) -> ASGIApp:
    response = StreamingResponse(stream, headers={"X-Request-Id": request_id, **headers})
    response.raw_headers += _ALWAYS
    return response


def _deprecation_headers(operation: Operation) -> dict[str, str]:
    """`Deprecation`, and `Sunset` (RFC 8594) with the earliest removal, for an operation that uses such."""
    removals = [each.removal for each in operation.deprecations if each.removal]
    headers = {"Deprecation": "true"}
    if removals:
        earliest = datetime.combine(min(removals), datetime.min.time(), UTC)
        headers["Sunset"] = format_datetime(earliest, usegmt=True)
    return headers
