"""How a sample order comes to rest: its statuses with times, actors and reasons."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from commerce.orders import Actor, OrderKind, OrderStatus
from commerce.screening import Decision, Outcome
from datasources.postgres.samples.identifiers import happens
from datasources.postgres.samples.screenings import status_reason

_S = OrderStatus
CANCELED_SHARE = 0.03
HELD_SHARE = 0.02
FAILED_SHARE = 0.02
RECENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Step:
    """One transition."""

    status: OrderStatus
    at: datetime
    actor: Actor = Actor.SYSTEM
    reason: str | None = None


def journey(  # noqa: PLR0917  what decides on an order's way
    kind: OrderKind,
    placed_at: datetime,
    starts_on: date | None,
    outcome: Outcome,
    now: datetime,
    random: Random,
) -> list[Step]:
    """Every step that has happened by `now`. Each move is one that `commerce.orders.TRANSITIONS` allows.

    No screening holds up a RETURN.
    """
    decided_at = placed_at + timedelta(milliseconds=4 + 30 * random.random())
    steps = [Step(_S.RECEIVED, placed_at, Actor.PARTNER), Step(_S.SCREENING, placed_at)]
    if kind is OrderKind.RETURN:
        steps += _provisioned(decided_at, random)
    else:
        steps += _onward(decided_at, starts_on, outcome, now, random)
    return [step for step in steps if step.at < now]


def _onward(
    at: datetime, starts_on: date | None, outcome: Outcome, now: datetime, random: Random
) -> list[Step]:
    if outcome.decision is Decision.DENY:
        return [Step(_S.DENIED, at, reason=status_reason(outcome))]
    if outcome.decision is Decision.HOLD:
        return _held(at, outcome, random)
    roll = random.random()
    if starts_on:
        return _scheduled(at, starts_on, canceled=roll < 4 * CANCELED_SHARE, random=random)
    if roll < HELD_SHARE:
        return _held_for_a_while(at, random)
    if roll < HELD_SHARE + FAILED_SHARE and now - at < RECENT:
        failed_at = at + timedelta(seconds=90)
        return [Step(_S.PROVISIONING, at), Step(_S.FAILED, failed_at, reason="PROVISIONING_FAILED")]
    return _provisioned(at, random)


def _held(at: datetime, outcome: Outcome, random: Random) -> list[Step]:
    """A possible match: it waits for compliance, or compliance has asked and waits for the partner."""
    steps = [Step(_S.ON_HOLD, at, reason=status_reason(outcome))]
    if happens(0.4, random):
        asked_at = at + timedelta(minutes=20 + 200 * random.random())
        steps.append(Step(_S.AWAITING_PARTNER, asked_at, Actor.STAFF, "ADDRESS_WANTED"))
    return steps


def _held_for_a_while(at: datetime, random: Random) -> list[Step]:
    """The lists were out of reach; a person screened again later, or the partner gave up first."""
    held = Step(_S.ON_HOLD, at, reason="SCREENING_UNAVAILABLE")
    later = at + timedelta(minutes=15 + 400 * random.random())
    if happens(0.15, random):
        return [held, Step(_S.CANCELED, later, Actor.PARTNER, "REQUESTED_BY_PARTNER")]
    return [held, *_provisioned(later, random, Actor.STAFF, "CLEARED")]


def _scheduled(at: datetime, starts_on: date, *, canceled: bool, random: Random) -> list[Step]:
    waiting = Step(_S.SCHEDULED, at)
    if canceled:
        return [waiting, Step(_S.CANCELED, at + timedelta(hours=6), Actor.PARTNER, "REQUESTED_BY_PARTNER")]
    return [waiting, *_provisioned(datetime.combine(starts_on, time(0, 0, 5), UTC), random)]


def _provisioned(
    at: datetime, random: Random, actor: Actor = Actor.SYSTEM, reason: str | None = None
) -> list[Step]:
    done = at + timedelta(milliseconds=400 + 2_500 * random.random() ** 2)
    return [Step(_S.PROVISIONING, at, actor, reason), Step(_S.FULFILLED, done)]
