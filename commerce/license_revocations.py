"""The revocation list: which licence files no longer count though their term goes on.

A JSON object `{"enc", "sig", "alg", "kid"}` like that of a licence file, bare, with a signature over
`"license-revocations/" + enc`, so that neither can be taken for the other. Who uses a list must have a fresh
one: after seven days it proves nothing, and no licence counts by it.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from commerce.license_files import ALGORITHM, CLOCK_SKEW, VerdictCode
from commerce.licenses import Withdrawal

FORMAT = 1
LIFETIME = timedelta(days=7)
LONGEST_GRACE = timedelta(days=90)
"""No licence has more grace days: so long after its term one must stay on the list."""
LONGEST_LIST = 64 * 1024 * 1024

_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A licence whose file no longer counts, why, and since when."""

    license_id: str
    reason: Withdrawal
    since: datetime


class InvalidListError(Exception):
    """The list cannot be used. `code` says whether it is no good or too old."""

    def __init__(self, code: VerdictCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class SignedList:
    """An opened, not yet trusted list."""

    enc: str
    signature: bytes
    key_id: str


def payload(revocations: Sequence[Revocation], now: datetime) -> str:
    """The `enc` of a list issued now."""
    issued = now.astimezone(UTC).replace(microsecond=0)
    document = {
        "format": FORMAT,
        "issuedAt": issued.strftime(_INSTANT),
        "expiresAt": (issued + LIFETIME).strftime(_INSTANT),
        "revoked": [
            {"jti": one.license_id, "reason": one.reason.value, "since": one.since.strftime(_INSTANT)}
            for one in revocations
        ],
    }
    return b64encode(json.dumps(document, separators=(",", ":")).encode()).decode("ascii")


def signing_input(enc: str) -> bytes:
    """What is signed."""
    return b"license-revocations/" + enc.encode("ascii")


def wrapped(enc: str, signature: bytes, key_id: str) -> dict[str, str]:
    """The list as it is published."""
    return {"enc": enc, "sig": b64encode(signature).decode("ascii"), "alg": ALGORITHM, "kid": key_id}


def opened(document: Any) -> SignedList:
    """Open a list without trusting it. Raises InvalidListError."""
    try:
        signature = b64decode(document["sig"], validate=True)
        enc, key_id, algorithm = document["enc"], document["kid"], document["alg"]
        enc.encode("ascii")
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise _invalid("The revocation list cannot be read.") from fault
    if algorithm != ALGORITHM:
        raise _invalid(f"The revocation list's algorithm is not {ALGORITHM}.")
    return SignedList(enc, signature, key_id)


def listed(enc: str, now: datetime) -> Mapping[str, str]:
    """The licences on a list whose signature was verified, each with its reason, which may be one that is
    not known here. Raises InvalidListError.
    """
    try:
        document = json.loads(b64decode(enc, validate=True))
        issued, expires = (_moment(document[name]) for name in ("issuedAt", "expiresAt"))
        found = {one["jti"]: str(one["reason"]) for one in document["revoked"]}
    except (KeyError, TypeError, ValueError) as fault:
        raise _invalid("The revocation list is signed but cannot be read.") from fault
    if document["format"] != FORMAT or issued > now + CLOCK_SKEW:
        raise _invalid("The revocation list is of another format, or of the future.")
    if now >= expires:
        raise InvalidListError(
            VerdictCode.REVOCATIONS_EXPIRED,
            f"The revocation list expired at {expires:{_INSTANT}}; fetch it again.",
        )
    return found


def _invalid(message: str) -> InvalidListError:
    return InvalidListError(VerdictCode.REVOCATIONS_INVALID, message)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
