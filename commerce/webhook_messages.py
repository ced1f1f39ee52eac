"""What is sent to a webhook: the body, and the headers of Standard Webhooks 1.0.0 that vouch for it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from commerce.access import Environment
from commerce.events import Event
from commerce.webhooks import TEST_TYPE, WebhookDelivery

SECRET_BYTES = 32
"""The standard asks for 24 to 64."""

_SECRET = "whsec_"  # noqa: S105  how every secret begins, and none itself


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """An event as a webhook tells it. `id` is the event's, in every try, at every endpoint of the partner.

    `previous_sequence` is that of the message before it at this endpoint, under its filter: a receiver that
    has not seen it has missed something. Both sequences are None for a test.
    """

    id: str
    type: str
    environment: Environment
    occurred_at: datetime
    subject_id: str
    sequence: int | None
    previous_sequence: int | None
    data: Mapping[str, Any]

    @classmethod
    def of(cls, event: Event, previous_sequence: int | None) -> Self:
        return cls(
            id=event.id,
            type=event.type,
            environment=event.environment,
            occurred_at=event.occurred_at,
            subject_id=event.subject_id,
            sequence=event.sequence,
            previous_sequence=previous_sequence,
            data=event.data,
        )

    @classmethod
    def test(cls, delivery: WebhookDelivery) -> Self:
        """What is sent to try an endpoint out."""
        return cls(
            id=delivery.event_id,
            type=TEST_TYPE,
            environment=delivery.environment,
            occurred_at=delivery.created_at,
            subject_id=delivery.endpoint_id,
            sequence=None,
            previous_sequence=None,
            data={"id": delivery.endpoint_id, "message": "This is a test. Answer with any 2xx status."},
        )

    def body(self) -> bytes:
        """JSON in UTF-8; `type`, `timestamp` and `data` as the standard names them."""
        return json.dumps(
            {
                "id": self.id,
                "type": self.type,
                "timestamp": self.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "environment": self.environment.value,
                "subjectId": self.subject_id,
                "sequence": self.sequence,
                "previousSequence": self.previous_sequence,
                "data": self.data,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()


def headers(message_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """The three headers of the standard, signed with each live secret, so that rotation loses nothing."""
    timestamp = int(at.timestamp())
    signatures = (signature(message_id, timestamp, body, secret) for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def signature(message_id: str, timestamp: int, body: bytes, secret: bytes) -> str:
    """`v1,` and the HMAC-SHA-256 over `id.timestamp.body`, in base64. `timestamp` is seconds since 1970."""
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    digest = hmac.new(secret, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def printed_secret(secret: bytes) -> str:
    """A secret as receivers keep it: `whsec_` and base64."""
    return _SECRET + base64.b64encode(secret).decode()
