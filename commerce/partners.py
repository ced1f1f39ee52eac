"""Partners: who sells, for whom, and whether they may."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from commerce.access import Environment


class PartnerKind(StrEnum):
    """How a partner sells."""

    DISTRIBUTOR = "DISTRIBUTOR"
    RESELLER = "RESELLER"
    MARKETPLACE = "MARKETPLACE"


class PartnerState(StrEnum):
    """Where a partner stands between onboarding and the end of the relationship."""

    ONBOARDING = "ONBOARDING"
    SANDBOX = "SANDBOX"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    TERMINATED = "TERMINATED"


@dataclass(frozen=True)
class Partner:
    """A distributor, reseller or marketplace. A reseller may have a parent distributor.

    Licences may be sent to `contact_email` only where `licenses_to_partner` allows it.
    """

    id: str
    kind: PartnerKind
    name: str
    country: str
    state: PartnerState
    screening_policy: str
    parent_id: str | None
    created_at: datetime
    contact_email: str | None = None
    licenses_to_partner: bool = False


def may_order(partner: Partner, environment: Environment) -> bool:
    """Production orders need an ACTIVE partner; sandbox orders one that has come as far as SANDBOX."""
    if environment is Environment.PRODUCTION:
        return partner.state is PartnerState.ACTIVE
    return partner.state in {PartnerState.SANDBOX, PartnerState.ACTIVE}


def may_order_for(partner: Partner, trading_partner: Partner | None) -> bool:
    """A distributor orders for itself or for a reseller of its own."""
    if trading_partner is None:
        return False
    return partner.id in {trading_partner.id, trading_partner.parent_id}
