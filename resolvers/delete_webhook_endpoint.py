"""An endpoint goes, with its secrets and its delivery log."""

from dataclasses import dataclass

from commerce.problems import Problem
from datasources.postgres import audit
from resolvers.context import Context
from resolvers.webhook_changes import NO_ENDPOINT, held


@dataclass(frozen=True, slots=True)
class EndpointDeletion:
    """The id of what is gone, or what kept it from going."""

    deleted_id: str | None
    problems: tuple[Problem, ...] = ()


async def delete_webhook_endpoint(context: Context, *, endpoint_id: str) -> EndpointDeletion:
    """Remove an endpoint. Nothing is sent to it any more but what is on its way."""
    async with held(context, endpoint_id) as found:
        if found is None:
            return EndpointDeletion(None, (NO_ENDPOINT,))
        transaction, endpoint = found
        await context.sources.webhooks.endpoints.delete(transaction, endpoint)
        action = "webhook_endpoint.deleted"
        await audit.record(transaction, context.acting, action, subject_id=endpoint.id)
    return EndpointDeletion(endpoint.id)
