"""What a client has left to spend."""

from commerce.rate_limits import RateLimit
from resolvers.context import Context


async def rate_limit(context: Context, *, dry_run: bool = False) -> RateLimit | None:  # noqa: ARG001
    """The client's allowance and what this operation takes of it.

    `dry_run` is the edge's to honour: it then executes this field and no other.
    """
    if context.allowance is None:
        return None
    bucket, cost = context.allowance
    return bucket.shown(cost, context.now)
