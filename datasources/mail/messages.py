"""Messages as they leave: headers, text, HTML and the licence file, and the address that bounces come to."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from pathlib import Path
from string import Template

from commerce.deliveries import domain_of
from commerce.license_letters import FILE_NAME, Letter

_TEMPLATES = Path(__file__).parent / "templates"
_TEXT = Template((_TEMPLATES / "license.txt").read_text("utf-8"))
_HTML = Template((_TEMPLATES / "license.html").read_text("utf-8"))

BAD_ADDRESS = "5.1.3"
"""RFC 3463: the address is not valid."""


class Undeliverable(Exception):
    """The message cannot arrive, now or later. `code` is an enhanced status (RFC 3463)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message with the addresses that mail servers use."""

    sender: str
    recipient: str
    message: EmailMessage


def envelope(delivery_id: str, letter: Letter, *, mail_from: str, at: datetime) -> Envelope:
    """The message of a delivery. Raises Undeliverable for an address that none can be written to.

    Its Message-ID and the address that bounces come to both carry the delivery's id, so that a message that
    was sent twice is one, and a bounce finds its way.
    """
    name, own = parseaddr(mail_from)
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(name, addr_spec=own)
        message["To"] = Address(letter.to_name, addr_spec=_ascii(letter.to_email))
        message["Subject"] = letter.subject
    except (ValueError, MessageError, IndexError) as fault:
        raise Undeliverable(BAD_ADDRESS) from fault
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{delivery_id}@{domain_of(own)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_TEXT.substitute(letter.values))
    escaped = {key: escape(value) for key, value in letter.values.items()}
    message.add_alternative(_HTML.substitute(escaped), subtype="html")
    message.add_attachment(
        letter.file.encode("ascii"), maintype="application", subtype="octet-stream", filename=FILE_NAME
    )
    return Envelope(returned_to(own, delivery_id), _ascii(letter.to_email), message)


def returned_to(own: str, delivery_id: str) -> str:
    """The envelope sender of one delivery: `licenses+dlv_…@example.com`."""
    local, _, domain = own.rpartition("@")
    return f"{local}+{delivery_id}@{domain}"


def _ascii(address: str) -> str:
    """An address with its domain as DNS spells it. Raises Undeliverable where the rest is not ASCII."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}".encode("ascii").decode("ascii")
    except UnicodeError as fault:
        raise Undeliverable(BAD_ADDRESS) from fault
