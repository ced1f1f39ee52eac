"""A new webhook endpoint, with its first secret. It hears what happens from now on."""

from dataclasses import dataclass
from functools import partial

from commerce.ids import Prefix
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import key_problems
from commerce.webhooks import MOST_ENDPOINTS, EndpointState, WebhookEndpoint
from datasources.identifiers import new_id
from datasources.postgres import audit
from resolvers.context import Context
from resolvers.webhook_changes import Keyed, SecretIssue, fingerprint, once, settings_problems
from resolvers.webhook_secrets import issue_secret, issued_before, new_secret_id

MUTATION = "createWebhookEndpoint"

_TOO_MANY = Problem(ProblemCode.TOO_MANY_ENDPOINTS, f"At most {MOST_ENDPOINTS} endpoints can be had.")


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """What is asked for; no event types are all of them."""

    idempotency_key: str
    url: str
    event_types: tuple[str, ...] = ()
    description: str = ""

    def fingerprint(self) -> bytes:
        return fingerprint({"url": self.url, "types": self.event_types, "description": self.description})


async def create_webhook_endpoint(context: Context, wanted: NewEndpoint) -> SecretIssue:
    """Make an endpoint, or find the one that this key made."""
    rules = context.sources.webhooks.sender.rules
    problems = [
        *key_problems(wanted.idempotency_key),
        *settings_problems(rules, wanted.url, wanted.event_types, wanted.description),
    ]
    if problems:
        return SecretIssue(None, problems=tuple(problems))
    keyed = Keyed(MUTATION, wanted.idempotency_key, wanted.fingerprint())
    make, again = partial(_create, context, wanted, keyed), partial(issued_before, context)
    answer = await once(context, keyed, make, again)
    return SecretIssue(None, problems=(answer,)) if isinstance(answer, Problem) else answer


async def _create(context: Context, wanted: NewEndpoint, keyed: Keyed) -> SecretIssue:
    """Write it. Raises Conflict where a rival with the same key was first."""
    sources, scope, secret_id = context.sources, context.scope, new_secret_id()
    assert scope.partner_id is not None  # noqa: S101  only partners are let in
    ends = await sources.events.ends(scope)
    endpoint = WebhookEndpoint(
        id=new_id(Prefix.WEBHOOK_ENDPOINT),
        partner_id=scope.partner_id,
        environment=scope.environment,
        url=wanted.url,
        description=wanted.description,
        event_types=tuple(dict.fromkeys(wanted.event_types)),
        state=EndpointState.ENABLED,
        position=ends.newest,
        created_at=context.now,
        updated_at=context.now,
    )
    async with sources.database.tenant(scope) as transaction:
        if await sources.webhooks.endpoints.count(transaction) >= MOST_ENDPOINTS:
            return SecretIssue(None, problems=(_TOO_MANY,))
        await keyed.claim(context, transaction, secret_id)
        await sources.webhooks.endpoints.add(transaction, endpoint)
        secret = await issue_secret(context, transaction, endpoint, secret_id)
        action = "webhook_endpoint.created"
        await audit.record(transaction, context.acting, action, subject_id=endpoint.id)
    return SecretIssue(endpoint, secret)
