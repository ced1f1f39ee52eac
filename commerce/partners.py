"""Partners: who sells, for whom, and whether they may."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

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


TRANSITIONS: Mapping[PartnerState, frozenset[PartnerState]] = MappingProxyType(
    {
        PartnerState.ONBOARDING: frozenset({PartnerState.SANDBOX, PartnerState.TERMINATED}),
        PartnerState.SANDBOX: frozenset({PartnerState.ACTIVE, PartnerState.TERMINATED}),
        PartnerState.ACTIVE: frozenset({PartnerState.SUSPENDED, PartnerState.TERMINATED}),
        PartnerState.SUSPENDED: frozenset({PartnerState.ACTIVE, PartnerState.TERMINATED}),
        PartnerState.TERMINATED: frozenset(),
    }
)
"""Where a partner may go from where it stands."""


class Relationship(StrEnum):
    """How a reseller stands to the distributor above it."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


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
    relationship: Relationship = Relationship.ACTIVE
    territories: tuple[str, ...] | None = None
    sku_codes: tuple[str, ...] | None = None
    sandbox_since: datetime | None = None

    @property
    def relationship_to_parent(self) -> Relationship | None:
        """How it stands to the distributor above it; None where there is none."""
        return self.relationship if self.parent_id else None

    contact_email: str | None = None
    licenses_to_partner: bool = False


def may_order(partner: Partner, environment: Environment) -> bool:
    """Production orders need an ACTIVE partner; sandbox orders one that has come as far as SANDBOX."""
    if environment is Environment.PRODUCTION:
        return partner.state is PartnerState.ACTIVE
    return partner.state in {PartnerState.SANDBOX, PartnerState.ACTIVE}


def may_order_for(partner: Partner, trading_partner: Partner | None) -> bool:
    """A distributor orders for itself or for a reseller of its own, while that has not ended."""
    if trading_partner is None:
        return False
    if partner.id == trading_partner.id:
        return True
    return partner.id == trading_partner.parent_id and trading_partner.relationship is not Relationship.ENDED


def may_trade(trading_partner: Partner, environment: Environment) -> bool:
    """Whether a reseller may be ordered for now: it, and what binds it to its distributor, must be active."""
    return trading_partner.relationship is Relationship.ACTIVE and may_order(trading_partner, environment)
