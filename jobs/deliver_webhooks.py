"""Webhooks: each endpoint reads the event log from where it stands, and is sent what its filter lets through.

Nothing is written for endpoints when something happens: the log is the queue, and an endpoint's position in
it is what remains to be done. A worker takes an endpoint by a claim, sends one message after the other, and
writes each outcome in one transaction; endpoints do not wait for one another. A worker that dies gives its
claim back when the lease ends, and what it had sent but not written is sent again under the same id.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from commerce.events import MOST_SEQUENCE, Event, EventType, webhook_disabled_snapshot
from commerce.ids import Prefix
from commerce.webhook_messages import WebhookMessage, headers
from commerce.webhooks import (
    Answer,
    DeliveryState,
    EndpointState,
    Outcome,
    Settlement,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    settled,
)
from datasources.identifiers import new_id
from datasources.postgres import events
from datasources.postgres.database import Transaction
from datasources.postgres.signals import WORK
from datasources.postgres.webhook_endpoints import LostClaim
from datasources.sources import Sources
from datasources.webhooks.sender import Sending

BATCH = 50
TURN = timedelta(seconds=10)
"""So long an endpoint is served before others that wait for a lane."""

Clock = Callable[[], datetime]
_log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


async def deliver_webhooks(sources: Sources, clock: Clock = utc_now) -> int:
    """Start to serve the endpoints that have something to send; how many."""
    free = sources.webhooks.lanes.free
    if not free:
        return 0
    async with sources.database.system() as transaction:
        lease = _lease(sources)
        claim, endpoints = await sources.webhooks.endpoints.claim(transaction, clock(), lease, free)
    for endpoint in endpoints:
        lane = Lane(sources, clock, claim, endpoint)
        sources.webhooks.lanes.start(lane.serve(), partial(sources.work.wake, [WORK]))
    return len(endpoints)


def _lease(sources: Sources) -> timedelta:
    """A claim outlives the longest try, and what is written of it; each outcome renews it."""
    return timedelta(seconds=2 * sources.webhooks.sender.timeout + 1)


@dataclass(slots=True)
class Lane:
    """One endpoint, as long as this worker has it."""

    sources: Sources
    clock: Clock
    claim: str
    endpoint: WebhookEndpoint
    secrets: Sequence[bytes] = ()

    async def serve(self) -> None:
        """Send what is due until nothing is, or until it is others' turn."""
        until = self.clock() + TURN
        try:
            while self._goes_on and self.clock() < until and await self._next():
                pass
            async with self.sources.database.system() as transaction:
                endpoints = self.sources.webhooks.endpoints
                await endpoints.release(transaction, self.claim, self.endpoint, self.clock())
        except LostClaim:
            _log.info("webhook endpoint was taken away", endpoint=self.endpoint.id)
        except Exception:  # noqa: BLE001  one endpoint's fault must not reach the others
            _log.exception("webhook endpoint failed", endpoint=self.endpoint.id)

    @property
    def _goes_on(self) -> bool:
        return self.endpoint.state is EndpointState.ENABLED and not self.sources.webhooks.lanes.closing

    async def _next(self) -> bool:
        """Send what is due: what waits for another try, then the next of the log. False where nothing is."""
        self.secrets = await self.sources.webhooks.secrets.live(self.endpoint, self.clock())
        if due := await self.sources.webhooks.deliveries.next_due(self.endpoint, self.clock()):
            await self._try(due, await self._message_of(due), waited=True)
            return True
        return self.endpoint.held_by is None and await self._follow_log()

    async def _follow_log(self) -> bool:
        """Send the next events of the log, until one fails. False where there are none."""
        at = self.endpoint
        found = await self.sources.events.after(at.log, at.position, through=MOST_SEQUENCE, most=BATCH)
        if not found:
            return False
        around = await self.sources.webhooks.deliveries.around(at, [event.id for event in found])
        earlier = {delivery.event_id: delivery for delivery in around}
        waiting = {one.subject_id for one in around if one.in_order and one.state is DeliveryState.WAITING}
        for event in found:
            previous = self.endpoint.sent
            heard = self.endpoint.hears(event.type)
            sent = event.sequence if heard else previous
            self.endpoint = replace(self.endpoint, position=event.sequence, sent=sent)
            if not heard:
                continue
            delivery = self._delivery(event, previous, earlier.get(event.id))
            if event.subject_id in waiting:
                await self._put_behind(delivery)
                continue
            await self._try(delivery, WebhookMessage.of(event, previous))
            if self.endpoint.held_by or not self._goes_on:
                break
        return True

    def _delivery(
        self, event: Event, previous: int | None, earlier: WebhookDelivery | None
    ) -> WebhookDelivery:
        """The delivery of an event that the log brings, for the first time or again."""
        if earlier:
            return replace(earlier, tries=0, in_order=True, previous_sequence=previous, settled_at=None)
        return WebhookDelivery(
            id=new_id(Prefix.WEBHOOK_DELIVERY),
            partner_id=self.endpoint.partner_id,
            environment=self.endpoint.environment,
            endpoint_id=self.endpoint.id,
            event_id=event.id,
            type=event.type,
            subject_id=event.subject_id,
            sequence=event.sequence,
            previous_sequence=previous,
            in_order=True,
            state=DeliveryState.WAITING,
            tries=0,
            attempts=0,
            next_try_at=None,
            created_at=self.clock(),
        )

    async def _message_of(self, delivery: WebhookDelivery) -> WebhookMessage | None:
        """What a delivery says; None where the log no longer has its event."""
        if delivery.sequence is None:
            return WebhookMessage.test(delivery)
        before = delivery.sequence - 1
        found = await self.sources.events.after(self.endpoint.log, before, through=delivery.sequence, most=1)
        return WebhookMessage.of(found[0], delivery.previous_sequence) if found else None

    async def _try(
        self, delivery: WebhookDelivery, message: WebhookMessage | None, *, waited: bool = False
    ) -> None:
        """Send a message once, and write what came of it. `waited`: others of its subject may wait for it."""
        at = self.clock()
        sending = Sending(Answer(Outcome.EVENT_EXPIRED), 0)
        if message is not None:
            body = message.body()
            signed = headers(message.id, at, body, self.secrets)
            sending = await self.sources.webhooks.sender.send(self.endpoint.url, body, signed)
        now = self.clock()
        chance = random.random()  # noqa: S311  spreads load, keeps no secret
        settlement = settled(self.endpoint, delivery, sending.answer, now, chance)
        attempt = WebhookAttempt(
            id=new_id(Prefix.WEBHOOK_ATTEMPT),
            delivery_id=delivery.id,
            number=settlement.delivery.attempts,
            at=at,
            duration_ms=sending.duration_ms,
            outcome=sending.answer.outcome,
            status=sending.answer.status,
            response=sending.answer.response,
        )
        await self._write(settlement, attempt, now, waited=waited)

    async def _write(
        self, settlement: Settlement, attempt: WebhookAttempt, now: datetime, *, waited: bool
    ) -> None:
        """Everything that a try leads to, in one transaction. Raises LostClaim."""
        deliveries, delivery = self.sources.webhooks.deliveries, settlement.delivery
        async with self.sources.database.system() as transaction:
            until = now + _lease(self.sources)
            await self.sources.webhooks.endpoints.settle(transaction, self.claim, settlement.endpoint, until)
            await deliveries.save(transaction, delivery)
            await deliveries.add_attempt(transaction, delivery, attempt)
            if delivery.in_order and waited:
                if delivery.state is DeliveryState.WAITING:
                    await deliveries.hold_behind(transaction, delivery)
                else:
                    await deliveries.let_next_go(transaction, delivery, now)
            if settlement.recovered:
                await deliveries.hurry(transaction, settlement.endpoint, now)
            if settlement.switched_off:
                await self._tell(transaction, settlement.endpoint, now)
        self.endpoint = settlement.endpoint

    async def _put_behind(self, delivery: WebhookDelivery) -> None:
        """Keep an event back while an earlier one of its subject waits."""
        async with self.sources.database.system() as transaction:
            until = self.clock() + _lease(self.sources)
            await self.sources.webhooks.endpoints.settle(transaction, self.claim, self.endpoint, until)
            await self.sources.webhooks.deliveries.save(
                transaction, replace(delivery, state=DeliveryState.WAITING, next_try_at=None)
            )

    async def _tell(self, transaction: Transaction, endpoint: WebhookEndpoint, now: datetime) -> None:
        """The partner hears in its feed, and at its other endpoints, that this one was switched off."""
        _log.warning("webhook endpoint switched off", endpoint=endpoint.id, reason=endpoint.disabled_reason)
        await events.record(
            transaction,
            partner_id=endpoint.partner_id,
            environment=endpoint.environment,
            at=now,
            happened={EventType.WEBHOOK_DISABLED: webhook_disabled_snapshot(endpoint)},
        )
