"""Handing out an activation code: once; ever after it is a hash and its last five symbols."""

from dataclasses import dataclass

from commerce.events import EventType
from commerce.license_policy import LicenseAction
from commerce.licenses import License
from commerce.problems import Problem, ProblemCode
from resolvers.context import Context
from resolvers.held_licenses import NO_LICENSE, USABLE, held, not_current, write_down
from resolvers.issuing_licenses import tell


@dataclass(frozen=True, slots=True)
class RetrievedCode:
    """The code in full, or what kept it from being handed out."""

    license: License | None
    code: str | None = None
    problems: tuple[Problem, ...] = ()


_RETRIEVED = Problem(
    ProblemCode.ACTIVATION_CODE_RETRIEVED,
    "The code was handed out before and cannot be shown again.",
    ("input", "licenseId"),
)


async def retrieve_activation_code(context: Context, *, license_id: str) -> RetrievedCode:
    """The activation code of a licence, the first time that it is asked for. Raises Refused."""
    async with held(context, license_id, LicenseAction.RETRIEVE_CODE) as found:
        if found is None:
            return RetrievedCode(None, problems=(NO_LICENSE,))
        if (state := found.state_at(context)) not in USABLE:
            return RetrievedCode(found.license, problems=(not_current(found.license, state),))
        by, now = found.viewer.subject, context.now
        code = await context.sources.activation_codes.take(
            found.transaction, found.license.subscription_id, by=by, at=now
        )
        if code is None:
            return RetrievedCode(found.license, problems=(_RETRIEVED,))
        await context.sources.licenses.retrieved(found.transaction, found.license.id, by=by, at=now)
        await write_down(context, found)
        await tell(found.transaction, now, [(EventType.LICENSE_CODE_RETRIEVED, found.license)])
    return RetrievedCode(found.license, code)
