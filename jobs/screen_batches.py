"""Batches that staff have asked for: some hundred parties at a time, in a thread."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from commerce.parties import Subject
from commerce.reviving import revived
from commerce.screening import Outcome, unavailable
from commerce.screening_batches import BatchParty
from commerce.screening_policies import PARTNER_SELF_SERVICE, Policy
from datasources.errors import SourceUnavailable
from datasources.sources import Sources

AT_ONCE = 200


async def screen_batches(sources: Sources) -> int:
    """Screen some parties of the oldest batch; how many. A worker that dies leaves them as they were."""
    async with sources.database.system() as transaction:
        batch = await sources.screening_batches.next(transaction)
        if batch is None:
            return 0
        waiting = await sources.screening_batches.waiting(transaction, batch.id, AT_ONCE)
        now = datetime.now(UTC)
        outcomes = await _decided(sources, batch.workflow, waiting, now)
        await sources.screening_batches.decide(transaction, list(zip(waiting, outcomes, strict=True)))
        is_last = batch.done + len(waiting) >= batch.parties
        finished = now if is_last else None
        await sources.screening_batches.advance(transaction, batch.id, len(waiting), finished)
        return len(waiting)


async def _decided(
    sources: Sources, workflow: str, parties: Sequence[BatchParty], now: datetime
) -> list[Outcome]:
    subjects = [revived(Subject, party.subject) for party in parties]
    try:
        policy = await sources.screening_policies.in_force(workflow)
    except SourceUnavailable as fault:
        return [unavailable(PARTNER_SELF_SERVICE, fault.code) for _ in subjects]
    return await asyncio.to_thread(_screened, sources, subjects, policy, now)


def _screened(sources: Sources, subjects: Sequence[Subject], policy: Policy, now: datetime) -> list[Outcome]:
    return [sources.watchlists.screen([subject], policy, now=now) for subject in subjects]
