"""Deliveries: which licence was sent to whom, why, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commerce.access import Environment
from commerce.ids import Prefix
from commerce.licenses import License
from commerce.ordering import NewId
from commerce.partners import Partner


class Recipient(StrEnum):
    """To whom a licence is sent."""

    CONTACT = "CONTACT"
    PARTNER = "PARTNER"


class DeliveryReason(StrEnum):
    """What a licence is sent for."""

    ISSUED = "ISSUED"
    RESENT = "RESENT"
    ROTATED = "ROTATED"
    CONTACT_CHANGED = "CONTACT_CHANGED"


class DeliveryStatus(StrEnum):
    """QUEUED → SENT → BOUNCED. FAILED was given up on; WITHHELD never left: it would go to the partner."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    BOUNCED = "BOUNCED"
    FAILED = "FAILED"
    WITHHELD = "WITHHELD"


@dataclass(frozen=True)
class Delivery:
    """One e-mail with one licence. `failure` is a code: an SMTP status such as 5.1.1, or a word of ours."""

    id: str
    partner_id: str
    environment: Environment
    license_id: str
    recipient: Recipient
    name: str
    email: str
    reason: DeliveryReason
    status: DeliveryStatus
    requested_by: str
    queued_at: datetime
    failure: str | None = None
    sent_at: datetime | None = None
    ended_at: datetime | None = None


PARTNER_ADDRESS = "PARTNER_ADDRESS"
"""Why a delivery is withheld: the address of the licence contact is the partner's own."""


def domain_of(email: str) -> str:
    """The domain of an e-mail address, in lower case."""
    return email.rpartition("@")[2].lower()


def is_partners(email: str, partner: Partner) -> bool:
    """Whether an address lies in the partner's own domain."""
    return partner.contact_email is not None and domain_of(email) == domain_of(partner.contact_email)


def may_receive(partner: Partner, email: str) -> bool:
    """Licences never go to the seller, unless its policy allows it."""
    return partner.licenses_to_partner or not is_partners(email, partner)


def delivery_to_contact(
    license_: License,
    partner: Partner,
    reason: DeliveryReason,
    *,
    new_id: NewId,
    requested_by: str,
    now: datetime,
) -> Delivery:
    """The delivery of a licence to its contact; withheld where that is the partner in disguise."""
    allowed = may_receive(partner, license_.licensee_email)
    return Delivery(
        id=new_id(Prefix.DELIVERY),
        partner_id=license_.partner_id,
        environment=license_.environment,
        license_id=license_.id,
        recipient=Recipient.CONTACT,
        name=license_.licensee_name,
        email=license_.licensee_email,
        reason=reason,
        status=DeliveryStatus.QUEUED if allowed else DeliveryStatus.WITHHELD,
        requested_by=requested_by,
        queued_at=now,
        failure=None if allowed else PARTNER_ADDRESS,
        ended_at=None if allowed else now,
    )


def delivery_to_partner(
    license_: License, partner: Partner, *, new_id: NewId, requested_by: str, now: datetime
) -> Delivery | None:
    """The delivery of a licence to the partner that sold it; None where its policy does not allow that."""
    if not partner.licenses_to_partner or partner.contact_email is None:
        return None
    return Delivery(
        id=new_id(Prefix.DELIVERY),
        partner_id=license_.partner_id,
        environment=license_.environment,
        license_id=license_.id,
        recipient=Recipient.PARTNER,
        name=partner.name,
        email=partner.contact_email,
        reason=DeliveryReason.RESENT,
        status=DeliveryStatus.QUEUED,
        requested_by=requested_by,
        queued_at=now,
    )
