"""The offline licence file: what is signed, how it is wrapped, and how it is read back.

The file is the base64 of `{"enc", "sig", "alg", "kid"}` between two marker lines. `enc` is the base64 of the
payload, `sig` the base64 of an Ed25519 signature over `"license/" + enc`. There is one algorithm; the name in
`alg` is checked, never obeyed. A file has exactly one spelling: whoever reads it writes it again and
compares, so that no byte can change unnoticed, signed or not. The shape is that of Keygen's licence files;
the order is theirs too: verify first, parse the payload afterwards.

Signing and verifying need cryptography and live in `datasources.license_keys`.
"""

import binascii
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from commerce.licenses import License, Licensee

FORMAT = 1
ALGORITHM = "base64+ed25519"
BEGIN = "-----BEGIN LICENSE FILE-----"
END = "-----END LICENSE FILE-----"
LINE_LENGTH = 64
LONGEST_FILE = 64 * 1024
SIGNATURE_BYTES = 64
CLOCK_SKEW = timedelta(minutes=5)

_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WRAPPER_FIELDS = ["enc", "sig", "alg", "kid"]
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


class VerdictCode(StrEnum):
    VALID = "VALID"
    IN_GRACE = "IN_GRACE"
    NOT_STARTED = "NOT_STARTED"
    EXPIRED = "EXPIRED"
    ISSUED_IN_FUTURE = "ISSUED_IN_FUTURE"
    WRONG_ENVIRONMENT = "WRONG_ENVIRONMENT"
    MALFORMED = "MALFORMED"
    UNKNOWN_KEY = "UNKNOWN_KEY"
    KEY_REVOKED = "KEY_REVOKED"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    REVOKED = "REVOKED"
    REVOCATIONS_EXPIRED = "REVOCATIONS_EXPIRED"
    REVOCATIONS_INVALID = "REVOCATIONS_INVALID"
    WRONG_INSTANCE = "WRONG_INSTANCE"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "may this licence be used now?": yes or no, a stable code, a sentence for a person."""

    valid: bool
    code: VerdictCode
    sentence: str
    payload: "Payload | None" = None


class MalformedFileError(ValueError):
    """The text is not a licence file in its one spelling; the message says where it departs from it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """An opened, not yet trusted file: `enc` as signed, the raw signature, and the key it names."""

    enc: str
    signature: bytes
    key_id: str


@dataclass(frozen=True, slots=True)
class Payload:
    """What a licence says, read from a verified file."""

    jti: str
    kid: str
    format: int
    issued_at: datetime
    starts_on: date
    expires_on: date
    grace_days: int
    licensee: Licensee
    partner_id: str
    order_id: str
    subscription_id: str
    product: str
    plan: str
    seats: int
    features: tuple[str, ...]
    environment: str
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """An installation that a file is made for: nobody else may use it."""

    instance: str
    seats: int
    issued_at: datetime


def payload(license_: License, key_id: str, bound: Bound | None = None) -> bytes:
    """The canonical JSON of a licence: UTF-8, fields in this order, no spaces, whole seconds in UTC.

    A file that is bound to an installation says when that was, how many seats it has, and its name, last.
    """
    issued_at, seats = (bound.issued_at, bound.seats) if bound else (license_.issued_at, license_.seats)
    document = {
        "jti": license_.id,
        "kid": key_id,
        "format": FORMAT,
        "issuedAt": f"{issued_at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z",
        "startsOn": license_.starts_on.isoformat(),
        "expiresOn": license_.expires_on.isoformat(),
        "graceDays": license_.grace_days,
        "licensee": {
            "name": license_.licensee.name,
            "company": license_.licensee.company,
            "email": license_.licensee.email,
        },
        "partnerId": license_.partner_id,
        "orderId": license_.order_id,
        "subscriptionId": license_.subscription_id,
        "product": license_.product,
        "plan": license_.plan,
        "seats": seats,
        "features": list(license_.features),
        "environment": license_.environment.lower(),
    }
    if bound:
        document["instance"] = bound.instance
    return _compact(document).encode()


def encoded(payload_: bytes) -> str:
    """The `enc` of a payload: standard base64 with padding."""
    return b64encode(payload_).decode("ascii")


def signing_input(enc: str) -> bytes:
    """What is signed. The prefix keeps a licence signature from meaning anything in another protocol."""
    return b"license/" + enc.encode("ascii")


def armour(enc: str, signature: bytes, key_id: str) -> str:
    """The file's text: marker lines, 64 characters a line, one newline at the end."""
    wrapper = {"enc": enc, "sig": b64encode(signature).decode("ascii"), "alg": ALGORITHM, "kid": key_id}
    body = b64encode(_compact(wrapper).encode("ascii")).decode("ascii")
    lines = [body[start : start + LINE_LENGTH] for start in range(0, len(body), LINE_LENGTH)]
    return "\n".join([BEGIN, *lines, END, ""])


def parse(text: str) -> Parts:
    """Open a file without trusting it. Raises MalformedFileError unless it is in its one spelling."""
    if len(text) > LONGEST_FILE:
        raise MalformedFileError(f"The file is longer than {LONGEST_FILE} characters.")
    wrapper = _wrapper(_body(text))
    key_id, enc = wrapper["kid"], wrapper["enc"]
    if wrapper["alg"] != ALGORITHM:
        raise MalformedFileError(f"The file's algorithm is not {ALGORITHM}.")
    if not _KEY_ID.fullmatch(key_id):
        raise MalformedFileError("The file's key id has characters a key id cannot have.")
    signature = _strictly_decoded(wrapper["sig"], "signature")
    if len(signature) != SIGNATURE_BYTES:
        raise MalformedFileError(f"The signature is not {SIGNATURE_BYTES} bytes long.")
    _strictly_decoded(enc, "payload")
    if armour(enc, signature, key_id) != text:
        raise MalformedFileError("The file is not spelled as it was issued; it was edited or re-wrapped.")
    return Parts(enc=enc, signature=signature, key_id=key_id)


