"""What has to be known to decide on a request, as it stood when it was read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from commerce.access import Environment
from commerce.catalog import PriceBook, Sku
from commerce.customers import Contact, Customer
from commerce.order_windows import returnable_until
from commerce.orders import OrderKind, OrderLine, OrderStatus
from commerce.partners import Partner
from commerce.pricing import Purchase
from commerce.screening_questions import PartyFact
from commerce.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of an earlier order, as far as returning it goes."""

    line: OrderLine
    kind: OrderKind
    fulfilled_at: datetime | None
    is_switched_away: bool = False
    """Whether the subscription has been switched since: what was paid then is credited already."""
    is_renewed: bool = False
    """Whether a later term is paid for: it ends with this one, so that it has to be given back first."""

    @property
    def returned(self) -> int:
        return self.line.quantity - self.line.remaining_quantity

    @property
    def returnable_until(self) -> datetime | None:
        """The end of the return window; None where the line cannot be returned at all."""
        returnable = self.kind in {OrderKind.NEW, OrderKind.RENEWAL} and not self.is_switched_away
        fulfilled = self.line.status is OrderStatus.FULFILLED
        return returnable_until(self.fulfilled_at) if returnable and fulfilled and self.fulfilled_at else None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything around a request. Records that are not in the viewer's scope are simply not there."""

    partner: Partner
    environment: Environment
    now: datetime
    skus: Mapping[str, Sku] = field(default_factory=dict)
    """By code and by id."""
    price_books: Mapping[str, PriceBook] = field(default_factory=dict)
    customer: Customer | None = None
    contacts: tuple[Contact, ...] = ()
    party_facts: tuple[PartyFact, ...] = ()
    """What the partner has said of the customer and its contacts besides their records."""
    trading_partner: Partner | None = None
    distributor: Partner | None = None
    """The parent of a reseller that orders for itself."""
    same_purchase_order: str | None = None
    """An order of the partner that has the purchase order number already."""
    same_reference: str | None = None
    """An order of the partner that has the external reference already."""
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)
    purchases: Mapping[str, tuple[Purchase, ...]] = field(default_factory=dict)
    """What was paid for each subscription since it last changed its SKU."""
    sold_lines: Mapping[str, SoldLine] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.date()
