"""Rotating a licence: the same rights under a new id, a new signature and a new activation code.

For when a file or a code got into the wrong hands: what was handed out before stops to count.
"""

from dataclasses import replace
from datetime import datetime

from commerce.deliveries import DeliveryReason
from commerce.ids import Prefix
from commerce.license_policy import LicenseAction
from commerce.licenses import License, LicenseState
from commerce.request_problems import key_problems
from commerce.subscriptions import SubscriptionState
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
from resolvers.issuing_licenses import Issue, issue_next, tell

MUTATION = "rotateLicense"


@answering_races
async def rotate_license(context: Context, *, license_id: str, idempotency_key: str) -> LicenseChange:
    """Replace a licence by one with the same rights, or find the one this key made. Raises Refused."""
    keyed = Keyed(MUTATION, idempotency_key, {"license": license_id})
    problems = tuple(key_problems(idempotency_key))
    async with held(context, license_id, LicenseAction.ROTATE) as found:
        if found is None:
            return LicenseChange(None, (NO_LICENSE, *problems))
        if problems:
            return LicenseChange(found.license, problems)
        if earlier := await replayed(context, found, keyed, Prefix.LICENSE):
            return earlier
        if not _can_rotate(context, found):
            return LicenseChange(found.license, (not_current(found.license, found.state_at(context)),))
        rotated = await _rotated(context, found, keyed)
    context.sources.work.set()
    return LicenseChange(rotated)


def _can_rotate(context: Context, found: HeldLicense) -> bool:
    """A licence that is in use; and, for staff, one that was revoked though its subscription goes on."""
    state = found.state_at(context)
    if state in USABLE:
        return True
    goes_on = found.subscription.state is SubscriptionState.ACTIVE
    return found.viewer.is_staff and state is LicenseState.REVOKED and goes_on


async def _rotated(context: Context, found: HeldLicense, keyed: Keyed) -> License:
    sources, transaction, now = context.sources, found.transaction, context.now
    fresh = renamed(found.license, now)
    await claim(context, transaction, keyed, fresh.id)
    older = await sources.licenses.current_of(transaction, fresh.subscription_id)
    issue = Issue(DeliveryReason.ROTATED, found.viewer.subject, now, rotated=True)
    issued = await issue_next(sources, transaction, fresh, found.partner, issue, older=older, new_code=True)
    installed = await sources.activations.held(transaction, fresh.subscription_id)
    await sources.activations.end(transaction, installed, now)
    await write_down(context, found, issued=issued.license.id)
    await tell(transaction, now, issued.told)
    return issued.license


def renamed(license_: License, now: datetime) -> License:
    """A licence to the same effect, to be signed anew."""
    return replace(
        license_,
        id=new_id(Prefix.LICENSE),
        state=LicenseState.ACTIVE,
        issued_at=now,
        superseded_by=None,
        first_retrieved_at=None,
        first_retrieved_by=None,
        revoked_at=None,
        withdrawn_at=None,
        withdrawal=None,
    )
