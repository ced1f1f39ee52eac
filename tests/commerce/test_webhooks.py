"""When a webhook is tried again, what waits for what, and when an endpoint is switched off."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from commerce.access import Environment
from commerce.webhooks import (
    DISABLED_AFTER,
    MOST_PARKED,
    MOST_TRIES,
    PATIENT_TRIES,
    WAITS,
    Answer,
    DeliveryState,
    DisabledReason,
    EndpointState,
    Outcome,
    Settlement,
    WebhookDelivery,
    WebhookEndpoint,
    enabled,
    next_wait,
    outcome_of,
    retry_after,
    settled,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
OK = Answer(Outcome.DELIVERED, 200)
BROKEN = Answer(Outcome.REJECTED, 500)


def endpoint(**changes: object) -> WebhookEndpoint:
    made = WebhookEndpoint(
        id="whe_1",
        partner_id="par_1",
        environment=Environment.PRODUCTION,
        url="https://hooks.brightwater.example/portico",
        description="",
        event_types=(),
        state=EndpointState.ENABLED,
        position=0,
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(made, **changes)


def delivery(number: int = 1, **changes: object) -> WebhookDelivery:
    made = WebhookDelivery(
        id=f"whd_{number}",
        partner_id="par_1",
        environment=Environment.PRODUCTION,
        endpoint_id="whe_1",
        event_id=f"evt_{number}",
        type="order.fulfilled",
        subject_id="ord_1",
        sequence=number,
        previous_sequence=None,
        in_order=True,
        state=DeliveryState.WAITING,
        tries=0,
        attempts=0,
        next_try_at=NOW,
        created_at=NOW,
    )
    return replace(made, **changes)


def failing(at: WebhookEndpoint, sent: WebhookDelivery, times: int) -> tuple[Settlement, datetime]:
    """Fail so many times, each when it is due, with the middle of the jitter."""
    now = NOW
    last = Settlement(at, sent)
    for _ in range(times):
        now = last.delivery.next_try_at or now
        last = settled(last.endpoint, last.delivery, BROKEN, now, 0.5)
    return last, now


def test_ten_tries_take_seventy_five_hours_and_thirty_five_minutes() -> None:
    assert MOST_TRIES == 10
    assert sum(WAITS, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert [next_wait(tries, None, 0.5) for tries in range(1, 11)] == [*WAITS, None]


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 270), (0.5, 300), (1.0, 330)])
def test_waits_differ_by_a_tenth(chance: float, seconds: float) -> None:
    assert next_wait(2, None, chance) == timedelta(seconds=seconds)


def test_an_endpoint_may_ask_for_more_time_and_not_for_less() -> None:
    assert next_wait(1, timedelta(minutes=10), 0.5) == timedelta(minutes=10)
    assert next_wait(3, timedelta(seconds=1), 0.5) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta()),
        ("Wed, 25 Nov 2026 12:05:00 GMT", timedelta(minutes=5)),
        ("Wed, 25 Nov 2026 11:00:00 GMT", timedelta()),
        ("999999999", timedelta(hours=24)),
        ("9" * 400, None),
        ("-5", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(
    value: str | None, wait: timedelta | None
) -> None:
    assert retry_after(value, NOW) == wait


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (299, Outcome.DELIVERED),
        (301, Outcome.REDIRECTED),
        (304, Outcome.REDIRECTED),
        (400, Outcome.REJECTED),
        (410, Outcome.GONE),
        (429, Outcome.REJECTED),
        (503, Outcome.REJECTED),
    ],
)
def test_only_a_status_of_the_two_hundreds_is_delivered(status: int, outcome: Outcome) -> None:
    assert outcome_of(status) is outcome


def test_what_arrives_is_settled() -> None:
    after = settled(endpoint(), delivery(), OK, NOW, 0.5)

    assert after.delivery.state is DeliveryState.DELIVERED
    assert (after.delivery.tries, after.delivery.settled_at, after.delivery.next_try_at) == (1, NOW, None)
    assert after.endpoint == endpoint()
    assert not after.recovered


def test_what_fails_holds_up_what_comes_after_it_and_is_tried_again() -> None:
    after = settled(endpoint(), delivery(), BROKEN, NOW, 0.5)

    assert after.delivery.state is DeliveryState.WAITING
    assert after.delivery.next_try_at == NOW + timedelta(seconds=5)
    assert (after.endpoint.held_by, after.endpoint.failing_since) == ("whd_1", NOW)


def test_after_three_tries_an_event_is_set_aside_and_the_others_go_on() -> None:
    after, _ = failing(endpoint(), delivery(), PATIENT_TRIES)

    assert (after.endpoint.held_by, after.endpoint.parked) == (None, 1)
    assert after.delivery.state is DeliveryState.WAITING


def test_where_one_event_after_another_is_set_aside_it_is_the_endpoint_that_fails() -> None:
    after, _ = failing(endpoint(parked=MOST_PARKED), delivery(9), PATIENT_TRIES)

    assert after.endpoint.held_by == "whd_9"


def test_an_event_set_aside_holds_nothing_when_it_fails_again() -> None:
    aside, now = failing(endpoint(), delivery(), PATIENT_TRIES)

    again = settled(aside.endpoint, aside.delivery, BROKEN, now, 0.5)

    assert (again.endpoint.held_by, again.endpoint.parked) == (None, 1)


def test_when_an_endpoint_recovers_what_was_set_aside_is_due_at_once() -> None:
    held = endpoint(held_by="whd_4", parked=MOST_PARKED, failing_since=NOW, last_failed_at=NOW)

    after = settled(held, delivery(4, tries=4), OK, NOW, 0.5)

    assert after.recovered
    assert after.endpoint == endpoint()


def test_another_events_success_does_not_release_the_one_that_holds() -> None:
    after = settled(endpoint(held_by="whd_1"), delivery(2, in_order=False), OK, NOW, 0.5)

    assert (after.endpoint.held_by, after.recovered) == ("whd_1", False)


def test_after_ten_tries_a_delivery_is_dead_and_the_next_one_goes_on() -> None:
    after, now = failing(endpoint(parked=MOST_PARKED), delivery(), MOST_TRIES)

    assert (after.delivery.state, after.delivery.tries) == (DeliveryState.DEAD, MOST_TRIES)
    assert (after.delivery.next_try_at, after.delivery.settled_at) == (None, now)
    assert after.endpoint.held_by is None
    assert now - NOW == timedelta(hours=75, minutes=35, seconds=5)


def test_gone_switches_the_endpoint_off_and_keeps_the_event() -> None:
    after = settled(endpoint(), delivery(), Answer(Outcome.GONE, 410), NOW, 0.5)

    assert after.switched_off
    assert (after.endpoint.state, after.endpoint.disabled_reason) == (
        EndpointState.DISABLED,
        DisabledReason.GONE,
    )
    assert (after.delivery.state, after.endpoint.held_by) == (DeliveryState.WAITING, "whd_1")


def test_five_days_of_nothing_but_failures_switch_an_endpoint_off() -> None:
    at, number, now = endpoint(parked=MOST_PARKED), 1, NOW
    sent = delivery(number)
    while at.state is EndpointState.ENABLED:
        now = sent.next_try_at or now
        after = settled(at, sent, BROKEN, now, 0.5)
        at, sent = after.endpoint, after.delivery
        if sent.state is DeliveryState.DEAD:
            number += 1
            sent = delivery(number, next_try_at=now)

    assert at.disabled_reason is DisabledReason.FAILING
    assert DISABLED_AFTER <= now - NOW <= DISABLED_AFTER + timedelta(hours=24)
    assert number == 2


def test_failures_that_lie_far_apart_are_not_one_stretch() -> None:
    long_ago = NOW - timedelta(days=30)
    quiet = endpoint(failing_since=long_ago, last_failed_at=long_ago + timedelta(days=3))

    after = settled(quiet, delivery(), BROKEN, NOW, 0.5)

    assert after.endpoint.state is EndpointState.ENABLED
    assert after.endpoint.failing_since == NOW


def test_one_success_ends_a_stretch_of_failing() -> None:
    after = settled(endpoint(failing_since=NOW, last_failed_at=NOW), delivery(), OK, NOW, 0.5)

    assert (after.endpoint.failing_since, after.endpoint.last_failed_at) == (None, None)


def test_a_test_is_tried_once() -> None:
    after = settled(endpoint(), delivery(sequence=None, in_order=False), BROKEN, NOW, 0.5)

    assert (after.delivery.state, after.endpoint.held_by) == (DeliveryState.DEAD, None)


def test_an_endpoint_switched_on_again_has_a_clean_record_and_its_place() -> None:
    off = settled(endpoint(position=7), delivery(), Answer(Outcome.GONE, 410), NOW, 0.5).endpoint

    on = enabled(off)

    assert (on.state, on.disabled_reason, on.failing_since) == (EndpointState.ENABLED, None, None)
    assert (on.position, on.held_by) == (7, "whd_1")


@pytest.mark.parametrize(
    ("event_types", "kind", "heard"),
    [
        ((), "order.fulfilled", True),
        (("order.fulfilled",), "order.fulfilled", True),
        (("order.*",), "order.on_hold", True),
        (("order.*",), "license.issued", False),
        (("license.issued",), "license.revoked", False),
    ],
)
def test_filters_are_types_or_whole_topics(event_types: tuple[str, ...], kind: str, heard: bool) -> None:
    assert endpoint(event_types=event_types).hears(kind) is heard
