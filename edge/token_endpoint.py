"""`/oauth/token` over HTTP, and what it publishes of itself (RFC 6749, 7517, 8414, 9728)."""

import binascii
import math
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from commerce.access import Permission
from commerce.oauth import (
    ACCESS_TOKEN_SECONDS,
    GRANT_TYPE,
    OAuthError,
    OAuthErrorCode,
    TokenRequest,
    joined,
    token_request,
)
from datasources.errors import SourceUnavailable
from datasources.tokens import Tokens
from resolvers.issue_token import IssuedToken, issue_token

MOST_BODY_BYTES = 16 * 1024
MOST_FIELDS = 20

_CHALLENGE = 'Basic realm="portico", charset="UTF-8"'
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_STATUSES = {OAuthErrorCode.INVALID_CLIENT: 401, OAuthErrorCode.SLOW_DOWN: 429}
_log = structlog.get_logger(__name__)


class TokenEndpoint:
    """The endpoint and its metadata, for one set of tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    @property
    def routes(self) -> list[Route]:
        known = "/.well-known"
        return [
            Route("/oauth/token", self._token, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
            Route(f"{known}/jwks.json", self._key_set, methods=["GET"]),
            Route(f"{known}/oauth-authorization-server", self._server, methods=["GET"]),
            Route(f"{known}/oauth-protected-resource/graphql", self._resource, methods=["GET"]),
        ]

    async def _token(self, request: Request) -> Response:
        """A token, or a refusal as RFC 6749 has it, whatever happens."""
        try:
            asked = await _read(request)
            address = request.client.host if request.client else "unknown"
            sources = request.app.state.sources
            issued = await issue_token(sources, self._tokens, asked, address=address, now=datetime.now(UTC))
            return _issued(issued)
        except OAuthError as refused:
            return _refusal(refused)
        except ClientDisconnect:
            raise
        except SourceUnavailable:
            body = {"error": "temporarily_unavailable", "error_description": "Try again in a moment."}
            return _json(body, 503, {"Retry-After": "1"})
        except Exception:  # noqa: BLE001  whatever it is, the caller gets JSON
            _log.exception("token request failed")
            return _json({"error": "server_error", "error_description": "Something went wrong here."}, 500)

    async def _key_set(self, _request: Request) -> Response:
        return _json(self._tokens.public_key_set(), headers={"Cache-Control": "public, max-age=300"})

    async def _server(self, _request: Request) -> Response:
        issuer = self._tokens.issuer
        algorithms = ["EdDSA", "Ed25519", "ES256", "PS256", "RS256"]
        described = {
            "issuer": issuer,
            "token_endpoint": f"{issuer}/oauth/token",
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "grant_types_supported": [GRANT_TYPE],
            "response_types_supported": [],
            "scopes_supported": sorted(Permission),
            "token_endpoint_auth_methods_supported": [
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt",
            ],
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
        }
        return _json(described, headers={"Cache-Control": "public, max-age=3600"})

    async def _resource(self, _request: Request) -> Response:
        described = {
            "resource": self._tokens.audience,
            "authorization_servers": [self._tokens.issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": sorted(Permission),
        }
        return _json(described, headers={"Cache-Control": "public, max-age=3600"})


async def _read(request: Request) -> TokenRequest:
    """What is asked for. Raises OAuthError."""
    if request.method != "POST":
        raise _MethodNotAllowed
    if request.url.query:
        raise _invalid("Send everything in the body: addresses end up in logs.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise _invalid("Send the body as application/x-www-form-urlencoded.")
    return token_request(_form(await _body(request)), _basic(request.headers.getlist("authorization")))


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise _invalid(f"A body has at most {MOST_BODY_BYTES:,} bytes.")
    return bytes(body)


def _form(body: bytes) -> dict[str, str]:
    """The fields of a form, each of them once. Raises OAuthError."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(
            text,
            keep_blank_values=True,
            strict_parsing=bool(text),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise _invalid("The body is not a form in UTF-8.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _invalid("A parameter is repeated.")
    if any("\0" in part for pair in pairs for part in pair):
        raise _invalid("U+0000 stands for no character.")
    return fields


def _basic(headers: list[str]) -> tuple[str, str] | None:
    """Client id and secret in an Authorization header, which are encoded as in forms (RFC 6749, 2.3.1)."""
    if not headers:
        return None
    kind, _, encoded = headers[0].partition(" ")
    if len(headers) > 1 or kind.lower() != "basic":
        raise OAuthError(OAuthErrorCode.INVALID_CLIENT, "The Authorization header must be Basic.")
    try:
        named, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
        client_id, secret = unquote_plus(named, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise OAuthError(OAuthErrorCode.INVALID_CLIENT, "The Authorization header is not Basic.") from None
    if not colon or "\0" in client_id + secret:
        raise OAuthError(OAuthErrorCode.INVALID_CLIENT, "The Authorization header is not Basic.")
    return client_id, secret


def _issued(issued: IssuedToken) -> Response:
    body = {
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
        "scope": joined(issued.permissions),
    }
    return _json(body)


class _MethodNotAllowed(OAuthError):
    def __init__(self) -> None:
        super().__init__(OAuthErrorCode.INVALID_REQUEST, "Ask for a token by POST.")


def _refusal(refused: OAuthError) -> Response:
    body = {"error": refused.code.value, "error_description": str(refused)}
    if isinstance(refused, _MethodNotAllowed):
        return _json(body, 405, {"Allow": "POST"})
    headers = {"WWW-Authenticate": _CHALLENGE} if refused.code is OAuthErrorCode.INVALID_CLIENT else {}
    if refused.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(refused.retry_after))
    return _json(body, _STATUSES.get(refused.code, 400), headers)


def _json(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    kept = {**_NEVER_KEPT, **(headers or {})}
    if "Cache-Control" in (headers or {}):
        kept.pop("Pragma")
    return Response(orjson.dumps(body), status, kept, media_type="application/json")


def _invalid(message: str) -> OAuthError:
    return OAuthError(OAuthErrorCode.INVALID_REQUEST, message)
