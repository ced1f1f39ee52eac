"""No URL that a partner can give leads to a connection inside: a canary listens, and hears nothing."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest

from commerce.addresses import IPV4, IPV6, special
from commerce.webhook_urls import InvalidUrl, UrlRules, target_of
from commerce.webhooks import Outcome
from datasources.webhooks.resolving import Resolver
from datasources.webhooks.sender import WebhookSender
from tests.datasources.webhooks.hostile_urls import ADDRESSES, NAMES, NOTATIONS, hostile_urls
from tests.receivers import Receiver, listening

EVERYWHERE = "0.0.0.0"  # noqa: S104  so that a canary hears whatever reaches this machine
PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "52.95.110.1",
    "100.63.255.255",
    "172.32.0.1",
    "198.41.0.4",
    "2606:4700::1111",
)


class Dns:
    """Names of the hostile list as they answer, look-up after look-up; every other name as the system knows
    it.
    """

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self._system = Resolver()

    async def __call__(self, host: str, port: int) -> list[str]:
        if host not in NAMES:
            return await self._system(host, port)
        answers = NAMES[host]
        self.asked[host] += 1
        return list(answers[min(self.asked[host], len(answers)) - 1])


class Door:
    """Opens connections and remembers where to; the outer world is not there in tests."""

    def __init__(self) -> None:
        self.opened: set[str] = set()

    async def __call__(self, address: str, port: int, **options: Any) -> tuple[StreamReader, StreamWriter]:
        self.opened.add(address)
        if address in PUBLIC:
            raise OSError("unreachable from a test")
        return await asyncio.open_connection(address, port, **options)


async def heard_by(canaries: list[Receiver]) -> int:
    await asyncio.sleep(0.05)
    return sum(one.connections for one in canaries)


async def test_more_than_120_hostile_urls_reach_nothing() -> None:
    dns, door = Dns(), Door()
    async with (
        listening(Receiver(), host=EVERYWHERE) as canary,
        listening(Receiver(port=canary.port), host="::1") as canary6,
    ):
        sender = WebhookSender(
            UrlRules(ports=frozenset({443, canary.port})),
            timeout=5.0,
            resolve=dns,
            connect=door,
        )
        urls = hostile_urls(canary.port)
        outcomes = {url: (await sender.send(url, b"{}", {})).answer.outcome for url in urls}
        sender.close()
        connections = await heard_by([canary, canary6])

    assert len(set(urls)) >= 120
    assert connections == 0
    assert door.opened == {"198.41.0.4", "2606:4700::1111"}, "the public answers of names that rebind"
    assert set(outcomes.values()) <= {Outcome.FORBIDDEN_ADDRESS, Outcome.UNRESOLVED, Outcome.UNREACHABLE}
    assert set(dns.asked.values()) == {1}, "a second look-up is where rebinding gets in"


async def test_a_client_that_takes_urls_as_they_come_is_led_to_the_canary() -> None:
    """The positive control: the canary hears, and these URLs are hostile indeed."""
    led = set()
    async with (
        listening(Receiver(), host=EVERYWHERE) as canary,
        listening(Receiver(port=canary.port), host="::1") as canary6,
    ):
        for url in hostile_urls(canary.port):
            before = canary.connections + canary6.connections
            await naively(url)
            if canary.connections + canary6.connections > before:
                led.add(url)

    assert len(led) >= 30
    assert f"https://2130706433:{canary.port}/" in led
    assert f"https://[::1]:{canary.port}/" in led


async def naively(url: str) -> None:
    """Parse, filter by the flags of `ipaddress` where the host is an address, look up, connect."""
    try:
        parts = urlsplit(url)
        _, writer = await asyncio.wait_for(
            asyncio.open_connection(parts.hostname, parts.port, family=socket.AF_UNSPEC), 0.3
        )
    except Exception:  # noqa: BLE001  what such a client trips over is not the question
        return
    await asyncio.sleep(0.01)
    writer.close()


async def test_the_development_switch_reaches_this_machine_and_nothing_else() -> None:
    async with listening(Receiver()) as canary:
        sender = WebhookSender(UrlRules(loopback=True), timeout=2.0)
        reached = await sender.send(canary.url(), b"{}", {})
        inner = [
            await sender.send(f"https://{host}/", b"{}", {})
            for host in ADDRESSES
            if host not in {"[::1]", "[0:0:0:0:0:0:0:1]"} and not host.startswith(("127.", "[0000"))
        ]
        sender.close()

    assert reached.answer.outcome is Outcome.DELIVERED
    assert len(inner) > 50
    assert {sent.answer.outcome for sent in inner} == {Outcome.FORBIDDEN_ADDRESS}


@pytest.mark.parametrize("host", [*ADDRESSES, *NOTATIONS])
def test_a_hostile_host_is_refused_where_it_is_given(host: str) -> None:
    with pytest.raises(InvalidUrl):
        target_of(f"https://{host}/", UrlRules())


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.brightwater.example",
        "https://hooks.brightwater.example/",
        "https://hooks.brightwater.example:8443/portico?tenant=1&x=%20",
        "https://HOOKS.brightwater.example/~a/b.c;d=1,2",
        "https://xn--brckenau-n4a.example/hooks",
        "https://1.1.1.1/hooks",
        "https://[2606:4700::1111]:443/hooks",
        "https://3scale.example/hooks?",
    ],
)
def test_a_public_url_is_taken(url: str) -> None:
    assert target_of(url, UrlRules()).secure


def test_every_range_of_the_table_is_special_from_end_to_end() -> None:
    for network in (*IPV4, *IPV6):
        assert special(str(network[0]))
        assert special(str(network[-1]))
    assert [special(address) for address in PUBLIC] == [None] * len(PUBLIC)
