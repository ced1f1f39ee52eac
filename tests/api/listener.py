"""A partner's side of webhooks: an endpoint made over the API, and a receiver that hears it."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from standardwebhooks import Webhook

from tests.api.world import Portal, World
from tests.receivers import Received, Receiver

CREATE = """
mutation($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) {
    secret replayed problems { code path }
    endpoint { id url eventTypes description state position behind secrets { id expiresAt } }
  }
}
"""
UPDATE = """
mutation($input: UpdateWebhookEndpointInput!) {
  updateWebhookEndpoint(input: $input) {
    endpoint { url eventTypes description state disabledReason } problems { code path }
  }
}
"""
DELETE = """
mutation($input: DeleteWebhookEndpointInput!) {
  deleteWebhookEndpoint(input: $input) { deletedId problems { code path } }
}
"""
ROTATE = """
mutation($input: RotateWebhookSecretInput!) {
  rotateWebhookSecret(input: $input) {
    secret replayed problems { code path } endpoint { secrets { id createdAt expiresAt } }
  }
}
"""
TEST = """
mutation($input: SendTestWebhookInput!) {
  sendTestWebhook(input: $input) {
    replayed problems { code path }
    delivery { id type sequence state attempts { outcome status response } }
  }
}
"""
REDELIVER = """
mutation($input: RedeliverWebhookInput!) {
  redeliverWebhook(input: $input) { problems { code path } delivery { id state tries nextTryAt } }
}
"""
REPLAY = """
mutation($input: ReplayWebhooksInput!) {
  replayWebhooks(input: $input) { problems { code path } endpoint { position heldBy } }
}
"""
LOG = """
query($filter: WebhookDeliveryFilter) {
  webhookDeliveries(filter: $filter, first: 100) {
    totalCount
    nodes {
      id eventId type subjectId sequence state tries nextTryAt settledAt endpoint { id }
      attempts { number outcome status response durationMs at }
    }
  }
}
"""
LOOK = """
query($id: ID!) {
  webhookEndpoint(id: $id) {
    id url state disabledReason disabledAt failingSince position heldBy behind waiting
    secrets { id expiresAt } partner { id }
  }
}
"""


def key() -> str:
    return f"webhook-key-{secrets.token_hex(8)}"


@dataclass(slots=True)
class Listener:
    """An endpoint of a partner, its secret, and what it receives."""

    portal: Portal
    world: World
    receiver: Receiver
    id: str
    secret: str

    async def look(self) -> dict[str, Any]:
        return (await self.portal.ask(LOOK, id=self.id))["webhookEndpoint"]

    async def log(self, *states: str) -> list[dict[str, Any]]:
        """Its deliveries, by sequence."""
        wanted = {"endpointId": self.id} | ({"states": list(states)} if states else {})
        nodes = (await self.portal.ask(LOG, filter=wanted))["webhookDeliveries"]["nodes"]
        return sorted(nodes, key=lambda node: node["sequence"] or 0)

    async def change(self, mutation: str, **given: Any) -> dict[str, Any]:
        """The payload of a mutation over this endpoint."""
        (payload,) = (await self.portal.ask(mutation, input={"endpointId": self.id} | given)).values()
        return payload

    def verified(self, received: Received) -> dict[str, Any]:
        """What the official package makes of a request."""
        return Webhook(self.secret).verify(received.body, received.headers)

    @property
    def arrived(self) -> set[int]:
        """The sequences of all that was received."""
        return set(self.sequences)

    def check_ids(self) -> None:
        """A sequence has one id and one body, however often it was sent."""
        sent = {(one.message["sequence"], one.id, one.body) for one in self.receiver.received}
        assert len(sent) == len(self.arrived)

    def check_order(self) -> None:
        """Of each subject, nothing is tried for the first time before all that precedes it."""
        first: dict[str, list[int]] = {}
        for one in self.receiver.received:
            seen = first.setdefault(one.message["subjectId"], [])
            if one.message["sequence"] not in seen:
                seen.append(one.message["sequence"])
        assert all(some == sorted(some) for some in first.values())

    @property
    def sequences(self) -> list[int]:
        return [one.message["sequence"] for one in self.receiver.received]


async def listener(portal: Portal, world: World, receiver: Receiver, **given: Any) -> Listener:
    """A new endpoint for a receiver."""
    asked = {"idempotencyKey": key(), "url": receiver.url()} | given
    payload = (await portal.ask(CREATE, input=asked))["createWebhookEndpoint"]
    assert payload["problems"] == []
    return Listener(portal, world, receiver, payload["endpoint"]["id"], payload["secret"])


@dataclass(slots=True)
class MovingClock:
    """A clock that stands still until it is moved."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)
