"""Sending a licence again: to its contact or, where policy allows it, to the partner."""

from commerce.deliveries import (
    Delivery,
    DeliveryReason,
    DeliveryStatus,
    Recipient,
    delivery_to_contact,
    delivery_to_partner,
)
from commerce.events import EventType
from commerce.ids import Prefix
from commerce.license_policy import LicenseAction
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import key_problems
from datasources.identifiers import new_id
from resolvers.context import Context
from resolvers.held_licenses import (
    NO_LICENSE,
    USABLE,
    HeldLicense,
    Keyed,
    LicenseChange,
    answering_races,
    claim,
    held,
    not_current,
    replayed,
    write_down,
)
from resolvers.issuing_licenses import renew_code, tell

MUTATION = "resendLicense"

_NOT_ALLOWED = Problem(
    ProblemCode.RECIPIENT_NOT_ALLOWED, "Licences are sent to the customer's contact only.", ("input", "to")
)


@answering_races
async def resend_license(
    context: Context, *, license_id: str, idempotency_key: str, to: Recipient, new_activation_code: bool
) -> LicenseChange:
    """Queue an e-mail with the licence, or find the one this key queued. Raises Refused."""
    asked = {"license": license_id, "to": to, "new_activation_code": new_activation_code}
    keyed = Keyed(MUTATION, idempotency_key, asked)
    problems = tuple(key_problems(idempotency_key))
    async with held(context, license_id, LicenseAction.RESEND) as found:
        if found is None:
            return LicenseChange(None, (NO_LICENSE, *problems))
        if problems:
            return LicenseChange(found.license, problems)
        if earlier := await replayed(context, found, keyed, Prefix.DELIVERY):
            return earlier
        if (state := found.state_at(context)) not in USABLE:
            return LicenseChange(found.license, (not_current(found.license, state),))
        delivery = _delivery(context, found, to)
        if delivery is None or delivery.status is DeliveryStatus.WITHHELD:
            return LicenseChange(found.license, (_NOT_ALLOWED,))
        await claim(context, found.transaction, keyed, delivery.id)
        await _queue(context, found, delivery, new_activation_code=new_activation_code)
    context.sources.work.set()
    return LicenseChange(found.license, delivery=delivery)


def _delivery(context: Context, found: HeldLicense, to: Recipient) -> Delivery | None:
    by, now = found.viewer.subject, context.now
    if to is Recipient.PARTNER:
        return delivery_to_partner(found.license, found.partner, new_id=new_id, requested_by=by, now=now)
    return delivery_to_contact(
        found.license, found.partner, DeliveryReason.RESENT, new_id=new_id, requested_by=by, now=now
    )


async def _queue(
    context: Context, found: HeldLicense, delivery: Delivery, *, new_activation_code: bool
) -> None:
    sources, transaction, license_ = context.sources, found.transaction, found.license
    if new_activation_code:
        await renew_code(sources, transaction, license_, context.now)
    await sources.deliveries.add(transaction, delivery)
    await write_down(
        context, found, delivery=delivery.id, to=delivery.recipient, new_activation_code=new_activation_code
    )
    await tell(transaction, context.now, [(EventType.LICENSE_RESENT, license_)])