def read_payload(enc: str) -> Payload:
    """The payload of a file whose signature has been verified. Raises MalformedFileError."""
    try:
        document = json.loads(b64decode(enc, validate=True), object_pairs_hook=_without_duplicates)
        return _payload_of(document)
    except (KeyError, TypeError, ValueError) as fault:
        raise MalformedFileError(f"The payload is signed but cannot be read: {fault!r}.") from fault


def verdict(
    payload_: Payload, *, now: datetime, environment: str = "production", instance: str | None = None
) -> Verdict:
    """Judge a verified payload at an instant, for the installation of that name.

    The term is half-open in UTC: it begins with the first second of `startsOn` and has ended with the first
    second of `expiresOn`; `graceDays` more days are valid with code IN_GRACE.
    """
    code, sentence = _judged(payload_, now.astimezone(UTC), environment.lower(), instance)
    return Verdict(code in {VerdictCode.VALID, VerdictCode.IN_GRACE}, code, sentence, payload_)


def _judged(
    payload_: Payload, now: datetime, environment: str, instance: str | None
) -> tuple[VerdictCode, str]:
    if payload_.environment != environment:
        return VerdictCode.WRONG_ENVIRONMENT, (
            f"This is a {payload_.environment} licence; it never counts in {environment}."
        )
    if payload_.instance not in {None, instance}:
        return VerdictCode.WRONG_INSTANCE, f"It is bound to the installation {payload_.instance}."
    if payload_.issued_at > now + CLOCK_SKEW:
        return VerdictCode.ISSUED_IN_FUTURE, (
            f"It was issued at {payload_.issued_at:{_INSTANT}}, which this machine's clock has not reached."
        )
    return _on_day(payload_, now.date())


def _on_day(payload_: Payload, today: date) -> tuple[VerdictCode, str]:
    last_day = payload_.expires_on + timedelta(days=payload_.grace_days)
    if today < payload_.starts_on:
        return VerdictCode.NOT_STARTED, f"It begins on {payload_.starts_on}."
    if today < payload_.expires_on:
        return VerdictCode.VALID, f"{_holding(payload_)} until {payload_.expires_on}."
    if today < last_day:
        return VerdictCode.IN_GRACE, f"It expired on {payload_.expires_on}; its grace days end on {last_day}."
    return VerdictCode.EXPIRED, f"It expired on {payload_.expires_on}."


def _holding(payload_: Payload) -> str:
    seats = "1 seat" if payload_.seats == 1 else f"{payload_.seats:,} seats"
    return f"{payload_.licensee.company} holds {seats} of {payload_.product} {payload_.plan}"


def _body(text: str) -> str:
    if "\r" in text:
        raise MalformedFileError("The line ends were changed to CRLF; save the file with LF line ends.")
    lines = text.split("\n")
    if lines[0] != BEGIN:
        raise MalformedFileError(f"The first line is not {BEGIN}")
    if lines[-2:] != [END, ""]:
        raise MalformedFileError(f"The last line is not {END} and a newline")
    return "".join(lines[1:-2])


def _wrapper(body: str) -> Mapping[str, str]:
    try:
        wrapper = json.loads(_strictly_decoded(body, "body"))
    except (ValueError, RecursionError) as fault:
        raise MalformedFileError(f"The text between the markers cannot be read: {fault}") from fault
    if not isinstance(wrapper, dict) or list(wrapper) != _WRAPPER_FIELDS:
        raise MalformedFileError("The file does not hold exactly enc, sig, alg and kid.")
    if not all(isinstance(value, str) for value in wrapper.values()):
        raise MalformedFileError("One of enc, sig, alg and kid is not a string.")
    return wrapper


def _strictly_decoded(text: str, what: str) -> bytes:
    """Base64 in its one form: no foreign characters, full padding, no stray bits in the last character."""
    try:
        raw = b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as fault:
        raise MalformedFileError(f"The {what} is not base64.") from fault
    if b64encode(raw).decode("ascii") != text:
        raise MalformedFileError(f"The {what} is not canonical base64.")
    return raw


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a field is given twice")
    return document


def _payload_of(document: Mapping[str, Any]) -> Payload:
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']!r} is not {FORMAT}")
    return Payload(
        jti=document["jti"],
        kid=document["kid"],
        format=document["format"],
        issued_at=datetime.strptime(document["issuedAt"], _INSTANT).replace(tzinfo=UTC),
        starts_on=date.fromisoformat(document["startsOn"]),
        expires_on=date.fromisoformat(document["expiresOn"]),
        grace_days=int(document["graceDays"]),
        licensee=Licensee(**document["licensee"]),
        partner_id=document["partnerId"],
        order_id=document["orderId"],
        subscription_id=document["subscriptionId"],
        product=document["product"],
        plan=document["plan"],
        seats=int(document["seats"]),
        features=tuple(document["features"]),
        environment=document["environment"],
        instance=document.get("instance"),
    )


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
