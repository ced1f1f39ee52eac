"""Webhook endpoints and their delivery log."""

from collections.abc import Mapping, Sequence

from commerce.access import Scope
from commerce.ids import Prefix, names
from commerce.paging import Page, PageArguments, page_of, page_request
from commerce.webhooks import (
    DeliveryFilter,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookSecret,
)
from resolvers.batching import many_each, one_each
from resolvers.context import Context, InvalidArgument
from resolvers.events import feed_scope
from resolvers.paging import newest_first


async def webhook_endpoints(context: Context, *, partner_id: str | None = None) -> list[WebhookEndpoint]:
    """Every endpoint of a partner, newest first. Raises InvalidArgument where staff do not say whose."""
    return await context.sources.webhooks.endpoints.all(feed_scope(context, partner_id))


async def webhook_endpoint(context: Context, *, id: str) -> WebhookEndpoint | None:
    """One endpoint; None where there is none in scope."""
    if not names(Prefix.WEBHOOK_ENDPOINT, id):
        return None
    return (await context.sources.webhooks.endpoints.by_id(context.scope, [id])).get(id)


async def webhook_deliveries(
    context: Context, wanted: DeliveryFilter, arguments: PageArguments
) -> Page[WebhookDelivery]:
    """A page of the delivery log, newest first. Raises InvalidArgument and InvalidPage."""
    for name, prefix, value in [
        ("endpointId", Prefix.WEBHOOK_ENDPOINT, wanted.endpoint_id),
        ("eventId", Prefix.EVENT, wanted.event_id),
    ]:
        if value is not None and not names(prefix, value):
            raise InvalidArgument(f"filter.{name} is no such id.")
    request = page_request(arguments, f"webhook deliveries {wanted}")
    source, scope = context.sources.webhooks.deliveries, context.scope

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        return {"": await source.count(scope, wanted)}

    return page_of(await source.page(scope, wanted, request), request, newest_first, count)


async def secrets_of(endpoints: Sequence[WebhookEndpoint], context: Context) -> list[list[WebhookSecret]]:
    async def read(scope: Scope, ids: Sequence[str]) -> Mapping[str, list[WebhookSecret]]:
        return await context.sources.webhooks.secrets.live_below(scope, ids, context.now)

    return await many_each(read, context.scope, [endpoint.id for endpoint in endpoints])


async def behind_of(endpoints: Sequence[WebhookEndpoint], context: Context) -> list[int]:
    """How many events each endpoint has still to look at."""
    read = context.sources.webhooks.endpoints.behind
    found = await one_each(read, context.scope, [endpoint.id for endpoint in endpoints])
    return [behind or 0 for behind in found]


async def waiting_of(endpoints: Sequence[WebhookEndpoint], context: Context) -> list[int]:
    """How many deliveries of each endpoint wait for another try."""
    read = context.sources.webhooks.deliveries.waiting_at
    found = await one_each(read, context.scope, [endpoint.id for endpoint in endpoints])
    return [waiting or 0 for waiting in found]


async def attempts_of(deliveries: Sequence[WebhookDelivery], context: Context) -> list[list[WebhookAttempt]]:
    read = context.sources.webhooks.deliveries.attempts_of
    return await many_each(read, context.scope, [delivery.id for delivery in deliveries])


async def endpoints_of(
    deliveries: Sequence[WebhookDelivery], context: Context
) -> list[WebhookEndpoint | None]:
    read = context.sources.webhooks.endpoints.by_id
    return await one_each(read, context.scope, [delivery.endpoint_id for delivery in deliveries])
