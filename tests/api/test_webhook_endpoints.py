"""Webhook endpoints: made, signed for, filtered, rotated, tried out, and nobody else's."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.listener import (
    CREATE,
    DELETE,
    LOOK,
    REDELIVER,
    REPLAY,
    ROTATE,
    TEST,
    UPDATE,
    Listener,
    key,
    listener,
)
from tests.api.world import Portal, World, bare
from tests.receivers import Receiver, response

ORDER_EVENTS = ["order.received", "screening.cleared", "order.provisioning"]


async def test_an_order_is_told_in_its_order_with_signatures_that_the_official_package_accepts(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    order = (await seller.place())["order"]
    await world.provision()
    await world.send_webhooks()

    messages = [heard.verified(one) for one in receiver.received]
    assert [message["type"] for message in messages] == [
        *ORDER_EVENTS,
        "subscription.created",
        "license.issued",
        "order.fulfilled",
    ]
    assert [message["sequence"] for message in messages] == [1, 2, 3, 4, 5, 6]
    assert [message["previousSequence"] for message in messages] == [None, 1, 2, 3, 4, 5]
    assert messages[0]["data"]["id"] == messages[0]["subjectId"] == order["id"]
    assert [one.id for one in receiver.received] == [message["id"] for message in messages]
    feed = (await seller.ask("{ events { nodes { id } } }"))["events"]["nodes"]
    assert [one.id for one in receiver.received] == [event["id"] for event in feed]


async def test_an_endpoint_hears_what_happens_after_it_was_made(
    seller: Portal, world: World, receiver: Receiver
) -> None:
    await seller.place()

    heard = await listener(seller, world, receiver)
    await world.send_webhooks()

    assert receiver.received == []
    assert (await heard.look())["behind"] == 0


async def test_a_filter_lets_types_and_families_through_and_shows_no_false_gap(
    seller: Portal, world: World, receiver: Receiver
) -> None:
    await listener(seller, world, receiver, eventTypes=["order.fulfilled", "license.*"])

    await seller.place()
    await world.provision()
    await world.send_webhooks()

    messages = [one.message for one in receiver.received]
    assert [message["type"] for message in messages] == ["license.issued", "order.fulfilled"]
    assert [message["previousSequence"] for message in messages] == [None, 5]


async def test_the_secret_is_shown_to_the_call_that_made_it_and_nowhere_else(
    seller: Portal, receiver: Receiver, world: World
) -> None:
    asked = {"idempotencyKey": key(), "url": receiver.url()}

    made = (await seller.ask(CREATE, input=asked))["createWebhookEndpoint"]
    again = (await seller.ask(CREATE, input=asked))["createWebhookEndpoint"]
    other = (await seller.ask(CREATE, input=asked | {"url": receiver.url("/b")}))["createWebhookEndpoint"]
    await world.connection.execute("UPDATE webhook_secrets SET created_at = now() - interval '16 minutes'")
    late = (await seller.ask(CREATE, input=asked))["createWebhookEndpoint"]

    assert made["secret"].startswith("whsec_")
    assert (again["secret"], again["replayed"]) == (made["secret"], True)
    assert again["endpoint"] == made["endpoint"]
    assert other["problems"] == [{"code": "IDEMPOTENCY_KEY_REUSED", "path": ["input", "idempotencyKey"]}]
    assert (late["secret"], late["replayed"], late["endpoint"]["id"]) == (None, True, made["endpoint"]["id"])
    assert await world.rows("webhook_endpoints", seller.id) == 1


async def test_what_is_wrong_with_an_endpoint_is_said_all_at_once(seller: Portal, world: World) -> None:
    payload = (
        await seller.ask(
            CREATE,
            input={
                "idempotencyKey": "short",
                "url": "https://10.0.0.1/hooks",
                "eventTypes": ["order.*", "order.forgotten"],
                "description": "x" * 201,
            },
        )
    )["createWebhookEndpoint"]

    assert [problem["code"] for problem in payload["problems"]] == [
        "INVALID_IDEMPOTENCY_KEY",
        "INVALID_URL",
        "UNKNOWN_EVENT_TYPE",
        "TOO_LONG",
    ]
    assert payload["problems"][2]["path"] == ["input", "eventTypes", "1"]
    assert (payload["endpoint"], payload["secret"]) == (None, None)
    assert await world.rows("webhook_endpoints", seller.id) == 0


async def test_twenty_endpoints_are_enough(seller: Portal, world: World, receiver: Receiver) -> None:
    for _ in range(20):
        await listener(seller, world, receiver)

    payload = (await seller.ask(CREATE, input={"idempotencyKey": key(), "url": receiver.url()}))[
        "createWebhookEndpoint"
    ]

    assert [problem["code"] for problem in payload["problems"]] == ["TOO_MANY_ENDPOINTS"]


async def test_during_a_rotation_messages_carry_both_signatures(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    asked = {"idempotencyKey": key(), "overlapHours": 1}

    rotated = await heard.change(ROTATE, **asked)
    again = await heard.change(ROTATE, **asked)
    await seller.place()
    await world.send_webhooks()

    assert rotated["secret"] not in {None, heard.secret}
    assert (again["secret"], again["replayed"]) == (rotated["secret"], True)
    newest, older = rotated["endpoint"]["secrets"]
    assert newest["expiresAt"] is None
    assert datetime.fromisoformat(older["expiresAt"]) < datetime.now(UTC) + timedelta(hours=1)
    for secret in (heard.secret, rotated["secret"]):
        heard.secret = secret
        assert heard.verified(receiver.received[0])


async def test_a_second_rotation_ends_the_oldest_secret_and_an_overlap_of_nothing_all_of_them(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    await heard.change(ROTATE, idempotencyKey=key())
    twice = await heard.change(ROTATE, idempotencyKey=key())
    at_once = await heard.change(ROTATE, idempotencyKey=key(), overlapHours=0)
    await seller.place()
    await world.send_webhooks()

    assert len(twice["endpoint"]["secrets"]) == 2
    assert len(at_once["endpoint"]["secrets"]) == 1
    assert receiver.received[0].headers["webhook-signature"].count("v1,") == 1
    heard.secret = at_once["secret"]
    assert heard.verified(receiver.received[0])


@pytest.mark.parametrize("hours", [-1, 169])
async def test_an_overlap_is_a_week_at_most(heard: Listener, hours: int) -> None:
    payload = await heard.change(ROTATE, idempotencyKey=key(), overlapHours=hours)

    assert payload["problems"] == [{"code": "INVALID_OVERLAP", "path": ["input", "overlapHours"]}]


async def test_a_test_arrives_signed_and_its_outcome_is_read_by_asking_again(
    heard: Listener, world: World, receiver: Receiver
) -> None:
    asked = {"idempotencyKey": key()}
    receiver.script = [response(201, "thanks")]

    sent = await heard.change(TEST, **asked)
    await world.send_webhooks()
    outcome = await heard.change(TEST, **asked)

    assert sent["delivery"]["state"] == "WAITING"
    message = heard.verified(receiver.received[0])
    assert (message["type"], message["sequence"]) == ("webhook.test", None)
    assert outcome["replayed"]
    assert outcome["delivery"]["state"] == "DELIVERED"
    assert outcome["delivery"]["attempts"] == [{"outcome": "DELIVERED", "status": 201, "response": "thanks"}]


async def test_what_is_wrong_with_a_change_changes_nothing(heard: Listener, receiver: Receiver) -> None:
    payload = await heard.change(UPDATE, url="ftp://x.example", description="new", eventTypes=["nothing"])

    assert [problem["code"] for problem in payload["problems"]] == ["INVALID_URL", "UNKNOWN_EVENT_TYPE"]
    assert payload["endpoint"]["url"] == receiver.url()
    assert (await heard.look())["url"] == receiver.url()


async def test_a_deleted_endpoint_is_gone_with_its_log(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    await seller.place()
    await world.send_webhooks()

    deleted = await heard.change(DELETE)
    await seller.place()
    await world.send_webhooks()

    assert deleted == {"deletedId": heard.id, "problems": []}
    assert await heard.look() is None
    assert len(receiver.received) == 3
    for table in ("webhook_endpoints", "webhook_secrets", "webhook_deliveries", "webhook_attempts"):
        assert await world.rows(table, seller.id) == 0


async def test_a_rival_finds_and_changes_nothing(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    await seller.place()
    await world.send_webhooks()
    delivery = (await heard.log())[0]["id"]
    rival = await world.partner()
    stranger = Listener(rival, world, receiver, heard.id, heard.secret)
    not_found = [{"code": "WEBHOOK_ENDPOINT_NOT_FOUND", "path": ["input", "endpointId"]}]

    assert await stranger.look() is None
    assert await stranger.log() == []
    assert (await rival.ask("{ webhookEndpoints { id } }"))["webhookEndpoints"] == []
    assert (await rival.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[heard.id, delivery]))[
        "nodes"
    ] == [None, None]
    for mutation, given in [
        (UPDATE, {"url": "https://rival.example/"}),
        (DELETE, {}),
        (ROTATE, {"idempotencyKey": key()}),
        (TEST, {"idempotencyKey": key()}),
        (REPLAY, {"fromSequence": 1}),
    ]:
        assert (await stranger.change(mutation, **given))["problems"] == not_found
    again = (await rival.ask(REDELIVER, input={"deliveryId": delivery}))["redeliverWebhook"]
    assert [problem["code"] for problem in again["problems"]] == ["WEBHOOK_DELIVERY_NOT_FOUND"]
    assert (await heard.look())["url"] == receiver.url()


async def test_the_sandbox_and_production_have_endpoints_of_their_own(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    token = world.token(partner=seller.id, environment="SANDBOX")
    sandbox = Portal(seller.id, seller.name, token, seller.http)

    await sandbox.place()
    await world.send_webhooks()

    assert await Listener(sandbox, world, receiver, heard.id, "").look() is None
    assert receiver.received == []


async def test_operators_read_dead_letters_of_every_partner_and_change_nothing(
    heard: Listener, seller: Portal, world: World
) -> None:
    operator = world.staff("OPERATOR")

    seen = (await operator.ask(LOOK, id=heard.id))["webhookEndpoint"]
    errors = await operator.errors(DELETE, input={"endpointId": heard.id})

    assert (seen["id"], seen["partner"]) == (heard.id, {"id": seller.id})
    assert [error["extensions"]["code"] for error in errors] == ["FORBIDDEN"]


async def test_a_secret_is_neither_stored_nor_logged_in_clear(
    heard: Listener, seller: Portal, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    await heard.change(ROTATE, idempotencyKey=key())
    await seller.place()
    await world.send_webhooks()

    rows: list[Any] = []
    for table in (
        "webhook_endpoints",
        "webhook_secrets",
        "webhook_attempts",
        "audit_log",
        "idempotency_keys",
    ):
        mine = f"SELECT * FROM {table} WHERE partner_id = $1"  # noqa: S608  tables of this test
        rows += await world.connection.fetch(mine, bare(seller.id))
    kept = " ".join(str(dict(row)) for row in rows)
    said = capfd.readouterr()
    for shown in (heard.secret, heard.secret.removeprefix("whsec_")):
        assert shown not in kept
        assert shown not in said.out + said.err
    assert json.dumps(heard.secret) not in kept
