"""A new secret for an endpoint, while the one before it signs on for a while."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from commerce.problems import Problem, ProblemCode
from commerce.request_problems import key_problems
from commerce.webhooks import LONGEST_OVERLAP
from datasources.postgres import audit
from resolvers.context import Context
from resolvers.webhook_changes import NO_ENDPOINT, Keyed, SecretIssue, fingerprint, held, once
from resolvers.webhook_secrets import issue_secret, issued_before, new_secret_id

MUTATION = "rotateWebhookSecret"

_INVALID = Problem(
    ProblemCode.INVALID_OVERLAP,
    f"The overlap is between 0 and {LONGEST_OVERLAP // timedelta(hours=1)} hours.",
    ("input", "overlapHours"),
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What is asked for. At most two secrets sign at once: one that was to end already ends now."""

    idempotency_key: str
    endpoint_id: str
    overlap_hours: int

    def fingerprint(self) -> bytes:
        return fingerprint({"endpoint": self.endpoint_id, "overlap": self.overlap_hours})


async def rotate_webhook_secret(context: Context, wanted: Rotation) -> SecretIssue:
    """Make a secret, or find the one that this key made."""
    problems = list(key_problems(wanted.idempotency_key))
    if not 0 <= wanted.overlap_hours <= LONGEST_OVERLAP // timedelta(hours=1):
        problems.append(_INVALID)
    if problems:
        return SecretIssue(None, problems=tuple(problems))
    keyed = Keyed(MUTATION, wanted.idempotency_key, wanted.fingerprint())
    make, again = partial(_rotate, context, wanted, keyed), partial(issued_before, context)
    answer = await once(context, keyed, make, again)
    return SecretIssue(None, problems=(answer,)) if isinstance(answer, Problem) else answer


async def _rotate(context: Context, wanted: Rotation, keyed: Keyed) -> SecretIssue:
    """Write it. Raises Conflict where a rival with the same key was first."""
    sources, secret_id = context.sources, new_secret_id()
    async with held(context, wanted.endpoint_id) as found:
        if found is None:
            return SecretIssue(None, problems=(NO_ENDPOINT,))
        transaction, endpoint = found
        await keyed.claim(context, transaction, secret_id)
        until = context.now + timedelta(hours=wanted.overlap_hours)
        await sources.webhooks.secrets.retire(transaction, endpoint, context.now, until)
        secret = await issue_secret(context, transaction, endpoint, secret_id)
        await sources.webhooks.endpoints.change(transaction, endpoint)  # its worker begins anew with it
        action = "webhook_endpoint.secret_rotated"
        await audit.record(transaction, context.acting, action, subject_id=endpoint.id)
    return SecretIssue(endpoint, secret)
