"""Provisioning: what a customer holds once an order is fulfilled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from commerce.catalog import Sku
from commerce.customers import Contact, Customer
from commerce.ids import Prefix
from commerce.licenses import DEFAULT_GRACE_DAYS, License, LicenseState
from commerce.ordering import NewId
from commerce.orders import Order, OrderLine
from commerce.subscriptions import Subscription, SubscriptionState, end_of_term


@dataclass(frozen=True, slots=True)
class Holding:
    """A subscription and the licence that proves it, not yet signed."""

    subscription: Subscription
    license: License


def holdings_of(
    order: Order,
    lines: Sequence[OrderLine],
    skus: Mapping[str, Sku],
    customer: Customer,
    licensee: Contact,
    *,
    new_id: NewId,
    now: datetime,
) -> list[Holding]:
    """One holding for each line. `skus` are by id; the term begins on the order's day, or today (UTC)."""
    return [
        _holding(order, line, skus[line.sku_id], customer, licensee, new_id=new_id, now=now) for line in lines
    ]


def _holding(
    order: Order,
    line: OrderLine,
    sku: Sku,
    customer: Customer,
    licensee: Contact,
    *,
    new_id: NewId,
    now: datetime,
) -> Holding:
    starts_on = order.starts_on or now.date()
    subscription = Subscription(
        id=new_id(Prefix.SUBSCRIPTION),
        partner_id=order.partner_id,
        environment=order.environment,
        customer_id=customer.id,
        order_id=order.id,
        order_line_id=line.id,
        sku_id=sku.id,
        seats=line.quantity,
        starts_on=starts_on,
        ends_on=end_of_term(starts_on, sku.term_months),
        auto_renew=False,
        state=SubscriptionState.ACTIVE,
        created_at=now,
    )
    license_ = License(
        id=new_id(Prefix.LICENSE),
        partner_id=order.partner_id,
        environment=order.environment,
        customer_id=customer.id,
        order_id=order.id,
        subscription_id=subscription.id,
        state=LicenseState.ACTIVE,
        sku_code=sku.code,
        product=sku.product_code,
        plan=sku.plan,
        seats=subscription.seats,
        features=sku.features,
        issued_at=now,
        starts_on=subscription.starts_on,
        expires_on=subscription.ends_on,
        grace_days=DEFAULT_GRACE_DAYS,
        licensee_name=licensee.name,
        licensee_company=customer.legal_name,
        licensee_email=licensee.email,
    )
    return Holding(subscription, license_)


def licensee_among(contacts: Sequence[Contact]) -> Contact | None:
    """Who receives the licences: the contact who is marked for it, the first of several."""
    return next((contact for contact in contacts if contact.receives_licenses), None)
