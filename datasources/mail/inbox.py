"""Reading the local inbox: what was sent where no mail server is named, and everything of the sandbox."""

import mailbox
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

from datasources.sealing import kept_secret
from datasources.settings import Settings

_NAME = re.compile(r"[\w.,:=-]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the inbox. `name` is its key there."""

    name: str
    message: EmailMessage

    @property
    def at(self) -> datetime:
        return parsedate_to_datetime(str(self.message["Date"]))

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def recipient(self) -> str:
        return str(self.message["To"])

    def body(self, kind: str) -> str:
        """The text of a part: `plain` or `html`."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""

    def attachment(self, file_name: str) -> bytes | None:
        for part in self.message.iter_attachments():
            if part.get_filename() == file_name:
                content = part.get_payload(decode=True)
                return content if isinstance(content, bytes) else None
        return None

    @property
    def attachments(self) -> list[str]:
        return [part.get_filename() or "" for part in self.message.iter_attachments()]


class Inbox:
    """The messages of a Maildir; one that nothing was sent to is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def newest(self, most: int) -> list[Mail]:
        """So many messages, the newest first."""
        if not self._path.exists():
            return []
        found = sorted(
            (entry for folder in ("new", "cur") for entry in (self._path / folder).iterdir()),
            key=lambda entry: (entry.stat().st_mtime_ns, entry.name),
            reverse=True,
        )
        return [_read(entry) for entry in found[:most]]

    def named(self, name: str) -> Mail | None:
        """The message of a key, None where there is none."""
        if not _NAME.fullmatch(name) or not self._path.exists():
            return None
        try:
            return Mail(name, _parsed(mailbox.Maildir(self._path, create=False).get_bytes(name)))
        except KeyError:
            return None


def inbox_key(settings: Settings) -> str:
    """What the address of the inbox page holds, so that only who was told it can read there."""
    return kept_secret(settings.home / "inbox.key").hex()


def _read(entry: Path) -> Mail:
    return Mail(entry.name.partition(":")[0], _parsed(entry.read_bytes()))


def _parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, _class=EmailMessage, policy=default)
    assert isinstance(message, EmailMessage)  # noqa: S101  what _class says
    return message
