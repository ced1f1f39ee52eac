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


def may(viewer: Viewer, permission: Permission) -> bool:
    """Whether the viewer holds a permission. Staff read everything and order nothing."""
    if viewer.is_staff:
        return permission.value.endswith(":read")
    return permission in viewer.permissions
