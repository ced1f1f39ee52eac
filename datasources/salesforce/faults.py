"""What went wrong, by Salesforce's error codes: simple-salesforce's classes follow HTTP status and mislead.

A row lock is a 400 like a malformed request, a spent limit a 403 like a missing permission. Source: REST API
Developer Guide, "Status Codes and Error Responses".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from requests import ConnectionError as RequestsConnectionError
from requests import RequestException, Timeout
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceError

from datasources.errors import SourceUnavailable

SYSTEM = "salesforce"
SESSION_EXPIRED = "INVALID_SESSION_ID"
LIMIT_EXCEEDED = "REQUEST_LIMIT_EXCEEDED"
PARENT_MISSING = "PARENT_NOT_FOUND"

_PASSING = frozenset(
    {
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "API_CURRENTLY_DISABLED",
        "DUPLICATE_VALUE",  # another upsert of the same key came first: the next one updates
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "SERVER_UNAVAILABLE",
        "SERVICE_UNAVAILABLE",
        "UNABLE_TO_LOCK_ROW",
        "UNKNOWN_EXCEPTION",
        LIMIT_EXCEEDED,
        PARENT_MISSING,
        SESSION_EXPIRED,
    }
)
_TOO_MANY, _SERVER_ERRORS = 429, 500


@dataclass(frozen=True, slots=True)
class CallFault:
    """A failed call. `answered`: the org is there and has judged the call, so it counts as alive."""

    code: str
    retryable: bool
    answered: bool = False

    def as_unavailable(self) -> SourceUnavailable:
        return SourceUnavailable(SYSTEM, retryable=self.retryable, code=self.code)


def call_fault(error: Exception) -> CallFault:
    """Classify what a call through simple-salesforce raised."""
    match error:
        case SalesforceAuthenticationFailed():
            code = str(error.code or "LOGIN_FAILED")
            down = code.isdigit()  # no OAuth error but an HTTP status: the login server itself is in trouble
            return CallFault(f"HTTP_{code}" if down else code.upper(), retryable=down)
        case SalesforceError():
            return _refused(error)
        case Timeout():
            return CallFault("TIMEOUT", retryable=True)
        case RequestsConnectionError():
            return CallFault("CONNECTION", retryable=True)
        case RequestException() | ValueError() | KeyError() | TypeError():
            return CallFault("UNREADABLE_ANSWER", retryable=True)
    raise error


def is_passing(code: str) -> bool:
    """Tell whether a record refused with `code` is worth another try."""
    return code in _PASSING


def record_fault(error: Mapping[str, Any]) -> str:
    """Return the code of one record's error in a collection: `{statusCode, message, fields}`."""
    code = str(error.get("statusCode", "UNKNOWN_EXCEPTION"))
    if code == "INVALID_FIELD" and str(error.get("message", "")).startswith("Foreign key external ID"):
        return PARENT_MISSING
    return code


def _refused(error: SalesforceError) -> CallFault:
    code = error_code(error)
    if code is None:
        passing = error.status == _TOO_MANY or error.status >= _SERVER_ERRORS
        return CallFault(f"HTTP_{error.status}", retryable=passing)
    passing = is_passing(code) or error.status >= _SERVER_ERRORS or error.status == _TOO_MANY
    return CallFault(code, retryable=passing, answered=error.status < _SERVER_ERRORS)


def error_code(error: SalesforceError) -> str | None:
    """Return the errorCode of an answer in Salesforce's form, None for HTML and the like."""
    content: Any = error.content
    if isinstance(content, list) and content and isinstance(content[0], dict):
        return content[0].get("errorCode")
    return None
