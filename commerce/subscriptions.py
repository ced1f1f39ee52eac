"""Subscriptions: what a customer holds, and for how long."""

import calendar
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from commerce.access import Environment


class SubscriptionState(StrEnum):
    """Whether what the customer holds can be used."""

    ACTIVE = "ACTIVE"
    SCHEDULED = "SCHEDULED"
    EXPIRED = "EXPIRED"
    CANCELED = "CANCELED"


@dataclass(frozen=True)
class Subscription:
    """Seats of a SKU over a term; `ends_on` is the first UTC day that is not covered.

    `term_starts_on` is the first day of the present term; `pending_order_id` is the order that is changing
    the subscription: one at a time may.
    """

    id: str
    partner_id: str
    environment: Environment
    customer_id: str
    order_id: str
    order_line_id: str
    sku_id: str
    seats: int
    starts_on: date
    ends_on: date
    auto_renew: bool
    state: SubscriptionState
    currency: str
    term_starts_on: date
    pending_order_id: str | None
    created_at: datetime


def end_of_term(starts_on: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it has no such day."""
    years, month = divmod(starts_on.month - 1 + months, 12)
    year = starts_on.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(starts_on.day, last))
