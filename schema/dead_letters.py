"""The outbox, for the team that runs the system: what waits to be told, and what was given up."""

from datetime import datetime
from typing import Any

import strawberry

from commerce import dead_letters
from commerce.access import Environment, Role, staff
from commerce.paging import PageArguments
from execution.batches import Scope
from execution.fields import root
from execution.views import view
from resolvers import dead_letters as resolvers
from resolvers.context import Context
from schema.connections import PAGE_ARGUMENTS, Connection
from schema.order_payloads import Problem


@view(of=dead_letters.DeadLetter, description="Something that the outside world could not be told.")
class DeadLetter:
    id: strawberry.ID = strawberry.field(description="Opaque; names it to `retryDeadLetters`.")
    environment: Environment = strawberry.field(description="Production or sandbox.")
    destination: str = strawberry.field(description="Who was to be told, such as `salesforce`.")
    partner_id: strawberry.ID = strawberry.field(description="Whose data it is about.")
    key: str = strawberry.field(description="What it is about: the hex digits of its id.")
    attempts: int = strawberry.field(description="How often it was tried.")
    last_error: str | None = strawberry.field(description="Code of what kept it from arriving.")
    created_at: datetime = strawberry.field(description="When it was written, UTC.")
    dead_at: datetime = strawberry.field(description="When it was given up, UTC.")


@view(of=dead_letters.Queue, description="What waits to be told to one destination.")
class OutboxQueue:
    destination: str = strawberry.field(description="Who is to be told.")
    waiting: int = strawberry.field(description="Messages that are due, or will be.")
    oldest_due_at: datetime | None = strawberry.field(
        description="Since when the oldest one has been due, UTC; null where none is."
    )
    dead: int = strawberry.field(description="Messages that were given up.")


@strawberry.input(description="Which dead letters to try again: some by their ids, or all of a destination.")
class RetryDeadLettersInput:
    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="These, at most 1,000.")
    destination: str | None = strawberry.field(default=None, description="All that this one was to be told.")


@view(of=resolvers.Retried, description="What is due again.")
class RetryDeadLettersPayload:
    retried: list[strawberry.ID] = strawberry.field(description="The messages that are due again.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")


async def _dead_letters(
    context: Context,
    *,
    destination: str | None = None,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    arguments = PageArguments(first, after, last, before)
    return await resolvers.dead_letters(context, destination, arguments)


async def _retry(context: Context, *, input: RetryDeadLettersInput) -> Any:
    return await resolvers.retry_dead_letters(context, ids=input.ids, destination=input.destination)


@strawberry.type(description="What can be asked of the outbox.")
class OutboxQueries:
    dead_letters: Connection[DeadLetter] | None = root(
        _dead_letters,
        scope=Scope.VIEWER,
        access=staff(Role.OPERATOR),
        description="What the outside world could not be told, the newest first.",
        arguments={
            "destination": "Only what this one was to be told, such as `salesforce`.",
            **PAGE_ARGUMENTS,
        },
    )
    outbox_queues: list[OutboxQueue] | None = root(
        resolvers.outbox_queues,
        scope=Scope.VIEWER,
        access=staff(Role.OPERATOR),
        description="What waits to be told, by destination.",
    )


@strawberry.type(description="What can be done with the outbox.")
class OutboxMutations:
    retry_dead_letters: RetryDeadLettersPayload | None = root(
        _retry,
        scope=Scope.VIEWER,
        access=staff(Role.OPERATOR),
        description="Have dead letters tried again. It is kept in the audit log.",
        arguments={"input": "Which."},
    )
