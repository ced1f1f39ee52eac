"""Revoking a licence for good: its file goes on the revocation list, its code opens nothing any more."""

from commerce.events import EventType
from commerce.license_changes import revoked
from commerce.license_policy import LicenseAction
from commerce.licenses import CURRENT, LicenseState
from commerce.request_problems import LONGEST_NAME, text_problems
from resolvers.context import Context
from resolvers.held_licenses import NO_LICENSE, LicenseChange, answering_races, held, write_down
from resolvers.issuing_licenses import tell


@answering_races
async def revoke_license(context: Context, *, license_id: str, reason: str) -> LicenseChange:
    """Revoke a licence; one that is revoked already is answered as it is. Raises Refused."""
    problems = tuple(text_problems(reason, ("input", "reason"), LONGEST_NAME))
    async with held(context, license_id, LicenseAction.REVOKE) as found:
        if found is None:
            return LicenseChange(None, (NO_LICENSE, *problems))
        license_ = found.license
        if problems or license_.state is LicenseState.REVOKED:
            return LicenseChange(license_, problems)
        sources, transaction = context.sources, found.transaction
        ended = revoked(license_, context.now)
        await sources.licenses.change(transaction, ended)
        if license_.state in CURRENT:
            await sources.activation_codes.replace(transaction, license_.subscription_id, context.now)
            installed = await sources.activations.held(transaction, license_.subscription_id)
            await sources.activations.end(transaction, installed, context.now)
        await write_down(context, found, reason=reason)
        await tell(transaction, context.now, [(EventType.LICENSE_REVOKED, ended)])
    return LicenseChange(ended)
