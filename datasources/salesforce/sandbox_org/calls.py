"""What comes in, what goes out, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asyncpg import DeadlockDetectedError, LockNotAvailableError

LOCKED = (LockNotAvailableError, DeadlockDetectedError)


@dataclass(frozen=True, slots=True)
class Call:
    """One REST call below `/services/data/vNN.0/`; `path` holds its segments, decoded one by one."""

    method: str
    path: tuple[str, ...]
    version: str = "68.0"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A call, or one record of it, that the org will not do. `code` is Salesforce's own errorCode."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def as_answer(self) -> Answer:
        """The shape of REST errors: a list of `{message, errorCode, fields}`."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields or self.status == 400:  # noqa: PLR2004  Salesforce lists fields on bad requests
            error["fields"] = list(self.fields)
        return Answer(self.status, [error])

    def as_result(self) -> dict[str, Any]:
        """The shape of collection errors: `{success, errors: [{statusCode, message, fields}]}`."""
        error = {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}
        return {"success": False, "errors": [error]}


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    return Refusal(404, "NOT_FOUND", message)


def locked() -> Refusal:
    message = "unable to obtain exclusive access to this record or 1 records"
    return Refusal(400, "UNABLE_TO_LOCK_ROW", message)


def malformed(message: str) -> Refusal:
    return Refusal(400, "MALFORMED_QUERY", message)
