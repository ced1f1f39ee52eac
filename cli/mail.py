"""`portico mail`: the local inbox, and bounces that a mail server hands over."""

import asyncio
import sys
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cli.database import database
from cli.terminal import Refusal, load_settings, out
from datasources.mail.bounces import Bounce, bounce_in
from datasources.mail.inbox import Inbox, Mail
from datasources.settings import Settings

app = App(name="mail", help="Read the local inbox; take a bounce from a mail server.")


@app.command(name="list")
def list_() -> None:
    """List what was sent to the local inbox, the newest first."""
    drawn = Table("no.", "sent", "to", "subject", box=None, pad_edge=False)
    for number, mail in enumerate(Inbox(load_settings().inbox).newest(50), start=1):
        drawn.add_row(str(number), f"{mail.at:%Y-%m-%d %H:%M}", mail.recipient, mail.subject)
    out.print(drawn)


@app.command
def show(
    number: int = 1,
    *,
    to: Annotated[str | None, Parameter(help="Only what was sent to this address.")] = None,
    attachment: Annotated[str | None, Parameter(help="Print this attached file instead.")] = None,
) -> None:
    """Print a message of the local inbox by its place in the list; the newest without one."""
    mail = _chosen(number, to)
    if attachment is None:
        for name in ("From", "To", "Subject"):
            out.print(f"{name}: {mail.message[name]}", markup=False)
        out.print(f"\n{mail.body('plain')}", markup=False, end="")
        return
    content = mail.attachment(attachment)
    if content is None:
        raise Refusal(f"It has no {attachment}; attached are: {', '.join(mail.attachments) or 'no files'}.")
    sys.stdout.buffer.write(content)


@app.command
def bounced() -> int:
    """Take a delivery status notification from standard input, as a mail server pipes it.

    Ends with 0 where it told of a licence that came back, 1 where it told of nothing.
    """
    found = bounce_in(sys.stdin.buffer.read())
    if found is None:
        out.print("No licence came back with this.")
        return 1
    with database(load_settings()) as settings:
        known = asyncio.run(_record(settings, found))
    out.print(f"{found.delivery_id} came back: {found.code}." if known else "That was known, or is not ours.")
    return 0 if known else 1


async def _record(settings: Settings, bounce: Bounce) -> bool:
    from datasources.sources import open_sources
    from jobs.deliver_licenses import record_bounce

    async with open_sources(settings) as sources, sources.database.system() as transaction:
        now = datetime.now(UTC)
        return await record_bounce(sources, transaction, bounce.delivery_id, bounce.code, now)


def _chosen(number: int, to: str | None) -> Mail:
    mails = [one for one in Inbox(load_settings().inbox).newest(1000) if to is None or to in one.recipient]
    if not 1 <= number <= len(mails):
        raise Refusal("There is no such message: ./portico mail list shows what there is.")
    return mails[number - 1]
