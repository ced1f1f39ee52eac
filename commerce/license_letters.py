"""What the e-mail with a licence says, before it is a message: the words that depend on the licence."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from commerce.access import Environment
from commerce.deliveries import Delivery, DeliveryReason
from commerce.licenses import License, LicenseKind

FILE_NAME = "license.lic"

_OPENINGS: Mapping[DeliveryReason, str] = MappingProxyType(
    {
        DeliveryReason.ISSUED: "your licence is ready.",
        DeliveryReason.RESENT: "here is your licence once more, as it was asked for.",
        DeliveryReason.ROTATED: "this licence replaces the one that you have. The earlier file and "
        "activation code no longer count: please install this one.",
        DeliveryReason.CONTACT_CHANGED: "you now receive this licence.",
    }
)
_BRIDGE = (
    "this licence bridges the time until your renewal is done: it is for the seats that you hold, and ends "
    "by itself. The renewed licence follows."
)


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of one e-mail. `values` fill the templates; everything in them is plain text."""

    to_name: str
    to_email: str
    subject: str
    values: Mapping[str, str]
    file: str


def letter(delivery: Delivery, license_: License, *, code: str | None, seller: str) -> Letter:
    """The letter of a delivery. `code` is the activation code, None where it was handed out before."""
    seats = f"{license_.seats:,} {'seat' if license_.seats == 1 else 'seats'}"
    what = f"{license_.product} {license_.plan}"
    sandbox = "[Sandbox] " if license_.environment is Environment.SANDBOX else ""
    bridge = license_.kind is LicenseKind.BRIDGE
    return Letter(
        to_name=delivery.name,
        to_email=delivery.email,
        subject=f"{sandbox}Your licence: {what}, {seats}",
        values={
            "name": delivery.name,
            "opening": _BRIDGE if bridge else _OPENINGS[delivery.reason],
            "company": license_.licensee_company,
            "what": what,
            "seats": seats,
            "features": ", ".join(license_.features) or "none",
            "starts_on": license_.starts_on.isoformat(),
            "expires_on": license_.expires_on.isoformat(),
            "code": code or "You have it already; it is shown once only.",
            "seller": seller,
            "license_id": license_.id,
            "file_name": FILE_NAME,
        },
        file=license_.file,
    )
