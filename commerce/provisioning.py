"""Provisioning: what a customer holds once a line of an order is fulfilled, and the licence for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from commerce.catalog import Sku
from commerce.customers import Contact, Customer
from commerce.ids import Prefix
from commerce.licenses import DEFAULT_GRACE_DAYS, License, LicenseState
from commerce.order_facts import SoldLine
from commerce.ordering import NewId
from commerce.orders import Order, OrderKind, OrderLine
from commerce.partners import Partner
from commerce.subscriptions import Subscription, SubscriptionState, end_of_term


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who the licences are issued to, and who sold them."""

    customer: Customer
    contact: Contact
    partner: Partner


class SubscriptionEnded(Exception):
    """The subscription that a line changes is no more: the line cannot be fulfilled, now or later."""


def new_subscription(order: Order, line: OrderLine, sku: Sku, new_id: NewId, now: datetime) -> Subscription:
    """The subscription of a line of a NEW order."""
    starts_on = line.starts_on or order.starts_on or now.date()
    return Subscription(
        id=new_id(Prefix.SUBSCRIPTION),
        partner_id=order.partner_id,
        environment=order.environment,
        customer_id=order.customer_id,
        order_id=order.id,
        order_line_id=line.id,
        sku_id=sku.id,
        seats=line.quantity,
        starts_on=starts_on,
        ends_on=line.ends_on or end_of_term(starts_on, sku.term_months),
        auto_renew=line.auto_renew,
        state=SubscriptionState.ACTIVE,
        currency=order.currency,
        term_starts_on=starts_on,
        pending_order_id=None,
        created_at=now,
    )


def amended(
    kind: OrderKind, held: Subscription, line: OrderLine, sold: SoldLine | None, today: date
) -> Subscription:
    """A subscription after a line of a later order. `sold` is the earlier line that a RETURN gives back.

    Raises SubscriptionEnded where nothing is left to change.
    """
    if held.state is SubscriptionState.CANCELED:
        raise SubscriptionEnded
    return _AMENDMENTS[kind](held, line, sold, today)


def _added(held: Subscription, line: OrderLine, _sold: SoldLine | None, today: date) -> Subscription:
    if today >= held.ends_on:
        raise SubscriptionEnded
    return replace(held, seats=held.seats + line.quantity)


def _renewed(held: Subscription, line: OrderLine, _sold: SoldLine | None, today: date) -> Subscription:
    """The next term. It is the present one at once where the renewal comes late."""
    next_start = line.starts_on or held.ends_on
    return replace(
        held,
        seats=line.quantity,
        ends_on=line.ends_on or held.ends_on,
        term_starts_on=next_start if today >= next_start else held.term_starts_on,
        state=SubscriptionState.ACTIVE,
    )


def _switched(held: Subscription, line: OrderLine, _sold: SoldLine | None, today: date) -> Subscription:
    """Another SKU, to the same end or for a term of its own."""
    if today >= held.ends_on:
        raise SubscriptionEnded
    ends_on = line.ends_on or held.ends_on
    begins_anew = ends_on != held.ends_on
    return replace(
        held,
        sku_id=line.sku_id,
        seats=line.quantity,
        ends_on=ends_on,
        term_starts_on=(line.starts_on or today) if begins_anew else held.term_starts_on,
    )


def _returned(held: Subscription, line: OrderLine, sold: SoldLine | None, today: date) -> Subscription:
    """Fewer seats; or one term less, where a whole renewal is given back; or nothing any more."""
    whole_renewal = sold and sold.kind is OrderKind.RENEWAL and sold.line.remaining_quantity == 0
    if whole_renewal and sold and sold.line.starts_on:
        ends_on = sold.line.starts_on
        state = SubscriptionState.EXPIRED if today >= ends_on else held.state
        return replace(held, ends_on=ends_on, state=state)
    seats = max(held.seats - line.quantity, 0)
    return replace(held, seats=seats, state=held.state if seats else SubscriptionState.CANCELED)


_AMENDMENTS: Mapping[OrderKind, Callable[[Subscription, OrderLine, SoldLine | None, date], Subscription]] = (
    MappingProxyType(
        {
            OrderKind.ADD_SEATS: _added,
            OrderKind.RENEWAL: _renewed,
            OrderKind.SWITCH: _switched,
            OrderKind.RETURN: _returned,
        }
    )
)


def license_of(
    subscription: Subscription,
    order: Order,
    sku: Sku,
    recipient: Recipient,
    *,
    new_id: NewId,
    now: datetime,
) -> License:
    """The licence that proves a subscription as it stands; not yet signed."""
    return License(
        id=new_id(Prefix.LICENSE),
        partner_id=subscription.partner_id,
        environment=subscription.environment,
        customer_id=subscription.customer_id,
        order_id=order.id,
        subscription_id=subscription.id,
        state=LicenseState.ACTIVE,
        sku_code=sku.code,
        product=sku.product_code,
        plan=sku.plan,
        seats=subscription.seats,
        features=sku.features,
        issued_at=now,
        starts_on=subscription.term_starts_on,
        expires_on=subscription.ends_on,
        grace_days=DEFAULT_GRACE_DAYS,
        licensee_name=recipient.contact.name,
        licensee_company=recipient.customer.legal_name,
        licensee_email=recipient.contact.email,
    )


def licensee_among(contacts: Sequence[Contact]) -> Contact | None:
    """Who receives the licences: the contact who is marked for it, the first of several."""
    return next((contact for contact in contacts if contact.receives_licenses), None)
