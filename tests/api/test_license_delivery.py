"""Licences by e-mail: through a real SMTP server on the loopback, refusals and bounces included."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from datasources.license_keys import verify
from datasources.mail.bounces import bounce_in
from datasources.mail.inbox import Inbox, inbox_key
from datasources.mail.postmen import Smtp
from datasources.sources import Sources
from jobs.deliver_licenses import record_bounce
from tests.api.license_desk import change, key, licenses_of, retrieve
from tests.api.world import Portal, World, bare, customer_input


class MailServer:
    """What aiosmtpd asks for each message: it keeps them, or answers as it was told to."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 OK"
        self.url = ""

    async def handle_RCPT(  # noqa: N802  aiosmtpd asks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(  # noqa: N802  the same
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.envelopes.append(envelope)
        return "250 OK"

    def message(self) -> EmailMessage:
        (envelope,) = self.envelopes
        return message_from_bytes(envelope.content or b"", _class=EmailMessage, policy=default)


@pytest.fixture
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server on a free port of the loopback: aiosmtpd's, which we did not write."""
    server, loop = MailServer(), asyncio.get_running_loop()
    listening = await loop.create_server(lambda: SMTP(server, loop=loop), "127.0.0.1", 0)
    server.url = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


@pytest.fixture
def by_mail(mail_server: MailServer, world: World) -> Sources:
    """Sources whose postman is the mail server."""
    return replace(world.sources, postman=Smtp(mail_server.url, timeout=5))


@pytest.fixture
async def license_(seller: Portal, world: World) -> dict[str, Any]:
    """A licence whose e-mail is still to be sent; nothing else is due."""
    await world.provision()
    await world.deliver()
    asked = customer_input(seller.id[-8:], legalName="Brouwerij <De Vlijt> & Zn.")
    order = (await seller.place(customer={"new": asked}))["order"]
    await world.provision()
    return await first_of(seller, order["id"])


async def first_of(seller: Portal, order_id: str) -> dict[str, Any]:
    query = "query($id: ID!) { order(by: {id: $id}) { licenses { id subscription { id } } } }"
    (one,) = (await seller.ask(query, id=order_id))["order"]["licenses"]
    (license_,) = await licenses_of(seller, one["subscription"]["id"])
    return license_ | {"subscription": one["subscription"]["id"]}


async def outcomes(seller: Portal, license_: dict[str, Any]) -> list[tuple[str, str | None]]:
    """What became of each delivery, the newest first."""
    return [
        (delivery["status"], delivery["failure"])
        for one in await licenses_of(seller, license_["subscription"])
        for delivery in one["deliveries"]
    ]


async def due_again(world: World, license_: dict[str, Any]) -> None:
    await world.connection.execute(
        "UPDATE outbox SET due_at = now() WHERE destination = 'mail' AND key IN"
        " (SELECT id FROM license_deliveries WHERE license_id = $1)",
        bare(license_["id"]),
    )


async def test_the_contact_gets_the_code_and_a_file_that_verifies(
    seller: Portal, world: World, by_mail: Sources, mail_server: MailServer, license_: dict[str, Any]
) -> None:
    await world.deliver(by_mail)

    message = mail_server.message()
    text = message.get_body(("plain",)).get_content()
    code = (await retrieve(seller, license_["id"]))["code"]
    (attached,) = message.iter_attachments()
    keys = world.sources.license_keys.public_key_set()
    assert message["To"].addresses[0].addr_spec == license_["licensee"]["email"]
    assert "10 seats" in message["Subject"]
    assert code in text
    assert "Brouwerij <De Vlijt> & Zn." in text
    assert "Brouwerij &lt;De Vlijt&gt; &amp; Zn." in message.get_body(("html",)).get_content()
    assert attached.get_filename() == "license.lic"
    assert verify(attached.get_content().decode(), keys, now=datetime.now(UTC)).valid
    assert await outcomes(seller, license_) == [("SENT", None)]


async def test_bounces_come_to_an_address_that_names_the_delivery(
    world: World, by_mail: Sources, mail_server: MailServer, license_: dict[str, Any]
) -> None:
    await world.deliver(by_mail)

    (envelope,) = mail_server.envelopes
    query = "SELECT 'dlv_' || encode(uuid_send(id), 'hex') FROM license_deliveries WHERE license_id = $1"
    delivery = await world.connection.fetchval(query, bare(license_["id"]))
    assert envelope.mail_from == f"licenses+{delivery}@portico.example"
    assert mail_server.message()["Message-ID"] == f"<{delivery}@portico.example>"


async def test_a_code_that_was_handed_out_is_not_sent_again_unless_a_new_one_is_made(
    seller: Portal, world: World, by_mail: Sources, mail_server: MailServer, license_: dict[str, Any]
) -> None:
    code = (await retrieve(seller, license_["id"]))["code"]
    await world.deliver(by_mail)
    first = mail_server.message().get_body(("plain",)).get_content()
    mail_server.envelopes.clear()
    asked = {"licenseId": license_["id"], "idempotencyKey": key(), "newActivationCode": True}
    await change(seller, "resendLicense", **asked)
    await world.deliver(by_mail)
    second = mail_server.message().get_body(("plain",)).get_content()

    assert "shown once only" in first
    assert "PORT-" not in first
    assert "PORT-" in second
    assert code not in second


async def test_an_address_that_is_refused_is_a_bounce_and_the_partner_hears_of_it(
    seller: Portal, world: World, by_mail: Sources, mail_server: MailServer, license_: dict[str, Any]
) -> None:
    mail_server.answer = "550 5.1.1 No such user here"

    await world.deliver(by_mail)

    told = "SELECT count(*) FROM events WHERE subject_id = $1 AND type = 'license.bounced'"
    waiting = "SELECT count(*) FROM outbox WHERE destination = 'mail' AND partner_id = $1"
    assert await outcomes(seller, license_) == [("BOUNCED", "5.1.1")]
    assert await world.connection.fetchval(told, license_["id"]) == 1
    assert await world.connection.fetchval(waiting, bare(seller.id)) == 0


@pytest.mark.parametrize("trouble", ["451 4.3.2 Try later", "down"])
async def test_a_mail_server_in_trouble_is_tried_again(  # noqa: PLR0917  fixtures
    seller: Portal,
    world: World,
    by_mail: Sources,
    mail_server: MailServer,
    license_: dict[str, Any],
    trouble: str,
) -> None:
    nowhere = replace(by_mail, postman=Smtp("smtp://127.0.0.1:9", timeout=1))
    mail_server.answer = trouble

    await world.deliver(nowhere if trouble == "down" else by_mail)
    before = await outcomes(seller, license_)
    mail_server.answer = "250 OK"
    await due_again(world, license_)
    await world.deliver(by_mail)

    assert before == [("QUEUED", None)]
    assert await outcomes(seller, license_) == [("SENT", None)]
    assert len(mail_server.envelopes) == 1


async def test_a_licence_that_was_revoked_meanwhile_is_not_sent(
    seller: Portal, world: World, by_mail: Sources, mail_server: MailServer, license_: dict[str, Any]
) -> None:
    await change(seller, "revokeLicense", licenseId=license_["id"], reason="Mistake")

    await world.deliver(by_mail)

    assert mail_server.envelopes == []
    assert await outcomes(seller, license_) == [("FAILED", "NOT_CURRENT")]


async def test_a_contact_with_the_seller_s_address_gets_nothing_and_that_is_said(
    seller: Portal, world: World, by_mail: Sources, mail_server: MailServer
) -> None:
    await world.connection.execute(
        "UPDATE partners SET contact_email = 'desk@brightwater.example' WHERE id = $1", bare(seller.id)
    )
    contact = {"name": "A. Reseller", "email": "a@brightwater.example", "receivesLicenses": True}
    asked = customer_input(seller.id[-6:], contacts=[contact])
    order = (await seller.place(customer={"new": asked}))["order"]
    await world.provision()
    await world.deliver(by_mail)

    license_ = await first_of(seller, order["id"])
    assert await outcomes(seller, license_) == [("WITHHELD", "PARTNER_ADDRESS")]
    assert [one.rcpt_tos for one in mail_server.envelopes if "a@brightwater.example" in one.rcpt_tos] == []


async def test_the_sandbox_writes_to_nobody_outside(
    world: World, by_mail: Sources, mail_server: MailServer
) -> None:
    await world.deliver()
    seller = await world.partner(environment="SANDBOX")
    asked = customer_input("sandbox")
    await seller.place(customer={"new": asked})
    await world.provision()

    await world.deliver(by_mail)

    newest = Inbox(world.settings.inbox).newest(1)[0]
    assert mail_server.envelopes == []
    assert newest.subject.startswith("[Sandbox] Your licence")
    assert asked["contacts"][0]["email"] in newest.recipient


NOTICE = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: licenses+{delivery}@portico.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; femke@lindeboom.example
Action: {action}
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 Mailbox full

--b--
"""


async def test_a_bounce_that_comes_back_later_is_recorded_once(
    seller: Portal, world: World, by_mail: Sources, mail_server: MailServer, license_: dict[str, Any]
) -> None:
    await world.deliver(by_mail)
    delivery = mail_server.message()["Message-ID"].strip("<>").partition("@")[0]
    bounce = bounce_in(NOTICE.format(delivery=delivery, action="failed").encode())
    assert bounce is not None

    known = []
    for _ in range(2):
        async with world.sources.database.system() as transaction:
            now = datetime.now(UTC)
            found = await record_bounce(world.sources, transaction, bounce.delivery_id, bounce.code, now)
            known.append(found)

    assert known == [True, False]
    assert await outcomes(seller, license_) == [("BOUNCED", "5.2.2")]


@pytest.mark.parametrize("text", ["", "To: x\n\nhello", NOTICE.format(delivery="dlv_x", action="failed")])
def test_what_is_no_bounce_of_ours_is_none(text: str) -> None:
    assert bounce_in(text.encode()) is None


def test_a_delay_is_no_bounce() -> None:
    notice = NOTICE.format(delivery="dlv_" + "0" * 32, action="delayed")

    assert bounce_in(notice.encode()) is None
    assert bounce_in(notice.replace("delayed", "failed").encode()) is not None


async def test_the_inbox_page_shows_what_was_sent_to_who_has_its_address(
    world: World, license_: dict[str, Any]
) -> None:
    await world.deliver()
    address = f"/inbox/{inbox_key(world.settings)}/"

    listed = await world.http.get(address)
    name = Inbox(world.settings.inbox).newest(1)[0].name
    shown = await world.http.get(f"{address}{name}/")
    framed = await world.http.get(f"{address}{name}/message.html")
    file = await world.http.get(f"{address}{name}/license.lic")
    refused = await world.http.get(f"/inbox/{'0' * 64}/")

    assert license_["licensee"]["email"] in listed.text
    assert "Brouwerij &lt;De Vlijt&gt;" in shown.text
    assert "<script" not in framed.text
    assert file.text.startswith("-----BEGIN LICENSE FILE-----")
    assert refused.status_code == 404
