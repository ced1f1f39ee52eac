"""Who may see and do what: viewers, their scope and the rules over them."""

from dataclasses import dataclass
from enum import StrEnum


class Environment(StrEnum):
    """Sandbox data never mixes with production data."""

    PRODUCTION = "PRODUCTION"
    SANDBOX = "SANDBOX"


class Role(StrEnum):
    """What a member of staff, or a service of the house, is here for."""

    REP = "REP"
    COMPLIANCE = "COMPLIANCE"
    PARTNER_OPS = "PARTNER_OPS"
    OPERATOR = "OPERATOR"
    DASHBOARD = "DASHBOARD"


class Permission(StrEnum):
    """The OAuth scopes a partner's client can hold."""

    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    LICENSES_READ = "licenses:read"
    LICENSES_WRITE = "licenses:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    EVENTS_READ = "events:read"
    WEBHOOKS_MANAGE = "webhooks:manage"
    REPORTS_READ = "reports:read"


STAFF = frozenset(Role)
"""Every role: what staff of any kind may read."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a read may reach: one partner's, or every partner's (None), in one environment."""

    partner_id: str | None
    environment: Environment


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking: a partner's client, or a member of staff with a role."""

    subject: str
    environment: Environment
    partner_id: str | None = None
    role: Role | None = None
    permissions: frozenset[Permission] = frozenset()

    @property
    def scope(self) -> Scope:
        return Scope(self.partner_id, self.environment)

    @property
    def scopes(self) -> list[str]:
        """The permissions in one order."""
        return sorted(self.permissions)

    @property
    def is_staff(self) -> bool:
        return self.role is not None


@dataclass(frozen=True, slots=True)
class Access:
    """Who may have a field. It is declared beside the field, printed in the SDL and enforced by the engine.

    A partner's client needs `permission`; without one, partners may not have the field unless `partners`
    says so. Staff need one of `roles`. Whoever may not is refused, or answered with null where `else_null`.
    """

    roles: frozenset[Role] = frozenset()
    permission: Permission | None = None
    partners: bool = False
    anonymous: bool = False
    else_null: bool = False

    def allows(self, viewer: Viewer | None) -> bool:
        if viewer is None:
            return self.anonymous
        if viewer.role is not None:
            return viewer.role in self.roles
        if self.permission is not None:
            return self.permission in viewer.permissions
        return self.partners

    def needed(self, viewer: Viewer) -> str:
        """What a viewer who is refused lacks, as a sentence."""
        if viewer.role is None and self.permission is not None:
            return f"This needs the scope {self.permission.value}."
        if self.roles and not (viewer.role is None and self.partners):
            return f"This needs one of the roles {', '.join(sorted(self.roles))}."
        return "This is for partners."


EVERYBODY = Access(roles=STAFF, partners=True, anonymous=True)
"""The anonymous too."""
SIGNED_IN = Access(roles=STAFF, partners=True)
"""Any client and any member of staff; what they see of it is their scope's to say."""


def reads(permission: Permission, *roles: Role) -> Access:
    """For partners with a permission, and for staff of these roles; of any role where none is named."""
    return Access(roles=frozenset(roles) or STAFF, permission=permission)


def writes(permission: Permission, *roles: Role) -> Access:
    """For partners with a permission, and for staff of these roles."""
    return Access(roles=frozenset(roles), permission=permission)


def staff(*roles: Role, else_null: bool = False) -> Access:
    """For staff of these roles alone; of any role where none is named."""
    return Access(roles=frozenset(roles) or STAFF, else_null=else_null)


def may(viewer: Viewer, permission: Permission) -> bool:
    """Whether the viewer holds a permission. Staff read everything and order nothing."""
    if viewer.is_staff:
        return permission.value.endswith(":read")
    return permission in viewer.permissions
