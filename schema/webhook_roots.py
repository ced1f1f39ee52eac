"""The root fields of webhooks: endpoints are made, changed and tried out; their log is read."""

from typing import Any

import strawberry

from commerce import webhooks
from commerce.access import Permission, Role, reads, writes
from commerce.paging import PageArguments
from commerce.webhooks import DeliveryState
from execution.batches import Scope
from execution.fields import root
from execution.views import view
from resolvers import (
    create_webhook_endpoint,
    delete_webhook_endpoint,
    redeliver_webhook,
    replay_webhooks,
    rotate_webhook_secret,
    send_test_webhook,
    update_webhook_endpoint,
    webhook_changes,
)
from resolvers import webhooks as resolvers
from resolvers.context import Context
from schema.connections import PAGE_ARGUMENTS, Connection
from schema.order_payloads import Problem
from schema.scalars import Sequence
from schema.webhooks import WebhookDelivery, WebhookEndpoint

_READS = reads(Permission.WEBHOOKS_MANAGE, Role.OPERATOR)
_WRITES = writes(Permission.WEBHOOKS_MANAGE)
_KEY = "16 to 255 printable characters, new for each; see placeOrder."
_PROBLEMS = "Everything wrong with the request."


@strawberry.input(description="A new webhook endpoint.")
class CreateWebhookEndpointInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    url: str = strawberry.field(description="https, on port 443 or 8443 of a public host.")
    event_types: list[str] = strawberry.field(
        default_factory=list, description='Types to hear: "order.fulfilled", "order.*"; all where empty.'
    )
    description: str = strawberry.field(default="", description="Your own words, 200 characters at most.")


@strawberry.input(description="What to change of a webhook endpoint; what is left out stays.")
class UpdateWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint.")
    url: str | None = strawberry.field(default=None, description="Another URL.")
    event_types: list[str] | None = strawberry.field(default=None, description="Other types; [] for all.")
    description: str | None = strawberry.field(default=None, description="Other words.")
    enabled: bool | None = strawberry.field(
        default=None,
        description="Switch it off or on. Switched on, it goes on behind the last event that arrived.",
    )


@strawberry.input(description="Which webhook endpoint to remove.")
class DeleteWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint.")


@strawberry.input(description="Which secret to replace, and how long the present one signs on.")
class RotateWebhookSecretInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint.")
    overlap_hours: int = strawberry.field(
        default=24, description="So many hours both secrets sign, 0 to 168."
    )


@strawberry.input(description="Which webhook endpoint to try out.")
class SendTestWebhookInput:
    idempotency_key: str = strawberry.field(description=f"{_KEY} Repeat the call to see how the test went.")
    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint.")


@strawberry.input(description="Which delivery to send again.")
class RedeliverWebhookInput:
    delivery_id: strawberry.ID = strawberry.field(description="The delivery.")


@strawberry.input(description="From where to send again.")
class ReplayWebhooksInput:
    endpoint_id: strawberry.ID = strawberry.field(description="The endpoint.")
    from_sequence: Sequence = strawberry.field(
        description="The first event to send; a later one than is waited for passes over what fails."
    )


@strawberry.input(description="Which deliveries to list: every part that is given must hold.")
class WebhookDeliveryFilter:
    endpoint_id: strawberry.ID | None = strawberry.field(default=None, description="At this endpoint.")
    event_id: strawberry.ID | None = strawberry.field(default=None, description="Of this event.")
    states: list[DeliveryState] | None = strawberry.field(default=None, description="In one of these states.")

    def to_filter(self) -> webhooks.DeliveryFilter:
        states = None if self.states is None else tuple(self.states)
        return webhooks.DeliveryFilter(self.endpoint_id, self.event_id, states)


@view(of=webhook_changes.SecretIssue, description="An endpoint, and a secret made for it.")
class WebhookSecretPayload:
    endpoint: WebhookEndpoint | None = strawberry.field(description="The endpoint; null when refused.")
    secret: str | None = strawberry.field(
        description="`whsec_…`: keep it, it is shown in this answer alone, and for 15 minutes in that to a "
        "repeat of the call."
    )
    problems: list[Problem] = strawberry.field(description=_PROBLEMS)
    replayed: bool = strawberry.field(description="True where an earlier call with this key made it.")


@view(of=webhook_changes.EndpointChange, description="The webhook endpoint as it now stands.")
class WebhookEndpointPayload:
    endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint; null where there is none in scope."
    )
    problems: list[Problem] = strawberry.field(description=_PROBLEMS)


@view(of=delete_webhook_endpoint.EndpointDeletion, description="What was removed.")
class DeleteWebhookEndpointPayload:
    deleted_id: strawberry.ID | None = strawberry.field(description="The endpoint that is gone.")
    problems: list[Problem] = strawberry.field(description=_PROBLEMS)


@view(of=send_test_webhook.DeliveryChange, description="The delivery as it now stands.")
class WebhookDeliveryPayload:
    delivery: WebhookDelivery | None = strawberry.field(description="The delivery; null when refused.")
    problems: list[Problem] = strawberry.field(description=_PROBLEMS)
    replayed: bool = strawberry.field(description="True where an earlier call with this key asked for it.")


