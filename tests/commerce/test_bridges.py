"""When a bridge may be issued, and what it proves."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from commerce.access import Environment
from commerce.bridges import Bridging, bridge_of, refusal
from commerce.licenses import LicenseKind, LicenseState
from commerce.orders import OrderStatus
from commerce.subscriptions import Subscription, SubscriptionState
from tests.commerce.test_licenses import a_license

ENDS_ON = date(2027, 11, 22)
DAY = timedelta(days=1)
SUBSCRIPTION = Subscription(
    id="sub_01",
    partner_id="par_01",
    environment=Environment.PRODUCTION,
    customer_id="cus_01",
    order_id="ord_01",
    order_line_id="oli_01",
    sku_id="sku_01",
    seats=25,
    starts_on=date(2026, 11, 22),
    ends_on=ENDS_ON,
    auto_renew=False,
    state=SubscriptionState.ACTIVE,
    currency="EUR",
    term_starts_on=date(2026, 11, 22),
    pending_order_id=None,
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
)


def found(renewal=None, *others, **changes):
    return Bridging(replace(SUBSCRIPTION, **changes), (a_license(), *others), renewal)


@pytest.mark.parametrize(
    ("renewal", "today", "allowed"),
    [
        (None, ENDS_ON - DAY, False),
        (None, ENDS_ON, True),
        (None, ENDS_ON + 30 * DAY, True),
        (None, ENDS_ON + 31 * DAY, False),
        (OrderStatus.ON_HOLD, ENDS_ON - 60 * DAY, True),
        (OrderStatus.AWAITING_PARTNER, ENDS_ON - DAY, True),
        (OrderStatus.PROVISIONING, ENDS_ON - DAY, False),
        (OrderStatus.FAILED, ENDS_ON, True),
        (OrderStatus.DENIED, ENDS_ON - DAY, False),
        (OrderStatus.DENIED, ENDS_ON + DAY, False),
    ],
)
def test_a_bridge_is_for_a_renewal_that_is_on_hold_or_late_and_never_after_a_denial(renewal, today, allowed):
    assert (refusal(found(renewal), today) is None) is allowed


@pytest.mark.parametrize(
    "case",
    [
        found(OrderStatus.ON_HOLD, state=SubscriptionState.CANCELED),
        found(
            OrderStatus.ON_HOLD,
            a_license(id="lic_02", kind=LicenseKind.BRIDGE, starts_on=ENDS_ON, state=LicenseState.EXPIRED),
        ),
        Bridging(SUBSCRIPTION, (a_license(state=LicenseState.REVOKED),), OrderStatus.ON_HOLD),
        Bridging(SUBSCRIPTION, (a_license(state=LicenseState.SUSPENDED),), OrderStatus.ON_HOLD),
        Bridging(SUBSCRIPTION, (), OrderStatus.ON_HOLD),
    ],
    ids=["canceled", "bridged before", "revoked", "suspended", "never licensed"],
)
def test_nothing_is_bridged_that_has_ended_or_has_had_its_bridge(case):
    assert refusal(case, ENDS_ON) is not None


def test_a_bridge_of_an_earlier_term_is_no_bar():
    earlier = a_license(id="lic_00", kind=LicenseKind.BRIDGE, starts_on=date(2026, 11, 1))

    assert refusal(found(OrderStatus.ON_HOLD, earlier), ENDS_ON) is None


@pytest.mark.parametrize(
    ("today", "starts_on", "state"),
    [
        (ENDS_ON - 10 * DAY, ENDS_ON, LicenseState.SCHEDULED),
        (ENDS_ON, ENDS_ON, LicenseState.ACTIVE),
        (ENDS_ON + 5 * DAY, ENDS_ON + 5 * DAY, LicenseState.ACTIVE),
    ],
)
def test_a_bridge_lasts_three_weeks_without_grace_for_the_seats_held(today, starts_on, state):
    now = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)

    bridge = bridge_of(found(OrderStatus.ON_HOLD, seats=7), new_id=lambda prefix: f"{prefix}_new", now=now)

    assert (bridge.kind, bridge.state, bridge.seats) == (LicenseKind.BRIDGE, state, 7)
    assert (bridge.starts_on, bridge.expires_on) == (starts_on, starts_on + 21 * DAY)
    assert bridge.ends_on == bridge.expires_on
