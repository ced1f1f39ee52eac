"""graphql-transport-ws: Strawberry's protocol, our operations, and limits on what a connection may hold."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any, cast

import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message

from edge import streams
from edge.errors import Code, RequestRefused
from edge.requests import MOST_BODY_BYTES, from_mapping
from resolvers.context import Context

MOST_OPERATIONS = 20
"""Operations that one connection may have running."""
TOO_SLOW = 4290
"""Closes the connection of a client that does not read what it is sent."""
INIT_TIMEOUT = timedelta(seconds=10)

_log = structlog.get_logger(__name__)


class WebSocketAdapter(ASGIWebSocketAdapter):
    """Messages as text, no longer than a body may be."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        while True:
            try:
                text = await self.ws.receive_text()
            except (WebSocketDisconnect, RuntimeError):
                return
            except KeyError as fault:
                raise NonTextMessageReceived from fault
            if len(text) > MOST_BODY_BYTES:
                await self.close(1009, f"A message has at most {MOST_BODY_BYTES:,} bytes")
                return
            try:
                yield self.view.decode_json(text)
            except ValueError as fault:
                if not ignore_parsing_errors:
                    raise NonJsonMessageReceived from fault

    async def send_json(self, message: Mapping[str, object]) -> None:
        try:
            await self.ws.send_text(self.view.encode_json_string(message))
        except (WebSocketDisconnect, RuntimeError) as fault:
            raise WebSocketDisconnected from fault


class TransportHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """One connection. A request that is refused ends its own operation, never the connection."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._payloads: dict[str, dict[str, Any]] = {}

    async def handle_connection_init(self, message: Any) -> None:
        payload = message.get("payload") or {}
        if isinstance(payload, dict) and not self.connection_init_received:
            try:
                self.context.viewer = await self.view.viewer_by(payload, self.context)  # type: ignore[attr-defined]
            except RequestRefused:
                await self.websocket.close(code=4403, reason="Forbidden")
                return
        message["payload"] = payload
        await super().handle_connection_init(message)

    async def handle_message(self, message: Any) -> None:
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            await self.handle_invalid_message("A message is an object with a type")
        elif message["type"] in {"subscribe", "complete"} and not isinstance(message.get("id"), str):
            await self.handle_invalid_message("A message has an id that is a string")
        else:
            await super().handle_message(cast("Message", message))

    async def handle_subscribe(self, message: Any) -> None:
        payload = message.get("payload")
        if not isinstance(payload, dict):
            await self.handle_invalid_message("Failed to parse message")
            return
        self._payloads[message["id"]] = payload
        if self.connection_acknowledged and self._is_full(message["id"]):
            refusal = RequestRefused(
                Code.TOO_MANY_OPERATIONS, f"A connection runs at most {MOST_OPERATIONS} operations at once."
            )
            await self._send_errors(message["id"], refusal)
            return
        message["payload"] = {"query": "", **payload}
        await super().handle_subscribe(message)

    def _is_full(self, operation_id: str) -> bool:
        return operation_id not in self.operations and len(self.operations) >= MOST_OPERATIONS

    async def run_operation(self, operation: Operation[Context, None]) -> None:
        payload = self._payloads.pop(operation.id, {})
        context: Context = self.view.fresh(self.context)  # type: ignore[attr-defined]
        try:
            answers = self.view.answers(from_mapping(payload), context, self.client)  # type: ignore[attr-defined]
            async with aclosing(answers):
                async for answer in answers:
                    async with asyncio.timeout(streams.SLOWEST):
                        await operation.send_operation_message(
                            {"id": operation.id, "type": "next", "payload": answer}
                        )
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
        except (RequestRefused, GraphQLError) as refused:
            if operation.id in self.operations:
                operation.completed = True
                self.forget_id(operation.id)
                await self._send_errors(operation.id, refused, context.request_id)
        except WebSocketDisconnected:
            self.operations.pop(operation.id, None)
        except TimeoutError:
            _log.info("a client that did not read was dropped", request_id=context.request_id)
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.websocket.close(code=TOO_SLOW, reason="Too slow: go on behind your last event")
        except Exception:  # noqa: BLE001  one operation's fault must not end the others
            _log.exception("websocket operation failed", request_id=context.request_id)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})

    async def _send_errors(
        self, operation_id: str, refused: RequestRefused | GraphQLError, request_id: str | None = None
    ) -> None:
        errors = self.view.errors(refused, request_id or self.context.request_id)  # type: ignore[attr-defined]
        await self.websocket.send_json({"id": operation_id, "type": "error", "payload": errors})

    @property
    def client(self) -> str:
        return str(self.view.client(self.websocket.ws.scope, self.context.viewer))  # type: ignore[attr-defined]
