"""Suspending a licence, and reinstating it: for staff, who say why."""

from commerce.events import EventType
from commerce.license_changes import reinstated, suspended
from commerce.license_policy import LicenseAction
from commerce.licenses import License, LicenseState
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import LONGEST_NAME, text_problems
from resolvers.context import Context
from resolvers.held_licenses import (
    NO_LICENSE,
    HeldLicense,
    LicenseChange,
    answering_races,
    held,
    not_current,
    write_down,
)
from resolvers.issuing_licenses import tell

_NOT_SUSPENDED = Problem(
    ProblemCode.LICENSE_NOT_SUSPENDED, "The licence is not suspended.", ("input", "licenseId")
)


@answering_races
async def suspend_license(context: Context, *, license_id: str, reason: str) -> LicenseChange:
    """Stop a licence until it is reinstated; one that is suspended is answered as it is. Raises Refused."""
    problems = tuple(text_problems(reason, ("input", "reason"), LONGEST_NAME))
    async with held(context, license_id, LicenseAction.SUSPEND) as found:
        if found is None or problems:
            return _refused(found, problems)
        if found.license.state is LicenseState.SUSPENDED:
            return LicenseChange(found.license)
        if found.license.state is not LicenseState.ACTIVE:
            return _refused(found, (not_current(found.license, found.state_at(context)),))
        return await _changed(
            context, found, suspended(found.license, context.now), reason, EventType.LICENSE_SUSPENDED
        )


@answering_races
async def reinstate_license(context: Context, *, license_id: str, reason: str) -> LicenseChange:
    """Let a suspended licence count again. Raises Refused."""
    problems = tuple(text_problems(reason, ("input", "reason"), LONGEST_NAME))
    async with held(context, license_id, LicenseAction.REINSTATE) as found:
        if found is None or problems:
            return _refused(found, problems)
        if found.license.state is not LicenseState.SUSPENDED:
            return _refused(found, (_NOT_SUSPENDED,))
        return await _changed(context, found, reinstated(found.license), reason, EventType.LICENSE_REINSTATED)


def _refused(found: HeldLicense | None, problems: tuple[Problem, ...]) -> LicenseChange:
    if found is None:
        return LicenseChange(None, (NO_LICENSE, *problems))
    return LicenseChange(found.license, problems)


async def _changed(
    context: Context, found: HeldLicense, changed: License, reason: str, event: EventType
) -> LicenseChange:
    await context.sources.licenses.change(found.transaction, changed)
    await write_down(context, found, reason=reason)
    await tell(found.transaction, context.now, [(event, changed)])
    return LicenseChange(changed)
