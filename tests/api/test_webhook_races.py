"""Webhooks under concurrency: a key makes one endpoint, a claim has one worker, and changes win."""

import asyncio
import time

from datasources.sources import open_sources
from jobs.deliver_webhooks import deliver_webhooks
from tests.api.listener import CREATE, DELETE, REPLAY, UPDATE, Listener, key
from tests.api.world import Portal, World
from tests.receivers import HANG, Receiver, listening


async def test_one_key_at_once_makes_one_endpoint_and_every_answer_has_its_secret(
    seller: Portal, world: World, receiver: Receiver
) -> None:
    asked = {"idempotencyKey": key(), "url": receiver.url()}

    answers = await asyncio.gather(*(seller.ask(CREATE, input=asked) for _ in range(10)))

    payloads = [answer["createWebhookEndpoint"] for answer in answers]
    assert {payload["endpoint"]["id"] for payload in payloads} == {payloads[0]["endpoint"]["id"]}
    assert {payload["secret"] for payload in payloads} == {payloads[0]["secret"]}
    assert sorted(payload["replayed"] for payload in payloads) == [False, *[True] * 9]
    assert await world.rows("webhook_endpoints", seller.id) == 1


async def test_several_workers_send_each_message_once(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    for _ in range(5):
        await seller.place()

    async with open_sources(world.settings) as second, open_sources(world.settings) as third:
        workers = (world.sources, second, third)
        while sum(await asyncio.gather(*map(deliver_webhooks, workers))):
            await asyncio.gather(*(worker.webhooks.lanes.idle() for worker in workers))

    assert heard.sequences == list(range(1, 16))


async def test_a_new_url_takes_over_from_one_that_hangs_and_nothing_is_lost(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    receiver.usual = HANG
    other = Receiver()
    await seller.place()
    sending = asyncio.create_task(world.send_webhooks())
    await receiver.until(1)

    async with listening(other):
        began = time.monotonic()
        await heard.change(UPDATE, url=other.url())
        async with open_sources(world.settings) as second:
            await deliver_webhooks(second)
            await other.until(3)
            took = time.monotonic() - began
        await sending

    assert [one.message["sequence"] for one in other.received] == [1, 2, 3]
    assert took < world.settings.webhook_timeout, "it waited for the one that hangs"
    assert {one["state"] for one in await heard.log()} == {"DELIVERED"}


async def test_a_replay_and_a_deletion_while_something_is_sent_win(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    receiver.script = [200, HANG]
    await seller.place()
    sending = asyncio.create_task(world.send_webhooks())
    await receiver.until(2)

    await heard.change(REPLAY, fromSequence=1)
    await sending
    await world.send_webhooks()
    replayed = list(heard.sequences)
    receiver.script = [HANG]
    await seller.place()
    sending = asyncio.create_task(world.send_webhooks())
    await receiver.until(len(replayed) + 1)
    await heard.change(DELETE)
    await sending

    assert replayed == [1, 2, 1, 2, 3]
    assert await world.rows("webhook_deliveries", seller.id) == 0
