"""Any record by its id."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from commerce.access import Permission, Scope, may
from commerce.ids import Prefix, prefix_of
from datasources.sources import Sources
from resolvers.context import Context, InvalidArgument

MOST_NODES = 100

Read = Callable[[Scope, Sequence[str]], Awaitable[Mapping[str, Any]]]

READS: Mapping[Prefix, tuple[Permission | None, Callable[[Sources], Read]]] = {
    Prefix.ORDER: (Permission.ORDERS_READ, lambda sources: sources.orders.by_id),
    Prefix.CUSTOMER: (Permission.CUSTOMERS_READ, lambda sources: sources.customers.by_id),
    Prefix.SUBSCRIPTION: (Permission.ORDERS_READ, lambda sources: sources.subscriptions.by_id),
    Prefix.LICENSE: (Permission.LICENSES_READ, lambda sources: sources.licenses.by_id),
    Prefix.WEBHOOK_ENDPOINT: (
        Permission.WEBHOOKS_MANAGE,
        lambda sources: sources.webhooks.endpoints.by_id,
    ),
    Prefix.WEBHOOK_DELIVERY: (
        Permission.WEBHOOKS_MANAGE,
        lambda sources: sources.webhooks.deliveries.by_id,
    ),
    Prefix.PARTNER: (None, lambda sources: sources.partners.by_id),
}
"""How a record of each kind is read, and the permission that reading takes."""


async def node(context: Context, *, id: str) -> Any:
    """The record of an id; None where there is none in scope."""
    return (await nodes(context, ids=[id]))[0]


async def nodes(context: Context, *, ids: list[str]) -> list[Any]:
    """The records of ids, in order; None for each that is not in scope. Raises InvalidArgument."""
    if len(ids) > MOST_NODES:
        raise InvalidArgument(f"ids takes at most {MOST_NODES}.")
    viewer = context.signed_in()
    wanted: dict[Prefix, list[str]] = {}
    for one in dict.fromkeys(ids):
        prefix = prefix_of(one)
        if prefix is not None and prefix in READS:
            wanted.setdefault(prefix, []).append(one)
    reads = [
        read(context.sources)(viewer.scope, some)
        for prefix, some in wanted.items()
        for permission, read in [READS[prefix]]
        if permission is None or may(viewer, permission)
    ]
    found: dict[str, Any] = {}
    for answer in await asyncio.gather(*reads):
        found |= answer
    return [found.get(one) for one in ids]
