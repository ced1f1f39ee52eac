"""Making a webhook secret, and showing one that was just made."""

import os

from commerce.ids import Prefix
from commerce.webhook_messages import SECRET_BYTES, printed_secret
from commerce.webhooks import SECRET_SHOWN_FOR, WebhookEndpoint
from datasources.identifiers import new_id
from datasources.postgres.database import Transaction
from resolvers.context import Context
from resolvers.webhook_changes import SecretIssue


async def issue_secret(
    context: Context, transaction: Transaction, endpoint: WebhookEndpoint, secret_id: str
) -> str:
    """Make a secret for an endpoint; it is kept sealed and returned as receivers keep it."""
    secret = os.urandom(SECRET_BYTES)
    await context.sources.webhooks.secrets.add(transaction, endpoint, secret_id, secret, context.now)
    return printed_secret(secret)


async def issued_before(context: Context, made: str) -> SecretIssue:
    """The answer to a call that made a secret, again; the secret is shown while the first may be lost."""
    sources, scope, secret_id = context.sources, context.scope, f"{Prefix.WEBHOOK_SECRET}_{made}"
    found = await sources.webhooks.secrets.kept(scope, secret_id)
    if found is None:
        return SecretIssue(None, replayed=True)
    endpoints = await sources.webhooks.endpoints.by_id(scope, [found.endpoint_id])
    fresh = context.now - found.created_at <= SECRET_SHOWN_FOR
    secret = printed_secret(found.secret) if fresh else None
    return SecretIssue(endpoints.get(found.endpoint_id), secret, replayed=True)


def new_secret_id() -> str:
    return new_id(Prefix.WEBHOOK_SECRET)
