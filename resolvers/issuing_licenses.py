"""Issuing a licence: what provisioning and the mutations over licences have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from commerce.access import Scope
from commerce.deliveries import DeliveryReason, delivery_to_contact
from commerce.events import EventType, license_snapshot
from commerce.license_changes import in_place_of, superseded
from commerce.licenses import License
from commerce.partners import Partner
from datasources.identifiers import new_id
from datasources.postgres import events
from datasources.postgres.database import Transaction
from datasources.sources import Sources

Told = list[tuple[EventType, License]]
"""Events about licences, in order, each with the licence as it then was."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Why a licence is issued and on whose behalf. `rotated`: its predecessor must stop to count."""

    reason: DeliveryReason
    requested_by: str
    at: datetime
    rotated: bool = False


@dataclass(frozen=True, slots=True)
class Issued:
    """A signed licence, and those that it superseded."""

    license: License
    ended: tuple[License, ...] = ()

    @property
    def told(self) -> Told:
        """What is told of it, last in its transaction."""
        ends = [(EventType.LICENSE_SUPERSEDED, one) for one in self.ended]
        return [*ends, (EventType.LICENSE_ISSUED, self.license)]


async def issue_first(
    sources: Sources, transaction: Transaction, fresh: License, partner: Partner, issue: Issue
) -> Issued:
    """Sign the first licence of a subscription, with an activation code, and queue its delivery."""
    signed = await _written(sources, transaction, fresh, partner, issue)
    scope = Scope(fresh.partner_id, fresh.environment)
    await sources.activation_codes.issue(transaction, scope, fresh.subscription_id, issue.at)
    return Issued(signed)


async def issue_next(
    sources: Sources,
    transaction: Transaction,
    fresh: License,
    partner: Partner,
    issue: Issue,
    *,
    older: Sequence[License],
    new_code: bool = False,
) -> Issued:
    """Sign a licence in place of those of its subscription, which are held, and queue its delivery."""
    for one in older:
        fresh = in_place_of(fresh, one)
    ended = tuple(superseded(one, fresh, rotated=issue.rotated) for one in older)
    for one in ended:
        await sources.licenses.change(transaction, one)
    if new_code:
        await renew_code(sources, transaction, fresh, issue.at)
    return Issued(await _written(sources, transaction, fresh, partner, issue), ended)


async def renew_code(sources: Sources, transaction: Transaction, license_: License, at: datetime) -> None:
    """Another activation code for the subscription of a licence; the one before opens nothing any more."""
    scope = Scope(license_.partner_id, license_.environment)
    await sources.activation_codes.replace(transaction, license_.subscription_id, at)
    await sources.activation_codes.issue(transaction, scope, license_.subscription_id, at)


async def tell(transaction: Transaction, at: datetime, told: Iterable[tuple[EventType, License]]) -> None:
    """Write events about licences, with what each is now. Last in the transaction."""
    for kind, license_ in told:
        await events.record(
            transaction,
            partner_id=license_.partner_id,
            environment=license_.environment,
            at=at,
            happened={kind: license_snapshot(license_)},
        )


async def _written(
    sources: Sources, transaction: Transaction, fresh: License, partner: Partner, issue: Issue
) -> License:
    signed = sources.license_keys.issue(fresh)
    await sources.licenses.add(transaction, signed)
    delivery = delivery_to_contact(
        signed, partner, issue.reason, new_id=new_id, requested_by=issue.requested_by, now=issue.at
    )
    await sources.deliveries.add(transaction, delivery)
    return signed
