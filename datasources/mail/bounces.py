"""Bounces that come back later: delivery status notifications (RFC 3464), read for what they are about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Any

_DELIVERY = re.compile(r"\bdlv_[0-9a-f]{32}\b")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_LONGEST = 1024 * 1024
_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Original-Recipient")
_REFERRING = ("Message-ID", "In-Reply-To", "References", "Return-Path")


@dataclass(frozen=True, slots=True)
class Bounce:
    """A delivery that failed for good, and the status that says why."""

    delivery_id: str
    code: str


def bounce_in(raw: bytes) -> Bounce | None:
    """The bounce that a message reports; None where it reports none, or a delay only."""
    message = message_from_bytes(raw[:_LONGEST], policy=compat32)
    parts = list(message.walk())
    code = next((code for part in parts for code in _failures(part)), None)
    delivery_id = next((found for part in parts for found in _deliveries(part)), None)
    return Bounce(delivery_id, code) if code and delivery_id else None


def _failures(part: "Message[Any, Any]") -> Iterator[str]:
    """The statuses of recipients that a delivery-status part gives up on."""
    if str(part.get("Action", "")).strip().lower() == "failed":
        found = _STATUS.search(str(part.get("Status", "")))
        yield found[0] if found else "5.0.0"


def _deliveries(part: "Message[Any, Any]") -> Iterator[str]:
    for name in (*_ADDRESSED, *_REFERRING):
        for value in part.get_all(name, []):
            if found := _DELIVERY.search(str(value)):
                yield found[0]
    if part.get_content_type() == "text/rfc822-headers":
        body = part.get_payload(decode=True)
        if isinstance(body, bytes) and (found := _DELIVERY.search(body.decode("ascii", "replace"))):
            yield found[0]
