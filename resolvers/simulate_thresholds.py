"""What other thresholds would have decided: stored decisions made again from the candidates they kept."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from commerce.reviving import revived
from commerce.screening import Decision, Outcome, Subject, decide
from commerce.screening_policies import Policy, ReasonCode
from datasources.postgres.screening_audit import Record
from resolvers.context import Context, InvalidArgument

MOST_DECISIONS = 2_000
MOST_DAYS = 3_660
SHOWN = 100


@dataclass(frozen=True, slots=True)
class SimulatedDecision:
    """A decision that other thresholds would have made otherwise."""

    screening_id: str
    parties: tuple[str, ...]
    before: Decision
    after: Decision
    top_score: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """How many of the decisions looked at were held and denied, and would have been."""

    decisions: int
    held_before: int
    held_after: int
    denied_before: int
    denied_after: int
    changed: tuple[SimulatedDecision, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What to put in place of a policy's own; None leaves it."""

    review_person_at: float | None = None
    review_organisation_at: float | None = None
    deny_at: float | None = None

    @property
    def given(self) -> dict[str, Any]:
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in named.items() if value is not None}


async def simulate_thresholds(context: Context, thresholds: Thresholds, *, days: int) -> Simulation:
    """Weigh what was found in the last days by other thresholds. Raises InvalidArgument."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidArgument(f"days must be between 1 and {MOST_DAYS}.")
    since = context.now - timedelta(days=days)
    records = await context.sources.screening_audit.decisions(context.scope, since=since, most=MOST_DECISIONS)
    policies = await _policies(context, records)
    least = min((policy.keep_at for policy in policies.values()), default=0.0)
    if any(not least <= value <= 1 for value in thresholds.given.values()):
        raise InvalidArgument(f"A threshold lies between {least}, from which candidates are kept, and 1.")
    return await asyncio.to_thread(_simulated, records, policies, thresholds)


async def _policies(context: Context, records: Sequence[Record]) -> Mapping[tuple[str, int], Policy]:
    wanted = {_policy_of(record) for record in records}
    read = context.sources.screening_policies.version
    return {key: await read(*key) for key in wanted}


def _policy_of(record: Record) -> tuple[str, int]:
    outcome = record.facts["outcome"]
    return outcome["workflow"], outcome["policy_version"]


def _simulated(
    records: Sequence[Record], policies: Mapping[tuple[str, int], Policy], thresholds: Thresholds
) -> Simulation:
    looked_at = [
        one for record in records if (one := _again(record, policies[_policy_of(record)], thresholds))
    ]
    return Simulation(
        decisions=len(looked_at),
        held_before=sum(one.before is Decision.HOLD for one in looked_at),
        held_after=sum(one.after is Decision.HOLD for one in looked_at),
        denied_before=sum(one.before is Decision.DENY for one in looked_at),
        denied_after=sum(one.after is Decision.DENY for one in looked_at),
        changed=tuple([one for one in looked_at if one.before is not one.after][:SHOWN]),
    )


def _again(record: Record, policy: Policy, thresholds: Thresholds) -> SimulatedDecision | None:
    """A decision by other thresholds; None where a fault made it."""
    facts = record.facts
    before = revived(Outcome, facts["outcome"])
    if any(reason.code is ReasonCode.SCREENING_UNAVAILABLE for reason in before.reasons):
        return None
    subjects = revived(tuple[Subject, ...], facts["subjects"])
    after = decide(
        subjects,
        before.matches,
        replace(policy, **thresholds.given),
        before.snapshot,
        now=record.at,
        suppressed=before.suppressed,
    )
    return SimulatedDecision(
        record.subject_id,
        tuple(subject.name for subject in subjects),
        before.decision,
        after.decision,
        max((match.score for match in before.matches), default=0.0),
    )
