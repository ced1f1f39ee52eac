"""What the mutations over one existing licence have in common: finding it, holding it, answering."""

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from commerce.access import Scope, Viewer
from commerce.deliveries import Delivery
from commerce.ids import Prefix, names
from commerce.license_policy import LicenseAction
from commerce.licenses import License, LicenseState, state_of
from commerce.partners import Partner
from commerce.problems import RACED, Problem, ProblemCode
from commerce.subscriptions import Subscription
from datasources.errors import Conflict
from datasources.postgres import audit
from datasources.postgres.database import Transaction
from resolvers.context import Context

USABLE = frozenset({LicenseState.ACTIVE, LicenseState.SCHEDULED})
"""States in which a licence can be changed by those who use it."""


@dataclass(frozen=True, slots=True)
class LicenseChange:
    """The licence as it now stands, or what kept it from changing. `replayed`: an earlier call did it."""

    license: License | None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class HeldLicense:
    """A licence and its subscription, held against every other writer in an open transaction."""

    license: License
    subscription: Subscription
    partner: Partner
    transaction: Transaction
    viewer: Viewer
    action: LicenseAction

    def state_at(self, context: Context) -> LicenseState:
        """The state of the licence at the moment of the request."""
        return state_of(self.license, context.now.date())


NO_LICENSE = Problem(ProblemCode.LICENSE_NOT_FOUND, "There is no such licence.", ("input", "licenseId"))

P = ParamSpec("P")


def answering_races(
    mutation: Callable[P, Awaitable[LicenseChange]],
) -> Callable[P, Coroutine[Any, Any, LicenseChange]]:
    """A mutation that answers with the problem CONFLICT where a rival's write met its own."""

    @wraps(mutation)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> LicenseChange:
        try:
            return await mutation(*args, **kwargs)
        except Conflict:
            return LicenseChange(None, (RACED,))

    return answer


@asynccontextmanager
async def held(context: Context, license_id: str, action: LicenseAction) -> AsyncIterator[HeldLicense | None]:
    """A licence in reach of the viewer, held until the block ends; None where there is none.

    A member of staff acts within the partner whose licence it is. Raises Refused for the anonymous.
    """
    viewer = context.signed_in()
    known = names(Prefix.LICENSE, license_id)
    found = await context.sources.licenses.by_id(viewer.scope, [license_id]) if known else {}
    seen = found.get(license_id)
    if seen is None:
        yield None
        return
    scope = Scope(seen.partner_id, seen.environment)
    partners = await context.sources.partners.by_id(scope, [seen.partner_id])
    async with context.sources.database.tenant(scope) as transaction:
        # The subscription first, as provisioning does: whoever holds it may change its licences.
        subscription = await context.sources.subscriptions.locked(transaction, seen.subscription_id)
        license_ = await context.sources.licenses.locked(transaction, license_id)
        assert subscription is not None and license_ is not None  # noqa: S101, PT018  neither is ever deleted
        yield HeldLicense(license_, subscription, partners[seen.partner_id], transaction, viewer, action)


async def write_down(context: Context, found: HeldLicense, **details: Any) -> None:
    """Add what was done to the audit log, in the transaction that does it."""
    await audit.record(
        found.transaction,
        context.acting,
        found.action,
        subject_id=found.license.id,
        partner_id=found.license.partner_id,
        details=details,
    )


def not_current(license_: License, state: LicenseState) -> Problem:
    """Why a licence cannot be changed any more, and which one to use instead."""
    return Problem(
        ProblemCode.LICENSE_NOT_CURRENT,
        f"The licence is {state}.",
        ("input", "licenseId"),
        resource_id=license_.superseded_by,
    )


@dataclass(frozen=True, slots=True)
class Keyed:
    """The idempotency key of a mutation, and what it was sent with."""

    mutation: str
    key: str
    asked: Mapping[str, Any]

    def fingerprint(self) -> bytes:
        return hashlib.sha256(json.dumps(self.asked, sort_keys=True, default=str).encode()).digest()


async def replayed(context: Context, found: HeldLicense, keyed: Keyed, made: Prefix) -> LicenseChange | None:
    """The answer where this key was used before: what it made, or the problem with using it again."""
    used = await context.sources.idempotency.used_in(found.transaction, keyed.mutation, keyed.key)
    if used is None:
        return None
    resource_id = f"{made}_{used.resource_id}"
    if used.fingerprint != keyed.fingerprint():
        return LicenseChange(found.license, (reused(resource_id),))
    if made is Prefix.LICENSE:
        first = await context.sources.licenses.locked(found.transaction, resource_id)
        return LicenseChange(first, replayed=True)
    return LicenseChange(found.license, replayed=True)


def reused(made: str) -> Problem:
    """The problem with a key that made something else."""
    message, path = "This key was used with another input.", ("input", "idempotencyKey")
    return Problem(ProblemCode.IDEMPOTENCY_KEY_REUSED, message, path, resource_id=made)


async def claim(context: Context, transaction: Transaction, keyed: Keyed, resource_id: str) -> None:
    """Take the key for what this transaction makes. Raises Conflict where a rival was first."""
    await context.sources.idempotency.claim(
        transaction, keyed.mutation, keyed.key, fingerprint=keyed.fingerprint(), resource_id=resource_id
    )
