"""What we send, as the official packages of both languages and the receivers of the guide understand it."""

import asyncio
import importlib.util
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.api.edge.node_clients import needs_node, node
from tests.api.listener import CREATE, ROTATE, Listener, key
from tests.api.world import Portal, World
from tests.receivers import Receiver

GUIDE = Path(__file__).parents[2] / "docs" / "partners"
PYTHON, JAVASCRIPT = GUIDE / "receive_webhooks.py", GUIDE / "receive-webhooks.mjs"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"id": "evt_1"}'


@pytest.fixture(scope="module")
def guide() -> ModuleType:
    spec = importlib.util.spec_from_file_location("receive_webhooks", PYTHON)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def signed(body: bytes, *, ago: float = 0, secret: str = SECRET) -> dict[str, str]:
    """The headers as the official package makes them."""
    at = datetime.fromtimestamp(time.time() - ago, UTC)
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", at, body.decode()),
    }


def variants() -> dict[str, tuple[dict[str, str], bytes, bool]]:
    """Headers and body by what is wrong with them, and whether they are to be accepted."""
    good = signed(BODY)
    other = signed(BODY, secret="whsec_" + "B" * 32)
    both = f"{other['webhook-signature']} {good['webhook-signature']} v1a,AAAA"
    return {
        "as signed": (good, BODY, True),
        "one signature of several": (good | {"webhook-signature": both}, BODY, True),
        "another body": (good, BODY + b" ", False),
        "another id": (good | {"webhook-id": "evt_2"}, BODY, False),
        "another time": (good | {"webhook-timestamp": str(int(time.time()) - 1)}, BODY, False),
        "ten minutes old": (signed(BODY, ago=600), BODY, False),
        "from the future": (signed(BODY, ago=-600), BODY, False),
        "another secret": (other, BODY, False),
        "another version": (good | {"webhook-signature": f"v2{good['webhook-signature'][2:]}"}, BODY, False),
        "no signature": (good | {"webhook-signature": ""}, BODY, False),
    }  # fmt: skip


@pytest.mark.parametrize("what", variants())
def test_the_guides_python_agrees_with_the_official_package(guide: ModuleType, what: str) -> None:
    headers, body, accepted = variants()[what]

    assert understands(lambda: guide.verified([SECRET], headers, body)) is accepted
    assert understands(lambda: Webhook(SECRET).verify(body, headers)) is accepted


def understands(verify: Any) -> bool:
    try:
        verify()
    except Exception:  # noqa: BLE001  the package raises whatever comes up
        return False
    return True


@pytest.mark.node
@needs_node
async def test_the_official_package_and_the_guides_javascript_understand_what_is_sent(
    heard: Listener, seller: Portal, world: World, receiver: Receiver
) -> None:
    await heard.change(ROTATE, idempotencyKey=key())
    await seller.place()
    await world.send_webhooks()
    sent = [{"headers": one.headers, "body": one.body.decode()} for one in receiver.received]
    altered = [sent[0] | {"body": sent[0]["body"].replace("RECEIVED", "FULFILLED")}]

    found = await node("webhooks.mjs", str(JAVASCRIPT), heard.secret, json.dumps(sent + altered))

    understood = [{"official": one.id, "ours": one.id} for one in receiver.received]
    assert found["outcomes"] == [*understood, {"official": None, "ours": None}]
    assert found["signed"] == "signed by the package"
    assert found["vector"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.node
@needs_node
async def test_the_guides_javascript_agrees_with_the_official_package() -> None:
    asked = [{"headers": headers, "body": body.decode()} for headers, body, _ in variants().values()]

    found = await node("webhooks.mjs", str(JAVASCRIPT), SECRET, json.dumps(asked))

    expected = ["evt_1" if accepted else None for _, _, accepted in variants().values()]
    assert [one["ours"] for one in found["outcomes"]] == expected
    assert [one["official"] for one in found["outcomes"]] == expected


@pytest.mark.parametrize(
    "program",
    [
        pytest.param((sys.executable, str(PYTHON)), id="python"),
        pytest.param(("node", str(JAVASCRIPT)), id="javascript", marks=[pytest.mark.node, needs_node]),
    ],
)
async def test_the_guides_receivers_take_an_order_once_and_nothing_forged(
    seller: Portal, world: World, program: tuple[str, ...], tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets.txt"
    async with running(*program, str(secrets)) as (url, lines):
        asked = {"idempotencyKey": key(), "url": url, "eventTypes": ["order.*"]}
        made = (await seller.ask(CREATE, input=asked))["createWebhookEndpoint"]
        forged = Listener(seller, world, Receiver(), made["endpoint"]["id"], made["secret"])
        secrets.write_text("whsec_AAAA\n")
        await seller.place()
        await world.send_webhooks()
        refused = (await forged.log())[0]["attempts"][0]
        secrets.write_text(f"whsec_AAAA\n{made['secret']}\n")

        again = "mutation($id: ID!) { redeliverWebhook(input: {deliveryId: $id}) { delivery { id } } }"
        await seller.ask(again, id=(await forged.log())[0]["id"])
        await world.send_webhooks()
        await seller.ask(again, id=(await forged.log())[0]["id"])
        await world.send_webhooks()
        heard = [await lines.__anext__() for _ in range(3)]

    assert (refused["outcome"], refused["status"]) == ("REJECTED", 401)
    assert heard == ["order.received 1", "order.provisioning 3", "again order.received 1"]


@asynccontextmanager
async def running(*words: str) -> AsyncIterator[tuple[str, AsyncIterator[str]]]:
    """A receiver's address and the lines it prints, for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    printed = process.stdout

    async def lines() -> AsyncIterator[str]:
        while line := await asyncio.wait_for(printed.readline(), 20):
            yield line.decode().strip()

    said = lines()
    try:
        yield await said.__anext__(), said
    finally:
        process.kill()
        await process.wait()
