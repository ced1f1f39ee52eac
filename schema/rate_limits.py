"""What a client has left to spend."""

from datetime import datetime

import strawberry

from commerce import rate_limits
from execution.views import view


@view(of=rate_limits.RateLimit, description="What a client may spend on operations, in points.")
class RateLimit:
    cost: int = strawberry.field(description="What this operation may cost at most.")
    limit: int = strawberry.field(description="The points of a client that has not asked for a while.")
    remaining: int = strawberry.field(description="The points left after this operation was charged.")
    used: int = strawberry.field(description="limit - remaining.")
    restore_rate: int = strawberry.field(description="Points given back each second.")
    reset_at: datetime = strawberry.field(description="When all of them will be back, UTC.")
