"""Screening the parties of an order: the policy, the lists and the cleared list in force; it fails closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from commerce.access import Scope
from commerce.parties import Subject
from commerce.screening import Clearance, Decision, Outcome, unavailable
from commerce.screening_policies import PARTNER_SELF_SERVICE, POLICIES, Policy
from datasources.sources import Sources

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Screened:
    """A decision, the policy it was made under, and the clearances that it took into account."""

    outcome: Outcome
    policy: Policy
    cleared: tuple[Clearance, ...] = ()


async def screened(
    sources: Sources, scope: Scope, subjects: Sequence[Subject], workflow: str, now: datetime
) -> Screened:
    """Decide on all parties together. Never raises: what cannot be done is a HOLD.

    The cleared list is read only where there is something that it could clear: keeping hits out can make a
    decision milder and never graver, so that a CLEAR without the list is a CLEAR with it.
    """
    try:
        policy = await sources.screening_policies.in_force(workflow)
    except Exception as fault:  # noqa: BLE001  no fault whatever may become a CLEAR
        return _failed(POLICIES.get(workflow, PARTNER_SELF_SERVICE), "policy", fault, sources)
    outcome = sources.watchlists.screen(subjects, policy, now=now)
    if outcome.decision is Decision.CLEAR or not outcome.matches:
        return Screened(outcome, policy)
    try:
        parties = [subject.fingerprint() for subject in subjects]
        cleared = tuple(await sources.clearances.in_force(scope, parties, now))
    except Exception as fault:  # noqa: BLE001  as above
        return _failed(policy, "cleared list", fault, sources)
    if not cleared:
        return Screened(outcome, policy)
    return Screened(sources.watchlists.screen(subjects, policy, now=now, cleared=cleared), policy, cleared)


def _failed(policy: Policy, step: str, fault: Exception, sources: Sources) -> Screened:
    _log.exception("screening failed", step=step)
    detail = f"{step}: {type(fault).__name__}"
    return Screened(unavailable(policy, detail, sources.watchlists.snapshot), policy)
