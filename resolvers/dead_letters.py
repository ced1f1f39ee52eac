"""Dead letters of the outbox, for the team that runs the system: seen, and tried again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commerce.dead_letters import PREFIX, DeadLetter, Queue, row_of
from commerce.paging import InvalidPage, Page, PageArguments, page_of, page_request
from commerce.problems import Problem, ProblemCode
from datasources.postgres import audit
from resolvers.context import Context, InvalidArgument

MOST_RETRIED = 1_000


@dataclass(frozen=True, slots=True)
class Retried:
    """The dead letters that are due again, by their ids."""

    retried: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


async def dead_letters(
    context: Context, destination: str | None, arguments: PageArguments
) -> Page[DeadLetter]:
    """A page of dead letters, the newest first. Raises Refused and InvalidPage."""
    if arguments.last is not None:
        raise InvalidPage("last", "Dead letters are read forwards: use first and after.")
    request = page_request(arguments, f"dead letters {destination}")
    before = row_of(request.position[0]) if request.position else None
    source, scope = context.sources.dead_letters, context.scope
    rows = await source.page(scope, size=request.size + 1, destination=destination, before=before)

    async def count(_root: Sequence[str]) -> Mapping[str, int]:
        queues = await source.queues(scope)
        return {"": sum(one.dead for one in queues if destination in {None, one.destination})}

    return page_of(rows, request, lambda letter: (letter.id,), count)


async def outbox_queues(context: Context) -> list[Queue]:
    """What waits to be told, by destination. Raises Refused."""
    return await context.sources.dead_letters.queues(context.scope)


async def retry_dead_letters(
    context: Context, *, ids: Sequence[str] | None, destination: str | None
) -> Retried:
    """Have dead letters tried again: some, or all of a destination. Raises Refused and InvalidArgument."""
    if (ids is None) is (destination is None):
        raise InvalidArgument("Give ids, or a destination.")
    if ids is not None and len(ids) > MOST_RETRIED:
        raise InvalidArgument(f"ids takes at most {MOST_RETRIED:,}.")
    wanted = None if ids is None else [row_of(one) for one in dict.fromkeys(ids)]
    rows = None if wanted is None else [row for row in wanted if row is not None]
    async with context.sources.database.system() as transaction:
        found = await context.sources.dead_letters.retry(
            transaction, context.scope, rows=rows, destination=destination
        )
        details = {"count": len(found), "destination": destination or "by id"}
        await audit.record(transaction, context.acting, "outbox.retried", details=details)
    missing = len(wanted or ()) - len(found) if ids is not None else 0
    problems = (_missing(missing),) if missing else ()
    return Retried(tuple(f"{PREFIX}{row}" for row in found), problems)


def _missing(count: int) -> Problem:
    message = f"{count:,} of these are no dead letters: they were tried again already, or never were."
    return Problem(ProblemCode.DEAD_LETTER_NOT_FOUND, message, ("input", "ids"))
