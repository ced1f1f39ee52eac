"""What becomes of a webhook that does not arrive; and how one is sent again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from datasources.lanes import Lanes
from jobs.deliver_webhooks import deliver_webhooks
from tests.api.listener import (
    LOG,
    REDELIVER,
    REPLAY,
    TEST,
    UPDATE,
    Listener,
    MovingClock,
    key,
    listener,
)
from tests.api.world import Portal, World
from tests.receivers import Receiver, listening, response


async def test_a_test_that_fails_is_not_tried_again_and_holds_nothing_up(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    receiver.script = [500]

    await heard.change(TEST, idempotencyKey=key())
    await world.send_webhooks()
    await seller.place()
    await world.send_webhooks()

    assert heard.sequences == [None, 1, 2, 3]
    assert [one["state"] for one in await heard.log()] == ["DEAD", *["DELIVERED"] * 3]


async def test_the_log_keeps_every_try_with_its_status_response_and_time(
    heard: Listener, seller: Portal, world: World, receiver: Receiver, clock: MovingClock
) -> None:
    receiver.script = [response(503, "x" * 3_000), 200]

    await seller.place()
    await world.send_webhooks(clock)
    clock.move(seconds=6)
    await world.send_webhooks(clock)

    first = (await heard.log())[0]
    assert (first["state"], first["tries"]) == ("DELIVERED", 2)
    assert [(one["number"], one["outcome"], one["status"]) for one in first["attempts"]] == [
        (1, "REJECTED", 503),
        (2, "DELIVERED", 200),
    ]
    assert first["attempts"][0]["response"] == "x" * 2_048
    assert all(0 <= one["durationMs"] < 2_000 for one in first["attempts"])


async def test_what_fails_comes_again_under_the_same_id_and_what_follows_waits_for_it(
    heard: Listener, seller: Portal, world: World, receiver: Receiver, clock: MovingClock
) -> None:
    receiver.script = [200, 500, 500]

    await seller.place()
    await world.send_webhooks(clock)
    clock.move(seconds=6)
    await world.send_webhooks(clock)
    held = await heard.look()
    clock.move(minutes=6)
    await world.send_webhooks(clock)

    assert heard.sequences == [1, 2, 2, 2, 3]
    assert len({one.id for one in receiver.received[1:4]}) == 1
    assert len({one.body for one in receiver.received[1:4]}) == 1
    waiting = await heard.look()
    assert held["heldBy"] is not None
    assert (waiting["heldBy"], waiting["failingSince"], waiting["waiting"]) == (None, None, 0)


async def test_an_event_that_keeps_failing_holds_up_its_own_subject_alone(
    heard: Listener, seller: Portal, world: World, receiver: Receiver, clock: MovingClock
) -> None:
    receiver.usual = response(500)
    await seller.place()
    await world.provision()  # 1, 3 and 6 are of the order, the others of its screening, subscription, licence
    await world.send_webhooks(clock)
    clock.move(seconds=6)
    await world.send_webhooks(clock)

    clock.move(minutes=6)
    receiver.script = [500]
    receiver.usual = 200
    await world.send_webhooks(clock)

    assert heard.sequences == [1, 1, 1, 2, 4, 5]
    first, second, third, *_, sixth = await heard.log()
    assert (first["state"], first["tries"]) == ("WAITING", 3)
    assert second["state"] == "DELIVERED"
    for behind in (third, sixth):
        assert (behind["state"], behind["tries"], behind["nextTryAt"]) == ("WAITING", 0, None)
    clock.move(minutes=40)
    await world.send_webhooks(clock)
    assert heard.sequences == [1, 1, 1, 2, 4, 5, 1, 3, 6]
    assert {one["state"] for one in await heard.log()} == {"DELIVERED"}


async def test_an_endpoint_that_was_down_gets_everything_in_order_once_it_is_up(
    heard: Listener, seller: Portal, world: World, receiver: Receiver, clock: MovingClock
) -> None:
    receiver.usual = 500
    for _ in range(3):
        await seller.place()
    for _ in range(40):
        await world.send_webhooks(clock)
        clock.move(minutes=6)
    down = await heard.look()
    receiver.received.clear()

    receiver.usual = 200
    clock.move(hours=20)
    await world.send_webhooks(clock)

    assert down["heldBy"] is not None
    arrived = heard.sequences
    by_subject: dict[str, list[int]] = {}
    for one in receiver.received:
        by_subject.setdefault(one.message["subjectId"], []).append(one.message["sequence"])
    assert sorted(arrived) == list(range(1, 10))
    assert all(some == sorted(some) for some in by_subject.values())
    assert {one["state"] for one in await heard.log()} == {"DELIVERED"}


async def test_ten_tries_over_seventy_five_hours_and_then_a_dead_letter(
    heard: Listener, seller: Portal, world: World, receiver: Receiver, clock: MovingClock
) -> None:
    began = clock.now
    receiver.usual = 500
    await seller.place()
    tried: list[float] = []
    for _ in range(12):
        before = len(receiver.received)
        await world.send_webhooks(clock)
        tried += [(clock.now - began).total_seconds() / 3_600] * (
            sum(one.message["sequence"] == 1 for one in receiver.received[before:])
        )
        first = (await heard.log())[0]
        if first["state"] == "DEAD":
            break
        due = [datetime.fromisoformat(one["nextTryAt"]) for one in await heard.log() if one["nextTryAt"]]
        clock.now = max(
            clock.now, datetime.fromisoformat(first["nextTryAt"]) if first["nextTryAt"] else min(due)
        )

    assert (first["state"], first["tries"], len(first["attempts"])) == ("DEAD", 10, 10)
    assert len(tried) == 10
    assert 75.6 * 0.9 <= tried[-1] <= 75.6 * 1.1
    assert len({one.id for one in receiver.received if one.message["sequence"] == 1}) == 1
    dead = (await seller.ask(LOG, filter={"states": ["DEAD"]}))["webhookDeliveries"]
    assert [one["id"] for one in dead["nodes"]] == [first["id"]]


async def test_an_endpoint_that_asks_for_time_is_given_it(
    heard: Listener, seller: Portal, world: World, receiver: Receiver, clock: MovingClock
) -> None:
    receiver.script = [response(429, retry_after="600")]

    await seller.place()
    await world.send_webhooks(clock)
    clock.move(minutes=9)
    await world.send_webhooks(clock)
    early = heard.sequences
    clock.move(minutes=2)
    await world.send_webhooks(clock)

    assert early == [1]
    assert heard.sequences == [1, 1, 2, 3]


async def test_gone_switches_an_endpoint_off_with_notice_and_nothing_is_lost(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    other = Receiver()
    receiver.script = [410]
    async with listening(other):
        await listener(seller, world, other, eventTypes=["webhook.*"])
        await seller.place()
        await world.send_webhooks()
        off = await heard.look()
        test = await heard.change(TEST, idempotencyKey=key())

        on = await heard.change(UPDATE, enabled=True)
        await world.send_webhooks()

    assert (off["state"], off["disabledReason"]) == ("DISABLED", "GONE")
    assert test["problems"] == [{"code": "WEBHOOK_ENDPOINT_DISABLED", "path": ["input", "endpointId"]}]
    (notice,) = (one.message for one in other.received)
    assert (notice["type"], notice["subjectId"]) == ("webhook.disabled", heard.id)
    assert notice["data"]["reason"] == "GONE"
    assert on["endpoint"]["state"] == "ENABLED"
    assert heard.sequences == [1, 1, 2, 3, 4]


async def test_five_days_of_failing_switch_an_endpoint_off_and_on_again_it_gets_what_it_missed(
    heard: Listener, seller: Portal, world: World, receiver: Receiver, clock: MovingClock
) -> None:
    receiver.usual = 500
    await seller.place()
    for _ in range(60):
        await world.send_webhooks(clock)
        clock.move(hours=2.5)
    off = await heard.look()
    dead = len(await heard.log("DEAD"))
    feed = await seller.ask(
        '{ events(types: ["webhook.disabled"]) { nodes { snapshot {'
        " ... on WebhookEndpointSnapshot { id url reason failingSince lastSequence } } } } }"
    )
    receiver.received.clear()
    receiver.usual = 200

    await heard.change(UPDATE, enabled=True)
    await world.send_webhooks()

    assert (off["state"], off["disabledReason"]) == ("DISABLED", "FAILING")
    assert dead > 0
    (told,) = feed["events"]["nodes"]
    assert (told["snapshot"]["id"], told["snapshot"]["reason"]) == (heard.id, "FAILING")
    assert sorted(heard.sequences) == [1, 2, 3, 4]


async def test_a_new_url_is_tried_at_once(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    receiver.usual = 500
    other = Receiver()
    await seller.place()
    await world.send_webhooks()

    async with listening(other):
        changed = await heard.change(UPDATE, url=other.url(), description="moved", eventTypes=["order.*"])
        await world.send_webhooks()

    assert changed["endpoint"]["url"] == other.url()
    assert changed["endpoint"]["eventTypes"] == ["order.*"]
    assert [one.message["sequence"] for one in other.received] == [1, 3]


async def test_one_delivery_is_sent_again_under_its_id(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    await seller.place()
    await world.send_webhooks()
    first = (await heard.log())[0]

    payload = (await seller.ask(REDELIVER, input={"deliveryId": first["id"]}))["redeliverWebhook"]
    await world.send_webhooks()

    assert (payload["delivery"]["state"], payload["delivery"]["tries"]) == ("WAITING", 0)
    assert heard.sequences == [1, 2, 3, 1]
    assert receiver.received[0].id == receiver.received[3].id == first["eventId"]
    assert receiver.received[0].body == receiver.received[3].body
    again = (await heard.log())[0]
    assert [(one["number"], one["outcome"]) for one in again["attempts"]] == [
        (1, "DELIVERED"),
        (2, "DELIVERED"),
    ]


async def test_a_redelivery_that_fails_holds_up_nothing_new(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    await seller.place()
    await world.send_webhooks()
    first = (await heard.log())[0]
    receiver.script = [500]

    await seller.ask(REDELIVER, input={"deliveryId": first["id"]})
    await world.send_webhooks()
    await seller.place()
    await world.send_webhooks()

    assert heard.sequences == [1, 2, 3, 1, 4, 5, 6]


async def test_a_replay_sends_everything_from_a_sequence_in_order_under_the_same_ids(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    for _ in range(2):
        await seller.place()
    await world.send_webhooks()

    payload = await heard.change(REPLAY, fromSequence=3)
    await world.send_webhooks()

    assert payload == {"problems": [], "endpoint": {"position": 2, "heldBy": None}}
    assert heard.sequences == [1, 2, 3, 4, 5, 6, 3, 4, 5, 6]
    assert receiver.ids[2:6] == receiver.ids[6:]
    assert len(await heard.log()) == 6


async def test_a_new_endpoint_can_be_sent_what_happened_before_it(
    seller: Portal, world: World, receiver: Receiver
) -> None:
    await seller.place()
    heard = await listener(seller, world, receiver)

    await heard.change(REPLAY, fromSequence=1)
    await world.send_webhooks()

    assert heard.sequences == [1, 2, 3]


async def test_a_replay_from_behind_passes_over_what_cannot_be_taken(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    receiver.script = [500]
    await seller.place()
    await world.send_webhooks()

    await heard.change(REPLAY, fromSequence=2)
    await world.send_webhooks()

    assert heard.sequences == [1, 2, 3]
    assert [one["state"] for one in await heard.log()] == ["DEAD", "DELIVERED", "DELIVERED"]


@pytest.mark.parametrize("sequence", [0, 5])
async def test_a_replay_starts_within_the_log(heard: Listener, seller: Portal, sequence: int) -> None:
    await seller.place()

    payload = await heard.change(REPLAY, fromSequence=sequence)

    assert payload["problems"] == [{"code": "SEQUENCE_NOT_KEPT", "path": ["input", "fromSequence"]}]


async def test_the_log_takes_as_many_statements_however_long_it_is(
    heard: Listener, seller: Portal, world: World, counted: Callable[[], Any]
) -> None:
    statements: list[list[str]] = []
    for _ in range(2):
        await seller.place()
        await world.send_webhooks()
        with counted() as ran:
            assert await heard.log()
        statements.append(ran)

    few, more = statements
    assert len(few) == len(more) == 4  # the page, its count, tries, endpoints


async def test_a_worker_that_is_told_to_end_finishes_the_message_it_sends_and_no_more(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    for _ in range(2):
        await seller.place()
    lanes = Lanes(4)
    lanes.closing = True
    webhooks = replace(world.sources.webhooks, lanes=lanes)

    await deliver_webhooks(replace(world.sources, webhooks=webhooks))
    await lanes.close()
    stopped = list(heard.sequences)
    await world.send_webhooks()

    assert stopped == []
    assert heard.sequences == [1, 2, 3, 4, 5, 6]
