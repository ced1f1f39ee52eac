"""What the mutations over webhook endpoints have in common: finding one, holding it, using a key once."""

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from commerce.events import UnknownEventType, types_of
from commerce.ids import Prefix, names
from commerce.problems import RACED, Problem, ProblemCode
from commerce.request_problems import LONGEST_NAME, text_problems
from commerce.webhook_urls import InvalidUrl, UrlRules, target_of
from commerce.webhooks import WebhookEndpoint
from datasources.errors import Conflict
from datasources.postgres.database import Transaction
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class EndpointChange:
    """The endpoint as it now stands, or what kept it from changing."""

    endpoint: WebhookEndpoint | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretIssue:
    """An endpoint with a new secret, in the form in which receivers keep it.

    `secret` is None where the call was made before and the time to repeat its answer is over.
    """

    endpoint: WebhookEndpoint | None
    secret: str | None = None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


NO_ENDPOINT = Problem(
    ProblemCode.WEBHOOK_ENDPOINT_NOT_FOUND, "There is no such webhook endpoint.", ("input", "endpointId")
)
SWITCHED_OFF = Problem(
    ProblemCode.WEBHOOK_ENDPOINT_DISABLED, "The endpoint is switched off.", ("input", "endpointId")
)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keyed:
    """An idempotency key of a mutation, and what is asked for under it."""

    mutation: str
    key: str
    fingerprint: bytes

    async def claim(self, context: Context, transaction: Transaction, resource_id: str) -> None:
        """Take the key for what the transaction makes. Raises Conflict where it is taken."""
        await context.sources.idempotency.claim(
            transaction, self.mutation, self.key, fingerprint=self.fingerprint, resource_id=resource_id
        )


@asynccontextmanager
async def held(
    context: Context, endpoint_id: str
) -> AsyncIterator[tuple[Transaction, WebhookEndpoint] | None]:
    """An endpoint of the viewer's, held until the block ends; None where there is none."""
    if not names(Prefix.WEBHOOK_ENDPOINT, endpoint_id):
        yield None
        return
    async with context.sources.database.tenant(context.scope) as transaction:
        found = await context.sources.webhooks.endpoints.locked(transaction, endpoint_id)
        yield (transaction, found) if found else None


def settings_problems(
    rules: UrlRules, url: str | None, event_types: Sequence[str] | None, description: str | None
) -> Iterator[Problem]:
    """What is wrong with the settings of an endpoint; those that are None are not given."""
    if url is not None:
        try:
            target_of(url, rules)
        except InvalidUrl as refused:
            yield Problem(ProblemCode.INVALID_URL, str(refused), ("input", "url"))
    for position, word in enumerate(event_types or ()):
        try:
            types_of([word])
        except UnknownEventType as unknown:
            path = ("input", "eventTypes", position)
            yield Problem(ProblemCode.UNKNOWN_EVENT_TYPE, str(unknown), path)
    if description:
        yield from text_problems(description, ("input", "description"), LONGEST_NAME)


def fingerprint(asked: Mapping[str, Any]) -> bytes:
    """32 bytes over everything that is asked for."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).digest()


async def once(
    context: Context,
    keyed: Keyed,
    make: Callable[[], Awaitable[T]],
    again: Callable[[str], Awaitable[T]],
) -> T | Problem:
    """What a key makes, or made: `again` is given its id, as 32 hex digits. A problem with the key is one."""
    for _attempt in range(2):  # a rival with the same key may write between reading and writing
        made = await earlier(context, keyed.mutation, keyed.key, keyed.fingerprint)
        if isinstance(made, Problem):
            return made
        if made:
            return await again(made)
        try:
            return await make()
        except Conflict:
            continue
    return RACED


async def earlier(context: Context, mutation: str, key: str, asked: bytes) -> str | Problem | None:
    """What a key has made already, as 32 hex digits; or the problem with using it again."""
    used = await context.sources.idempotency.use_of(context.scope, mutation, key)
    if used is None:
        return None
    if used.fingerprint == asked:
        return used.resource_id
    return Problem(
        ProblemCode.IDEMPOTENCY_KEY_REUSED,
        "This key was used with another input.",
        ("input", "idempotencyKey"),
    )
