"""The two ways on which a message leaves: a mail server by SMTP, or the inbox of this installation."""

import asyncio
import mailbox
import re
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from datasources.errors import SourceUnavailable
from datasources.mail.messages import Envelope, Undeliverable
from datasources.settings import Settings

MAIL = "mail"
_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_PERMANENT = 500
_GENERAL = "5.0.0"
_DEFAULT_PORTS = {"smtp": 587, "smtps": 465}


class Postman(Protocol):
    """Takes a message to where it is read, or says why not."""

    async def take(self, envelope: Envelope) -> None:
        """Raises Undeliverable where it can never arrive, SourceUnavailable where it may later."""


class Smtp:
    """A mail server. Each message has a connection of its own, as one broken by a refusal spoils the next."""

    def __init__(self, url: str, *, timeout: float) -> None:
        address = urlsplit(url)
        self._options = {
            "hostname": address.hostname,
            "port": address.port or _DEFAULT_PORTS[address.scheme],
            "username": unquote(address.username) if address.username else None,
            "password": unquote(address.password) if address.password else None,
            "use_tls": address.scheme == "smtps",
            # Credentials and licences go in clear to this very machine only.
            "start_tls": None if address.scheme == "smtps" or _is_loopback(address.hostname) else True,
            "timeout": timeout,
        }

    async def take(self, envelope: Envelope) -> None:
        try:
            async with aiosmtplib.SMTP(**self._options) as server:  # type: ignore[arg-type]
                await server.sendmail(envelope.sender, envelope.recipient, envelope.message.as_bytes())
        except aiosmtplib.SMTPRecipientsRefused as refused:
            raise _refusal(refused.recipients[0]) from refused
        except aiosmtplib.SMTPAuthenticationError as refused:
            raise SourceUnavailable(MAIL, retryable=True, code="AUTHENTICATION") from refused
        except aiosmtplib.SMTPResponseException as refused:
            raise _refusal(refused) from refused
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as fault:
            raise SourceUnavailable(MAIL, retryable=True, code=type(fault).__name__) from fault


class LocalInbox:
    """A Maildir under the home directory, read by `./portico mail` and at the address that `serve` prints."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def take(self, envelope: Envelope) -> None:
        try:
            await asyncio.to_thread(self._keep, envelope)
        except OSError as fault:
            raise SourceUnavailable(MAIL, retryable=True, code=type(fault).__name__) from fault

    def _keep(self, envelope: Envelope) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        message = mailbox.MaildirMessage(envelope.message)
        message["Return-Path"] = f"<{envelope.sender}>"
        message["Delivered-To"] = envelope.recipient
        mailbox.Maildir(self._path).add(message)


def inbox_of(settings: Settings) -> LocalInbox:
    return LocalInbox(settings.inbox)


def postman_of(settings: Settings) -> Postman:
    """The mail server of the settings; without one, the local inbox."""
    if settings.smtp_url is None:
        return inbox_of(settings)
    return Smtp(settings.smtp_url.get_secret_value(), timeout=settings.smtp_timeout)


def _refusal(
    refused: aiosmtplib.SMTPResponseException,
) -> Undeliverable | SourceUnavailable:
    """What a mail server's answer means: never, or later."""
    found = _ENHANCED.search(refused.message)
    if refused.code >= _PERMANENT:
        return Undeliverable(found[0] if found else _GENERAL)
    return SourceUnavailable(MAIL, retryable=True, code=found[0] if found else str(refused.code))


def _is_loopback(host: str | None) -> bool:
    return host in {"127.0.0.1", "::1", "localhost"}
