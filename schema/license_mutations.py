"""Writes over licences: each field names its use case."""

from typing import Any

import strawberry

from commerce.license_policy import ACCESS, LicenseAction
from execution.batches import Scope
from execution.fields import root
from resolvers.activate_license import activate_license
from resolvers.change_license_contact import NewContact, change_license_contact
from resolvers.context import Context
from resolvers.deactivate_license import deactivate_license
from resolvers.issue_bridge_license import issue_bridge_license
from resolvers.resend_license import resend_license
from resolvers.retrieve_activation_code import retrieve_activation_code
from resolvers.revoke_license import revoke_license
from resolvers.rotate_license import rotate_license
from resolvers.suspend_license import reinstate_license, suspend_license
from schema.license_inputs import (
    ActivateLicenseInput,
    ChangeLicenseContactInput,
    DeactivateLicenseInput,
    IssueBridgeLicenseInput,
    LicenseReasonInput,
    ResendLicenseInput,
    RetrieveActivationCodeInput,
    RevokeLicenseInput,
    RotateLicenseInput,
)
from schema.license_payloads import ActivationCodePayload, ActivationPayload, LicensePayload


async def _retrieve_activation_code(context: Context, *, input: RetrieveActivationCodeInput) -> Any:
    return await retrieve_activation_code(context, license_id=input.license_id)


async def _resend_license(context: Context, *, input: ResendLicenseInput) -> Any:
    return await resend_license(
        context,
        license_id=input.license_id,
        idempotency_key=input.idempotency_key,
        to=input.to,
        new_activation_code=input.new_activation_code,
    )


async def _rotate_license(context: Context, *, input: RotateLicenseInput) -> Any:
    return await rotate_license(context, license_id=input.license_id, idempotency_key=input.idempotency_key)


async def _revoke_license(context: Context, *, input: RevokeLicenseInput) -> Any:
    return await revoke_license(context, license_id=input.license_id, reason=input.reason)


async def _suspend_license(context: Context, *, input: LicenseReasonInput) -> Any:
    return await suspend_license(context, license_id=input.license_id, reason=input.reason)


async def _reinstate_license(context: Context, *, input: LicenseReasonInput) -> Any:
    return await reinstate_license(context, license_id=input.license_id, reason=input.reason)


async def _change_license_contact(context: Context, *, input: ChangeLicenseContactInput) -> Any:
    return await change_license_contact(
        context,
        license_id=input.license_id,
        idempotency_key=input.idempotency_key,
        given=NewContact(input.contact.name, input.contact.email, input.withdraw_previous),
    )


async def _activate_license(context: Context, *, input: ActivateLicenseInput) -> Any:
    return await activate_license(context, input.to_request())


async def _deactivate_license(context: Context, *, input: DeactivateLicenseInput) -> Any:
    return await deactivate_license(context, license_id=input.license_id, instance_name=input.instance_name)


async def _issue_bridge_license(context: Context, *, input: IssueBridgeLicenseInput) -> Any:
    return await issue_bridge_license(
        context, subscription_id=input.subscription_id, idempotency_key=input.idempotency_key
    )


@strawberry.type(description="Every write over licences.")
class LicenseMutations:
    retrieve_activation_code: ActivationCodePayload | None = root(
        _retrieve_activation_code,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.RETRIEVE_CODE],
        description="Hand out a licence's activation code. It is shown once; it is then known by its hash.",
        arguments={"input": "Which licence."},
    )
    resend_license: LicensePayload | None = root(
        _resend_license,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.RESEND],
        description="Send a licence by e-mail again, to its contact or, where policy allows, to the partner.",
        arguments={"input": "Which licence, and to whom."},
    )
    rotate_license: LicensePayload | None = root(
        _rotate_license,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.ROTATE],
        description="Replace a licence by one with the same rights: what was handed out before, file and "
        "code, stops to count.",
        arguments={"input": "Which licence."},
    )
    revoke_license: LicensePayload | None = root(
        _revoke_license,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.REVOKE],
        description="End a licence for good. What it proved is then proved by nothing: only staff can repair "
        "that, by `rotateLicense`.",
        arguments={"input": "Which licence, and why."},
    )
    suspend_license: LicensePayload | None = root(
        _suspend_license,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.SUSPEND],
        description="For staff: stop a licence until it is reinstated.",
        arguments={"input": "Which licence, and why."},
    )
    reinstate_license: LicensePayload | None = root(
        _reinstate_license,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.REINSTATE],
        description="For staff: let a suspended licence count again.",
        arguments={"input": "Which licence, and why."},
    )
    change_license_contact: LicensePayload | None = root(
        _change_license_contact,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.CHANGE_CONTACT],
        description="Issue a licence to another contact, who is screened and gets it by e-mail with a new "
        "activation code.",
        arguments={"input": "Which licence, and who receives it."},
    )
    activate_license: ActivationPayload | None = root(
        _activate_license,
        scope=Scope.PUBLIC,
        access=ACCESS[LicenseAction.ACTIVATE],
        description="For installations, which need no token: take a licence file that is bound to a name, in "
        "exchange for the activation code.",
        arguments={"input": "The code, and who asks."},
    )
    deactivate_license: LicensePayload | None = root(
        _deactivate_license,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.DEACTIVATE],
        description="Give back the seats of an installation that is no more.",
        arguments={"input": "Which installation."},
    )
    issue_bridge_license: LicensePayload | None = root(
        _issue_bridge_license,
        scope=Scope.VIEWER,
        access=ACCESS[LicenseAction.ISSUE_BRIDGE],
        description="For 21 days from the end of the term, prove the seats already held, while a renewal is "
        "on hold or late. It ends by itself, and the renewed licence supersedes it.",
        arguments={"input": "Which subscription."},
    )