async def _create(context: Context, *, input: CreateWebhookEndpointInput) -> Any:
    wanted = create_webhook_endpoint.NewEndpoint(
        input.idempotency_key, input.url, tuple(input.event_types), input.description
    )
    return await create_webhook_endpoint.create_webhook_endpoint(context, wanted)


async def _update(context: Context, *, input: UpdateWebhookEndpointInput) -> Any:
    types = None if input.event_types is None else tuple(input.event_types)
    given = update_webhook_endpoint.Settings(input.url, types, input.description, input.enabled)
    return await update_webhook_endpoint.update_webhook_endpoint(
        context, endpoint_id=input.endpoint_id, given=given
    )


async def _delete(context: Context, *, input: DeleteWebhookEndpointInput) -> Any:
    return await delete_webhook_endpoint.delete_webhook_endpoint(context, endpoint_id=input.endpoint_id)


async def _rotate(context: Context, *, input: RotateWebhookSecretInput) -> Any:
    wanted = rotate_webhook_secret.Rotation(input.idempotency_key, input.endpoint_id, input.overlap_hours)
    return await rotate_webhook_secret.rotate_webhook_secret(context, wanted)


async def _test(context: Context, *, input: SendTestWebhookInput) -> Any:
    key, endpoint_id = input.idempotency_key, input.endpoint_id
    return await send_test_webhook.send_test_webhook(context, key=key, endpoint_id=endpoint_id)


async def _redeliver(context: Context, *, input: RedeliverWebhookInput) -> Any:
    return await redeliver_webhook.redeliver_webhook(context, delivery_id=input.delivery_id)


async def _replay(context: Context, *, input: ReplayWebhooksInput) -> Any:
    return await replay_webhooks.replay_webhooks(
        context, endpoint_id=input.endpoint_id, from_sequence=input.from_sequence
    )


async def _deliveries(
    context: Context,
    *,
    filter: WebhookDeliveryFilter | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    wanted = filter.to_filter() if filter else webhooks.DeliveryFilter()
    return await resolvers.webhook_deliveries(context, wanted, PageArguments(first, after, last, before))


@strawberry.type(description="What can be asked of webhooks.")
class WebhookQueries:
    webhook_endpoints: list[WebhookEndpoint] | None = root(
        resolvers.webhook_endpoints,
        scope=Scope.VIEWER,
        access=_READS,
        description="Every webhook endpoint of a partner, newest first.",
        arguments={
            "partner_id": strawberry.argument(
                description="Whose; partners see their own without it, staff must say.",
                graphql_type=strawberry.ID | None,
            )
        },
    )
    webhook_endpoint: WebhookEndpoint | None = root(
        resolvers.webhook_endpoint,
        scope=Scope.VIEWER,
        access=_READS,
        description="One webhook endpoint; null where there is none in scope.",
        arguments={"id": strawberry.argument(description="Its id.", graphql_type=strawberry.ID)},
    )
    webhook_deliveries: Connection[WebhookDelivery] | None = root(
        _deliveries,
        scope=Scope.VIEWER,
        access=_READS,
        description="What was sent to webhook endpoints, newest first. Kept for 30 days once settled.",
        arguments={"filter": "Which deliveries.", **PAGE_ARGUMENTS},
    )


@strawberry.type(description="What can be done with webhooks.")
class WebhookMutations:
    create_webhook_endpoint: WebhookSecretPayload | None = root(
        _create,
        scope=Scope.VIEWER,
        access=_WRITES,
        description="Have events posted to a URL, signed as Standard Webhooks says. It hears what happens "
        "from now on; `replayWebhooks` sends what happened before.",
        arguments={"input": "The endpoint."},
    )
    update_webhook_endpoint: WebhookEndpointPayload | None = root(
        _update,
        scope=Scope.VIEWER,
        access=_WRITES,
        description="Change an endpoint, or switch it off and on.",
        arguments={"input": "Which endpoint, and what of it."},
    )
    delete_webhook_endpoint: DeleteWebhookEndpointPayload | None = root(
        _delete,
        scope=Scope.VIEWER,
        access=_WRITES,
        description="Remove an endpoint with its secrets and its log.",
        arguments={"input": "Which endpoint."},
    )
    rotate_webhook_secret: WebhookSecretPayload | None = root(
        _rotate,
        scope=Scope.VIEWER,
        access=_WRITES,
        description="Make a new secret for an endpoint. Until the overlap ends, messages carry the "
        "signatures of both.",
        arguments={"input": "Which endpoint, and how long both sign."},
    )
    send_test_webhook: WebhookDeliveryPayload | None = root(
        _test,
        scope=Scope.VIEWER,
        access=_WRITES,
        description="Send a test message, once.",
        arguments={"input": "Which endpoint."},
    )
    redeliver_webhook: WebhookDeliveryPayload | None = root(
        _redeliver,
        scope=Scope.VIEWER,
        access=_WRITES,
        description="Send one delivery again now, under the same `webhook-id`.",
        arguments={"input": "Which delivery."},
    )
    replay_webhooks: WebhookEndpointPayload | None = root(
        _replay,
        scope=Scope.VIEWER,
        access=_WRITES,
        description="Send an endpoint the feed again from an event on, in order, under the same ids.",
        arguments={"input": "Which endpoint, and from where."},
    )
