"""The GraphQL endpoint: who is asking, the operation, and an answer whose every error has a code."""

import uuid
from datetime import UTC, datetime
from typing import Any

import orjson
import strawberry
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse

from datasources.tokens import InvalidToken, Tokens
from edge.errors import formatted
from resolvers.context import Context


class GraphQLEdge(GraphQL[Context, None]):
    """Strawberry's view with our context, errors and JSON."""

    def __init__(self, schema: strawberry.Schema, tokens: Tokens) -> None:
        super().__init__(schema, graphql_ide=None, allow_queries_via_get=False, subscription_protocols=[])
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except InvalidToken as refused:
            error = {"message": str(refused), "extensions": {"code": "UNAUTHENTICATED", "retryable": False}}
            response = JSONResponse(
                {"errors": [error]},
                status_code=401,
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
            await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        now = datetime.now(UTC)
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        return Context(
            sources=request.app.state.sources,
            viewer=self._tokens.viewer(token, now) if kind.lower() == "bearer" else None,
            now=now,
            request_id=f"req_{uuid.uuid4().hex}",
        )

    async def process_result(self, request: Request, result: Any, **_: Any) -> GraphQLHTTPResponse:
        errors: list[GraphQLError] = result.errors or []
        request_id = f"req_{uuid.uuid4().hex}"
        answer: dict[str, Any] = {"data": result.data}
        if errors:
            answer["errors"] = [formatted(error, request_id) for error in errors]
        return answer  # type: ignore[return-value]  a TypedDict by shape

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data, default=str)
