"""Screening parties by the thousand: asked for in calls of up to 2,000, worked off by the worker, watched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from commerce.countries import CODES
from commerce.ids import Prefix, names
from commerce.parties import Subject
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import LONGEST_NAME, text_problems
from commerce.screening_batches import MOST_PARTIES, BatchParty, ScreeningBatch
from commerce.screening_policies import Workflow
from datasources.identifiers import new_id
from datasources.postgres import audit
from resolvers.context import Context, InvalidArgument

MOST_AT_ONCE = 2_000
MOST_RESULTS = 500


@dataclass(frozen=True, slots=True)
class BatchChange:
    """The batch as it now stands, or what kept it from being written."""

    batch: ScreeningBatch | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """How many parties of a batch were decided which way."""

    clear: int
    hold: int
    deny: int


async def screen_parties(
    context: Context, *, batch_id: str | None, workflow: Workflow, parties: Sequence[Subject]
) -> BatchChange:
    """Begin a batch, or put more parties behind those of one."""
    sources, scope = context.sources, context.scope
    if problems := tuple(_problems(parties)):
        return BatchChange(None, problems)
    async with sources.database.tenant(scope) as transaction:
        if batch_id is None:
            batch = ScreeningBatch(
                id=new_id(Prefix.BATCH),
                environment=scope.environment,
                workflow=workflow,
                requested_by=context.signed_in().subject,
                requested_at=context.now,
                parties=0,
                done=0,
                finished_at=None,
            )
            await sources.screening_batches.add(transaction, batch)
        else:
            known = names(Prefix.BATCH, batch_id)
            found = await sources.screening_batches.locked(transaction, batch_id) if known else None
            if found is None or found.environment is not scope.environment:
                return BatchChange(None, (_NO_BATCH,))
            batch = found
        if batch.parties + len(parties) > MOST_PARTIES:
            return BatchChange(batch, (_TOO_MANY,))
        await sources.screening_batches.add_parties(transaction, batch, parties)
        details = {"parties": len(parties)}
        await audit.record(
            transaction, context.acting, "batch.screened", subject_id=batch.id, details=details
        )
    sources.work.set()
    return BatchChange(replace(batch, parties=batch.parties + len(parties), finished_at=None))


_NO_BATCH = Problem(ProblemCode.BATCH_NOT_FOUND, "There is no such batch.", ("input", "batchId"))
_TOO_MANY = Problem(
    ProblemCode.TOO_MANY_PARTIES, f"A batch has at most {MOST_PARTIES:,} parties.", ("input", "parties")
)


def _problems(parties: Sequence[Subject]) -> list[Problem]:
    if not 1 <= len(parties) <= MOST_AT_ONCE:
        message = f"Send 1 to {MOST_AT_ONCE:,} parties in one call."
        return [Problem(ProblemCode.TOO_MANY_PARTIES, message, ("input", "parties"))]
    problems: list[Problem] = []
    for place, party in enumerate(parties):
        problems += text_problems(party.name, ("input", "parties", place, "name"), LONGEST_NAME)
        if party.country and party.country not in CODES:
            message = "Give the country as an ISO 3166-1 alpha-2 code, such as DE."
            path = ("input", "parties", place, "country")
            problems.append(Problem(ProblemCode.INVALID_COUNTRY, message, path))
    return problems


async def screening_batch(context: Context, *, id: str) -> ScreeningBatch | None:
    """One batch; None where there is none."""
    if not names(Prefix.BATCH, id):
        return None
    return await context.sources.screening_batches.by_id(context.scope.environment, id)


async def counts_of(batches: Sequence[ScreeningBatch], context: Context) -> list[BatchCounts]:
    found = [await context.sources.screening_batches.counts(batch.id) for batch in batches]
    return [BatchCounts(one.get("CLEAR", 0), one.get("HOLD", 0), one.get("DENY", 0)) for one in found]


async def results_of(
    batches: Sequence[ScreeningBatch],
    context: Context,
    *,
    decisions: list[str] | None = None,
    after_position: int = 0,
    first: int = 100,
) -> list[list[BatchParty]]:
    """What was decided, by place. Raises InvalidArgument."""
    if not 1 <= first <= MOST_RESULTS:
        raise InvalidArgument(f"first must be between 1 and {MOST_RESULTS}.")
    wanted = decisions or ["HOLD", "DENY"]
    read = context.sources.screening_batches.results
    return [await read(batch.id, wanted, after=after_position, most=first) for batch in batches]
