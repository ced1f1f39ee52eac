"""Errors as callers see them: a fixed list of codes, a request id, and nothing of what broke inside."""

from dataclasses import dataclass
from typing import Any

import structlog
from graphql import GraphQLError

from commerce.paging import InvalidPage
from datasources.errors import SourceUnavailable
from execution.executor import DeadlineError
from resolvers.context import InvalidArgument, Refused

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error is to a caller."""

    code: str
    message: str
    retryable: bool = False
    source: str | None = None


def formatted(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """An error as it is sent: client mistakes as they are, everything unknown masked and logged."""
    fault = fault_of(error)
    if fault.code == "INTERNAL_SERVER_ERROR":
        _log.error("unexpected error", request_id=request_id, path=error.path, exc_info=error.original_error)
    extensions: dict[str, Any] = {"code": fault.code, "retryable": fault.retryable, "requestId": request_id}
    if fault.source:
        extensions["source"] = fault.source
    shown: dict[str, Any] = {"message": fault.message}
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        shown["path"] = error.path
    return shown | {"extensions": extensions}


def fault_of(error: GraphQLError) -> Fault:
    """The code and words for an error."""
    match error.original_error:
        case None | GraphQLError():
            return Fault(error.extensions.get("code", "BAD_REQUEST"), error.message)
        case Refused() as refused:
            return Fault(refused.code, str(refused))
        case InvalidPage() as invalid:
            return Fault("INVALID_PAGINATION", f"{invalid.argument}: {invalid}")
        case InvalidArgument() as invalid:
            return Fault("INVALID_ARGUMENT", str(invalid))
        case SourceUnavailable() as unavailable:
            message = f"{unavailable.source} cannot be asked just now."
            return Fault("SOURCE_UNAVAILABLE", message, unavailable.retryable, unavailable.source)
        case DeadlineError() as late:
            return Fault("DEADLINE_EXCEEDED", str(late), retryable=True)
        case _:
            return Fault("INTERNAL_SERVER_ERROR", "Something went wrong here.", retryable=True)
