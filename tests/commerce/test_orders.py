"""The table of how a status may change, and what it says about an order's progress."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from commerce.access import Environment
from commerce.order_progress import (
    OrderAction,
    UsualDuration,
    WaitingOn,
    allowed_actions_of,
    blockers_of,
    is_retryable,
    iso_duration,
)
from commerce.orders import (
    TRANSITIONS,
    IllegalTransition,
    Order,
    OrderKind,
    OrderStatus,
    check_transition,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENDS = {OrderStatus.FULFILLED, OrderStatus.CANCELED}
NOTHING = Decimal(0)

ORDER = Order(
    id="ord_1",
    partner_id="par_1",
    environment=Environment.PRODUCTION,
    kind=OrderKind.NEW,
    status=OrderStatus.RECEIVED,
    status_since=NOW,
    status_reason=None,
    customer_id="cus_1",
    trading_partner_id=None,
    external_order_reference=None,
    purchase_order_number=None,
    end_customer_purchase_order_number=None,
    currency="EUR",
    list_amount=NOTHING,
    discount_amount=NOTHING,
    credit_amount=NOTHING,
    total_amount=NOTHING,
    starts_on=None,
    placed_at=NOW,
    updated_at=NOW,
    fulfilled_at=None,
)


def test_every_status_is_in_the_table_and_can_be_reached() -> None:
    reached, found = set(), {None}
    while found:
        reached |= found
        found = {after for before in found for after in TRANSITIONS[before]} - reached

    assert set(TRANSITIONS) == {None, *OrderStatus}
    assert reached == {None, *OrderStatus}


def test_an_order_begins_as_received_and_ends_as_fulfilled_or_canceled() -> None:
    assert TRANSITIONS[None] == {OrderStatus.RECEIVED}
    assert {status for status, moves in TRANSITIONS.items() if not moves} == ENDS


@pytest.mark.parametrize("before", [None, *OrderStatus])
def test_a_move_that_the_table_does_not_know_is_refused(before: OrderStatus | None) -> None:
    for after in OrderStatus:
        if after in TRANSITIONS[before]:
            check_transition(before, after)
        else:
            with pytest.raises(IllegalTransition):
                check_transition(before, after)


@pytest.mark.parametrize("status", list(OrderStatus))
def test_an_order_that_is_not_done_says_what_it_waits_for(status: OrderStatus) -> None:
    blockers = blockers_of(replace(ORDER, status=status), {})

    done = ENDS | {OrderStatus.DENIED, OrderStatus.PARTIALLY_FULFILLED}
    assert len(blockers) == (0 if status in done else 1)
    assert all(blocker.next_step and blocker.since == NOW for blocker in blockers)


def test_the_usual_duration_of_a_wait_gives_the_time_it_is_expected_to_end() -> None:
    usual = {OrderStatus.ON_HOLD: UsualDuration(timedelta(hours=2), timedelta(hours=8))}

    (blocker,) = blockers_of(replace(ORDER, status=OrderStatus.ON_HOLD), usual)

    assert (blocker.waiting_on, blocker.usually_takes) == (WaitingOn.COMPLIANCE, "PT2H")
    assert blocker.expected_by == NOW + timedelta(hours=8)


def test_a_scheduled_order_is_expected_on_its_day() -> None:
    scheduled = replace(ORDER, status=OrderStatus.SCHEDULED, starts_on=date(2027, 1, 1))

    (blocker,) = blockers_of(scheduled, {})

    assert blocker.expected_by == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "retryable"), [("NO_LICENSE_CONTACT", True), ("SUBSCRIPTION_ENDED", False), (None, True)]
)
def test_a_failure_that_would_come_again_is_not_retryable(reason: str | None, retryable: bool) -> None:
    failed = replace(ORDER, status=OrderStatus.FAILED, status_reason=reason)

    actions = {action.action for action in allowed_actions_of(failed, [], NOW)}

    assert is_retryable(failed) is retryable
    assert (OrderAction.RETRY in actions) is retryable


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(), "PT0S"),
        (timedelta(seconds=0.4), "PT0S"),
        (timedelta(seconds=61), "PT1M1S"),
        (timedelta(hours=2), "PT2H"),
        (timedelta(days=1, minutes=30), "P1DT30M"),
        (timedelta(days=3), "P3D"),
    ],
)
def test_a_duration_is_written_as_iso_8601_writes_it(span: timedelta, written: str) -> None:
    assert iso_duration(span) == written
