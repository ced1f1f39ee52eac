"""The sender against servers that misbehave: every fault is an outcome, and none takes long."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from commerce.webhook_urls import UrlRules
from commerce.webhooks import EXCERPT, Outcome
from datasources.webhooks.sender import WebhookSender
from tests.receivers import DRIP, HANG, RESET, Receiver, listening, response

NAME = "hooks.brightwater.example"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening(Receiver()) as listened:
        yield listened


@pytest.fixture
def sender() -> AsyncIterator[WebhookSender]:
    made = WebhookSender(UrlRules(loopback=True), timeout=1.0, connect_timeout=0.5)
    yield made
    made.close()


async def test_what_is_posted_arrives_byte_for_byte(sender: WebhookSender, receiver: Receiver) -> None:
    sent = await sender.send(receiver.url("/a/b?c=d"), '{"ü":1}'.encode(), {"webhook-id": "evt_1"})

    (got,) = receiver.received
    assert sent.answer.outcome is Outcome.DELIVERED
    assert (got.path, got.body, got.id) == ("/a/b?c=d", '{"ü":1}'.encode(), "evt_1")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("behaviour", "outcome", "status"),
    [
        (204, Outcome.DELIVERED, 204),
        (500, Outcome.REJECTED, 500),
        (410, Outcome.GONE, 410),
        (HANG, Outcome.TIMED_OUT, None),
        (RESET, Outcome.UNREACHABLE, None),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Outcome.MALFORMED, None),
        (b"", Outcome.MALFORMED, None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Outcome.DELIVERED, 200),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
            Outcome.REJECTED,
            503,
        ),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", Outcome.DELIVERED, 200),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Outcome.DELIVERED, 200),
    ],
)
async def test_every_behaviour_has_its_outcome(
    sender: WebhookSender,
    receiver: Receiver,
    behaviour: int | bytes | str,
    outcome: Outcome,
    status: int | None,
) -> None:
    receiver.usual = behaviour

    sent = await sender.send(receiver.url(), b"{}", {})

    assert (sent.answer.outcome, sent.answer.status) == (outcome, status)


async def test_a_redirect_is_a_failure_and_not_followed(sender: WebhookSender, receiver: Receiver) -> None:
    receiver.usual = response(307, location=receiver.url("/elsewhere"))

    sent = await sender.send(receiver.url(), b"{}", {})

    assert sent.answer.outcome is Outcome.REDIRECTED
    assert [one.path for one in receiver.received] == ["/hooks"]


async def test_nobody_listening_is_unreachable(sender: WebhookSender, receiver: Receiver) -> None:
    async with listening(Receiver()) as gone:
        url = gone.url()

    assert (await sender.send(url, b"{}", {})).answer.outcome is Outcome.UNREACHABLE


async def test_a_name_that_is_not_there_is_unresolved(receiver: Receiver) -> None:
    async def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("NXDOMAIN")

    sender = WebhookSender(UrlRules(), resolve=nowhere)

    assert (await sender.send(f"https://{NAME}/", b"{}", {})).answer.outcome is Outcome.UNRESOLVED
    sender.close()


async def test_the_first_two_kilobytes_of_an_answer_are_kept(
    sender: WebhookSender, receiver: Receiver
) -> None:
    receiver.usual = response(500, "é" * 3_000 + "the end")

    answer = (await sender.send(receiver.url(), b"{}", {})).answer

    assert answer.response == "é" * (EXCERPT // 2)


async def test_bytes_that_are_no_text_are_kept_as_text(sender: WebhookSender, receiver: Receiver) -> None:
    receiver.usual = b"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\n\x00\xff\xfe."

    assert (await sender.send(receiver.url(), b"{}", {})).answer.response == "\ufffd\ufffd\ufffd."


@pytest.mark.parametrize("endless", [DRIP, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000])
async def test_an_answer_without_end_is_cut_short_and_counts_by_its_status(
    sender: WebhookSender, receiver: Receiver, endless: bytes | str
) -> None:
    receiver.usual = endless

    sent = await sender.send(receiver.url(), b"{}", {})

    assert sent.answer.outcome is Outcome.DELIVERED
    assert sent.duration_ms < 5_000


async def test_headers_without_end_are_malformed(sender: WebhookSender, receiver: Receiver) -> None:
    receiver.usual = b"HTTP/1.1 200 OK\r\n" + b"x-padding: " + b"x" * 1_000_000

    assert (await sender.send(receiver.url(), b"{}", {})).answer.outcome is Outcome.MALFORMED


async def test_the_wait_that_an_answer_asks_for_is_read(sender: WebhookSender, receiver: Receiver) -> None:
    receiver.usual = response(429, retry_after="120")

    assert (await sender.send(receiver.url(), b"{}", {})).answer.retry_after == timedelta(minutes=2)


async def test_a_resolver_that_hangs_costs_no_more_than_the_time_to_connect() -> None:
    async def hanging(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    sender = WebhookSender(UrlRules(), timeout=5.0, connect_timeout=0.1, resolve=hanging)
    sent = await sender.send(f"https://{NAME}/", b"{}", {})
    sender.close()

    assert sent.answer.outcome is Outcome.TIMED_OUT
    assert sent.duration_ms < 2_000


async def test_a_name_whose_lookup_hangs_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    hung, asked = threading.Event(), []

    def hanging(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        hung.wait(20)
        return []

    monkeypatch.setattr("socket.getaddrinfo", hanging)
    sender = WebhookSender(UrlRules(), timeout=5.0, connect_timeout=0.1)
    outcomes = [(await sender.send(f"https://{NAME}/", b"{}", {})).answer.outcome for _ in range(5)]
    hung.set()
    sender.close()

    assert outcomes == [Outcome.TIMED_OUT] * 5
    assert asked == [NAME]


async def test_where_one_address_is_not_routed_the_next_is_tried(receiver: Receiver) -> None:
    tried: list[str] = []

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["2606:4700::1111", "127.0.0.1"]

    async def connect(
        address: str, port: int, **_: object
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tried.append(address)
        if address != "127.0.0.1":
            raise OSError("no route")
        return await asyncio.open_connection(address, port)

    rules = UrlRules(loopback=True, ports=frozenset({receiver.port}))
    sender = WebhookSender(rules, resolve=resolve, connect=connect)
    sent = await sender.send(f"https://{NAME}:{receiver.port}/", b"{}", {})
    sender.close()

    assert sent.answer.outcome is Outcome.DELIVERED
    assert tried == ["2606:4700::1111", "127.0.0.1"]


async def test_tls_goes_to_the_address_and_verifies_the_name(tmp_path: Path) -> None:
    server_tls, trust = authority(tmp_path, NAME)
    asked: list[str] = []

    async def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    server_tls.sni_callback = lambda _socket, name, _context: asked.append(f"SNI {name}")
    async with listening(Receiver(), tls=server_tls) as receiver:
        sender = WebhookSender(
            UrlRules(loopback=True, ports=frozenset({receiver.port})), resolve=resolve, tls=trust
        )
        right = await sender.send(f"https://{NAME}:{receiver.port}/hooks", b"{}", {})
        wrong = await sender.send(f"https://other.example:{receiver.port}/hooks", b"{}", {})
        sender.close()

    assert right.answer.outcome is Outcome.DELIVERED
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"
    assert asked[:2] == [NAME, f"SNI {NAME}"]
    assert wrong.answer.outcome is Outcome.TLS_FAILED
    assert len(receiver.received) == 1


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server_tls, _ = authority(tmp_path, NAME)

    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    async with listening(Receiver(), tls=server_tls) as receiver:
        rules = UrlRules(loopback=True, ports=frozenset({receiver.port}))
        sender = WebhookSender(rules, resolve=resolve)
        sent = await sender.send(f"https://{NAME}:{receiver.port}/", b"{}", {})
        sender.close()

    assert (sent.answer.outcome, receiver.received) == (Outcome.TLS_FAILED, [])


def authority(directory: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own for a name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("198.51.100.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = directory / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))
