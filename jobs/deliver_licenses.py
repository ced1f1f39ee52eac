"""Licences reach their contacts: each queued delivery becomes an e-mail, and what came of it is kept.

Messages are leased, sent outside any transaction, and leave the outbox with the record of what became of
them. A worker that dies in between sends once more, under the same Message-ID.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from commerce.access import Environment, Scope
from commerce.deliveries import Delivery
from commerce.events import EventType
from commerce.license_letters import Letter, letter
from commerce.licenses import License, LicenseState, state_of
from datasources.errors import SourceUnavailable
from datasources.mail.messages import Undeliverable, envelope
from datasources.postgres import outbox
from datasources.postgres.database import Transaction
from datasources.postgres.outbox import Destination, Message
from datasources.sources import Sources
from resolvers.issuing_licenses import tell

BATCH = 20
LEASE = timedelta(minutes=10)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
MOST_ATTEMPTS = 16
"""With the waits above, about two and a half days."""

NOT_CURRENT = "NOT_CURRENT"
_DELIVERABLE = frozenset({LicenseState.ACTIVE, LicenseState.SCHEDULED})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Post:
    """A delivery that is due, with all that goes into it. Without a letter its licence counts no more."""

    message: Message
    delivery: Delivery
    license: License
    letter: Letter | None


async def deliver_licenses(sources: Sources) -> int:
    """Send what is due; how many messages were handled."""
    async with sources.database.system() as transaction:
        messages = await outbox.take(transaction, Destination.MAIL, BATCH, LEASE)
        if not messages:
            return 0
        posts = await _posts(sources, transaction, messages)
        due = {post.message.id for post in posts}
        await outbox.done(transaction, [message for message in messages if message.id not in due])
    for post in posts:
        await _send(sources, post)
    return len(messages)


async def _posts(sources: Sources, transaction: Transaction, messages: Sequence[Message]) -> list[Post]:
    """What the messages are about, but for what was settled before."""
    by_key = {message.key: message for message in messages}
    deliveries = await sources.deliveries.to_send(transaction, list(by_key))
    licenses: dict[str, License] = {}
    sellers: dict[str, str] = {}
    for environment in Environment:
        here = [one for one in deliveries if one.environment is environment]
        licenses |= await sources.licenses.whole(Scope(None, environment), [one.license_id for one in here])
        partners = await sources.partners.by_id(
            Scope(None, environment), list({one.partner_id for one in here})
        )
        sellers |= {partner.id: partner.name for partner in partners.values()}
    posts = []
    for delivery in deliveries:
        license_ = licenses[delivery.license_id]
        code = await sources.activation_codes.unread(transaction, license_.subscription_id)
        posts.append(_post(by_key[delivery.id[-32:]], delivery, license_, code, sellers))
    return posts


def _post(
    message: Message, delivery: Delivery, license_: License, code: str | None, sellers: Mapping[str, str]
) -> Post:
    counts = state_of(license_, datetime.now(UTC).date()) in _DELIVERABLE
    words = letter(delivery, license_, code=code, seller=sellers[delivery.partner_id]) if counts else None
    return Post(message, delivery, license_, words)


async def _send(sources: Sources, post: Post) -> None:
    now = datetime.now(UTC)
    sandbox = post.delivery.environment is Environment.SANDBOX
    postman = sources.sandbox_postman if sandbox else sources.postman
    if post.letter is None:
        await _settle(sources, post, now, failed=NOT_CURRENT)
        return
    try:
        await postman.take(envelope(post.delivery.id, post.letter, mail_from=sources.mail_from, at=now))
    except Undeliverable as never:
        await _settle(sources, post, now, bounced=never.code)
    except SourceUnavailable as later:
        _log.warning("mail server unavailable", delivery=post.delivery.id, code=later.code)
        if post.message.attempts + 1 >= MOST_ATTEMPTS:
            await _settle(sources, post, now, failed=later.code or "")
        else:
            async with sources.database.system() as transaction:
                await outbox.retry(
                    transaction, [post.message], _wait(post.message.attempts), later.code or ""
                )
    else:
        await _settle(sources, post, now)


async def _settle(
    sources: Sources, post: Post, now: datetime, *, bounced: str | None = None, failed: str | None = None
) -> None:
    """Keep what became of a delivery, and let its message go."""
    async with sources.database.system() as transaction:
        await outbox.done(transaction, [post.message])
        if bounced is not None:
            await record_bounce(sources, transaction, post.delivery.id, bounced, now)
        elif failed is not None:
            await sources.deliveries.failed(transaction, post.delivery.id, failed, now)
        else:
            await sources.deliveries.sent(transaction, post.delivery.id, now)


async def record_bounce(
    sources: Sources, transaction: Transaction, delivery_id: str, code: str, now: datetime
) -> bool:
    """Keep that a message came back, and tell the partner; False where that was known, or is not ours."""
    bounced = await sources.deliveries.bounced(transaction, delivery_id, code, now)
    if bounced is None:
        return False
    license_ = await sources.licenses.locked(transaction, bounced.license_id)
    assert license_ is not None  # noqa: S101  licences are never deleted
    await tell(transaction, now, [(EventType.LICENSE_BOUNCED, license_)])
    _log.info("licence bounced", delivery=delivery_id, code=code)
    return True


def _wait(attempts: int) -> timedelta:
    """Full jitter over a doubling wait, so that many messages do not come back at once."""
    longest = min(FIRST_WAIT * (1 << min(attempts, 16)), LONGEST_WAIT)
    return FIRST_WAIT + (longest - FIRST_WAIT) * random.random()  # noqa: S311  spreads load, keeps no secret
