"""What a caller sent, read from HTTP: checked for form, not yet for sense."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from edge.calls import Call, TooLong
from edge.errors import Code, RequestRefused

MOST_BODY_BYTES = 256 * 1024
MOST_LARGE_BODY_BYTES = 2 * 1024 * 1024
"""For those who are signed in and ask for what takes lists of thousands."""
TAKES_LARGE_BODIES = frozenset({"reconcile"})
MOST_ID_CHARACTERS = 128
NO_NUL = "U+0000 stands for no character: no text may contain it."


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """An operation to run: the text of a document, or the id of a persisted one, or both."""

    query: str | None
    document_id: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    by_get: bool = False
    size: int = 0
    """Bytes of its body."""

    def check_size(self, fields: Iterable[str]) -> None:
        """Raise RequestRefused where the body is larger than the operation's root fields may take."""
        if self.size > MOST_BODY_BYTES and not set(fields) <= TAKES_LARGE_BODIES:
            raise _too_large(MOST_BODY_BYTES)


async def read_request(call: Call, *, signed_in: bool = False) -> GraphQLRequest:
    """The GraphQL request in an HTTP request. Raises RequestRefused.

    Of who is signed in, a large body is read, and its size is still to be checked against its operation.
    """
    method = call.scope["method"]
    if method == "GET":
        return _from_query(call.parameters)
    if method != "POST":
        raise RequestRefused(
            Code.METHOD_NOT_ALLOWED,
            "Send POST, or GET for a persisted query.",
            headers={"Allow": "GET, POST"},
        )
    if not _is_json(call.header(b"content-type")):
        raise RequestRefused(Code.UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json in UTF-8.")
    most = MOST_LARGE_BODY_BYTES if signed_in else MOST_BODY_BYTES
    try:
        body = await call.body(most)
    except TooLong:
        raise _too_large(most) from None
    return from_mapping(_object(body, "The body"), size=len(body))


def _too_large(most: int) -> RequestRefused:
    message = f"A body has at most {most:,} bytes."
    return RequestRefused(Code.BODY_TOO_LARGE, message, headers={"Connection": "close"})


def from_mapping(sent: Mapping[str, Any], *, by_get: bool = False, size: int = 0) -> GraphQLRequest:
    """A request from its parts as JSON. Parts that nobody knows are ignored. Raises RequestRefused."""
    query = _part(sent, "query", str)
    extensions: dict[str, Any] = _part(sent, "extensions", dict) or {}
    document_id = _part(sent, "documentId", str) or _automatic_id(extensions)
    if document_id is not None and len(document_id) > MOST_ID_CHARACTERS:
        raise RequestRefused(Code.BAD_REQUEST, f"documentId has at most {MOST_ID_CHARACTERS} characters.")
    if not query and not document_id:
        raise RequestRefused(Code.BAD_REQUEST, "Send the text of a document as query, or its documentId.")
    name: str | None = _part(sent, "operationName", str)
    variables = _part(sent, "variables", dict) or {}
    if _has_nul([query, document_id, name, variables]):
        raise RequestRefused(Code.BAD_REQUEST, NO_NUL)
    return GraphQLRequest(query or None, document_id, name, variables, by_get, size)


def _from_query(parameters: Mapping[str, str]) -> GraphQLRequest:
    sent: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if text := sent.pop(name, None):
            sent[name] = _object(text.encode(errors="replace"), name)
    return from_mapping(sent, by_get=True)


def _object(text: bytes, name: str) -> dict[str, Any]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise RequestRefused(Code.BAD_REQUEST, f"{name} is not JSON in UTF-8: {fault.msg}.") from None
    if isinstance(value, list):
        raise RequestRefused(Code.BAD_REQUEST, f"{name} must be one JSON object: send no batches.")
    if not isinstance(value, dict):
        raise RequestRefused(Code.BAD_REQUEST, f"{name} must be a JSON object.")
    return value


def _part(sent: Mapping[str, Any], name: str, kind: type[str] | type[dict[str, Any]]) -> Any:
    value = sent.get(name)
    if value is not None and not isinstance(value, kind):
        wanted = "a string" if kind is str else "an object"
        raise RequestRefused(Code.BAD_REQUEST, f"{name} must be {wanted} or null.")
    return value


def _has_nul(value: Any) -> bool:
    """Whether a text anywhere in a JSON value has the one character that PostgreSQL cannot keep."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if "\0" in text:
                return True
            case dict() as members:
                waiting.extend(members)
                waiting.extend(members.values())
            case list() as members:
                waiting.extend(members)
            case _:
                pass
    return False


def _automatic_id(extensions: Mapping[str, Any]) -> str | None:
    """The hash that Apollo's automatic persisted queries send."""
    persisted = extensions.get("persistedQuery")
    digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if digest is not None and not isinstance(digest, str):
        raise RequestRefused(Code.BAD_REQUEST, "extensions.persistedQuery.sha256Hash must be a string.")
    return digest


@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    """Whether a body is said to be JSON in the one encoding that JSON has."""
    media_type, _, parameters = content_type.partition(";")
    name, _, value = parameters.strip().partition("=")
    utf8 = name.strip().lower() != "charset" or value.strip().strip('"').lower() in {"utf-8", "utf8"}
    return utf8 and media_type.strip().lower() == "application/json"
