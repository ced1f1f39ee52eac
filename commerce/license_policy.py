"""Who may do what to a licence."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from commerce.access import EVERYBODY, Access, Permission, Role, staff, writes


class LicenseAction(StrEnum):
    """What can be done to a licence that exists, as the audit log names it."""

    RETRIEVE_CODE = "license.code_retrieved"
    RESEND = "license.resent"
    ROTATE = "license.rotated"
    REVOKE = "license.revoked"
    CHANGE_CONTACT = "license.contact_changed"
    ISSUE_BRIDGE = "license.bridge_issued"
    ACTIVATE = "license.activated"
    DEACTIVATE = "license.deactivated"
    SUSPEND = "license.suspended"
    REINSTATE = "license.reinstated"


_DESKS = (Role.REP, Role.PARTNER_OPS, Role.OPERATOR)
"""Who helps customers and partners with the licences they have."""
_GUARDS = (Role.COMPLIANCE, Role.PARTNER_OPS, Role.OPERATOR)
"""Who may take a licence away."""

_BY_A_DESK = writes(Permission.LICENSES_WRITE, *_DESKS)

ACCESS: Mapping[LicenseAction, Access] = MappingProxyType(
    {
        # A code is a customer's secret: no member of staff sees one.
        LicenseAction.RETRIEVE_CODE: writes(Permission.LICENSES_READ),
        LicenseAction.RESEND: _BY_A_DESK,
        LicenseAction.ROTATE: _BY_A_DESK,
        LicenseAction.REVOKE: writes(Permission.LICENSES_WRITE, *_GUARDS),
        LicenseAction.CHANGE_CONTACT: _BY_A_DESK,
        LicenseAction.ISSUE_BRIDGE: _BY_A_DESK,
        # Whoever bears the activation code.
        LicenseAction.ACTIVATE: EVERYBODY,
        LicenseAction.DEACTIVATE: _BY_A_DESK,
        LicenseAction.SUSPEND: staff(*_GUARDS),
        LicenseAction.REINSTATE: staff(*_GUARDS),
    }
)
"""Who may do each, with licences within its reach."""
