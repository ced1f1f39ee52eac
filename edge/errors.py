"""Errors as callers see them: one catalogue of codes, a request id, and nothing of what broke inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import structlog
from graphql import FieldNode, GraphQLError, GraphQLSyntaxError

from commerce.events import EventsExpired
from commerce.paging import InvalidPage
from datasources.errors import SourceUnavailable
from execution.executor import DeadlineError
from resolvers.context import InvalidArgument, Refused

_log = structlog.get_logger(__name__)

MOST_ERRORS = 5
"""Errors in one response; the rest are counted in `extensions.errorsOmitted`."""


class Code(StrEnum):
    """Every `extensions.code` there is. `docs/partners/graphql.md` explains each; a test holds it to this.

    Where GraphQL clients already know a code for something, it is that code.
    """

    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    INVALID_PAGINATION = "INVALID_PAGINATION"
    EVENTS_EXPIRED = "EVENTS_EXPIRED"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    DOCUMENT_TOO_COMPLEX = "DOCUMENT_TOO_COMPLEX"
    COST_LIMIT_EXCEEDED = "COST_LIMIT_EXCEEDED"
    THROTTLED = "THROTTLED"
    TOO_MANY_OPERATIONS = "TOO_MANY_OPERATIONS"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_ONLY = "PERSISTED_QUERY_ONLY"
    SOURCE_UNAVAILABLE = "SOURCE_UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


STATUSES: dict[Code, int] = {
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.PERSISTED_QUERY_ONLY: 403,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.NOT_ACCEPTABLE: 406,
    Code.BODY_TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.THROTTLED: 429,
    Code.TOO_MANY_OPERATIONS: 429,
    Code.INTERNAL_SERVER_ERROR: 500,
    Code.SOURCE_UNAVAILABLE: 503,
    Code.DEADLINE_EXCEEDED: 504,
}
"""The HTTP status of a request that failed as a whole, by its first error; 400 for every other code."""

UNPROCESSABLE = frozenset(
    {
        Code.GRAPHQL_VALIDATION_FAILED,
        Code.OPERATION_RESOLUTION_FAILURE,
        Code.BAD_USER_INPUT,
        Code.DOCUMENT_TOO_COMPLEX,
        Code.COST_LIMIT_EXCEEDED,
    }
)
"""What the draft of 2026 answers with 422, and everybody else, so far, with 400."""

WELL_FORMED = frozenset(
    {Code.GRAPHQL_PARSE_FAILED, Code.GRAPHQL_VALIDATION_FAILED, Code.BAD_USER_INPUT},
)
"""What older clients, who accept application/json alone, expect to be told with 200."""

RETRYABLE = frozenset(
    {
        Code.THROTTLED,
        Code.TOO_MANY_OPERATIONS,
        Code.SOURCE_UNAVAILABLE,
        Code.DEADLINE_EXCEEDED,
        Code.INTERNAL_SERVER_ERROR,
    }
)
"""What may succeed when it is sent again unchanged."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error is to a caller. `also` goes into its extensions."""

    code: Code
    message: str
    retryable: bool
    also: Mapping[str, Any] = field(default_factory=dict)


class RequestRefused(Exception):
    """The request is refused as a whole, before anything is executed."""

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        also: Mapping[str, Any] | None = None,
        errors: Sequence[GraphQLError] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.headers = dict(headers or {})
        self.also = dict(also or {})
        self.errors = list(errors) or [GraphQLError(message, original_error=self)]


def status_of(code: Code, *, older: bool = False, strict: bool = False) -> int:
    """The status of a request refused with a code, as GraphQL over HTTP has it.

    `older` is for callers who accept application/json alone; `strict` follows the draft of 2026, which has
    no exceptions for them.
    """
    if strict and code in UNPROCESSABLE:
        return 422
    if older and not strict and code in WELL_FORMED:
        return 200
    return STATUSES.get(code, 400)


def formatted(
    error: GraphQLError, request_id: str, default: Code = Code.GRAPHQL_VALIDATION_FAILED
) -> dict[str, Any]:
    """An error as it is sent: client mistakes as they are, everything unknown masked and logged.

    `default` is the code of errors that graphql-core raised itself before execution.
    """
    fault = fault_of(error, default)
    if fault.code is Code.INTERNAL_SERVER_ERROR:
        cause = error.original_error or error
        _log.error("unexpected error", request_id=request_id, path=error.path, exc_info=cause)
    shown: dict[str, Any] = {"message": fault.message}
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        shown["path"] = error.path
    told = {"code": fault.code.value, "requestId": request_id, "retryable": fault.retryable}
    return shown | {"extensions": {**told, **fault.also}}


def fault_of(  # noqa: PLR0911  a table, one line a kind of error
    error: GraphQLError, default: Code = Code.GRAPHQL_VALIDATION_FAILED
) -> Fault:
    """The code and words for an error."""
    match error.original_error:
        case None | GraphQLError():
            return _of_the_engine(error, default)
        case RequestRefused() as refused:
            return _fault(refused.code, str(refused), **refused.also)
        case Refused() as refused:
            return _fault(Code(refused.code), str(refused))
        case InvalidPage() as invalid:
            return _fault(Code.INVALID_PAGINATION, f"{invalid.argument}: {invalid}")
        case InvalidArgument() as invalid:
            return _fault(Code.INVALID_ARGUMENT, str(invalid))
        case EventsExpired() as expired:
            return _fault(Code.EVENTS_EXPIRED, str(expired), oldestSequence=expired.oldest)
        case SourceUnavailable() as unavailable:
            message = f"{unavailable.source} cannot be asked just now."
            also = {"source": unavailable.source}
            return Fault(Code.SOURCE_UNAVAILABLE, message, unavailable.retryable, also)
        case DeadlineError() as late:
            return _fault(Code.DEADLINE_EXCEEDED, str(late))
        case ValueError() if error.path is None and error.nodes:  # a scalar that could not read a literal
            return _fault(default, error.message)
        case _:
            return _masked()


def _of_the_engine(error: GraphQLError, default: Code) -> Fault:
    """An error that graphql-core raised: about the request, unless it is about a value of ours."""
    if isinstance(error, GraphQLSyntaxError):
        return _fault(Code.GRAPHQL_PARSE_FAILED, error.message)
    if error.path is None:
        return _fault(default, error.message)
    if _names_an_argument(error):
        return _fault(Code.BAD_USER_INPUT, error.message)
    return _masked()


def _names_an_argument(error: GraphQLError) -> bool:
    """Whether an error of a field is about what it was given: then its node is no field, or it says so."""
    nodes = error.nodes or []
    return any(not isinstance(node, FieldNode) for node in nodes) or error.message.startswith("Argument ")


def _fault(code: Code, message: str, **also: Any) -> Fault:
    return Fault(code, message, code in RETRYABLE, also)


def _masked() -> Fault:
    return _fault(Code.INTERNAL_SERVER_ERROR, "Something went wrong here.")
