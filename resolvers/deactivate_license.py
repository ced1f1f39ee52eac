"""Giving back the seats of an installation that is no more, or has moved."""

from commerce.events import EventType
from commerce.license_policy import LicenseAction
from commerce.problems import Problem, ProblemCode
from resolvers.context import Context
from resolvers.held_licenses import NO_LICENSE, LicenseChange, answering_races, held, write_down
from resolvers.issuing_licenses import tell

_NOT_FOUND = Problem(
    ProblemCode.ACTIVATION_NOT_FOUND, "No installation of that name is activated.", ("input", "instanceName")
)


@answering_races
async def deactivate_license(context: Context, *, license_id: str, instance_name: str) -> LicenseChange:
    """End the activation of an installation. Its file counts until its term is over: rotate to stop it."""
    async with held(context, license_id, LicenseAction.DEACTIVATE) as found:
        if found is None:
            return LicenseChange(None, (NO_LICENSE,))
        sources, transaction = context.sources, found.transaction
        activations = await sources.activations.held(transaction, found.license.subscription_id)
        named = [one for one in activations if one.instance_name == instance_name]
        if not named:
            return LicenseChange(found.license, (_NOT_FOUND,))
        await sources.activations.end(transaction, named, context.now)
        await write_down(context, found, activation=named[0].id)
        await tell(transaction, context.now, [(EventType.LICENSE_DEACTIVATED, found.license)])
    return LicenseChange(found.license)
