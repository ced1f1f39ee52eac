"""What a partner asks for when it places an order."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from commerce.orders import OrderKind
from commerce.screening_questions import Owner


@dataclass(frozen=True, slots=True)
class ContactRequest:
    """A person at the customer."""

    name: str
    email: str
    receives_licenses: bool = False


@dataclass(frozen=True, slots=True)
class CustomerRequest:
    """A customer as the partner knows it."""

    external_reference: str
    legal_name: str
    country: str
    contacts: tuple[ContactRequest, ...]
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    tax_id: str | None = None
    domain: str | None = None
    owners: tuple[Owner, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerChoice:
    """The customer of an order: one that exists, by our id or the partner's reference, or a new one."""

    id: str | None = None
    external_reference: str | None = None
    new: CustomerRequest | None = None


@dataclass(frozen=True, slots=True)
class NewLine:
    """So many units of a SKU, named by its code."""

    sku: str
    quantity: int
    auto_renew: bool = False
    external_line_reference: str | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """New subscriptions, from `starts_on` (today when None), to the end of `co_term_with` where given."""

    customer: CustomerChoice
    currency: str
    lines: tuple[NewLine, ...]
    starts_on: date | None = None
    co_term_with: str | None = None


@dataclass(frozen=True, slots=True)
class AddSeatsLine:
    """So many more seats on a subscription, to the end of its term."""

    subscription_id: str
    quantity: int
    external_line_reference: str | None = None


@dataclass(frozen=True, slots=True)
class RenewalLine:
    """Another term of a subscription, with as many seats as now (None) or another number."""

    subscription_id: str
    quantity: int | None = None
    external_line_reference: str | None = None


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """Another SKU for a subscription, to the end of its term."""

    subscription_id: str
    sku: str
    quantity: int | None = None
    external_line_reference: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """So many units of a line of an earlier order, given back."""

    order_line_id: str
    quantity: int
    external_line_reference: str | None = None


AmendmentLine = AddSeatsLine | RenewalLine | SwitchLine
RequestLine = NewLine | AmendmentLine | ReturnLine


@dataclass(frozen=True, slots=True)
class AddSeats:
    lines: tuple[AddSeatsLine, ...]


@dataclass(frozen=True, slots=True)
class Renewal:
    lines: tuple[RenewalLine, ...]


@dataclass(frozen=True, slots=True)
class Switch:
    lines: tuple[SwitchLine, ...]


@dataclass(frozen=True, slots=True)
class Return:
    lines: tuple[ReturnLine, ...]


Details = NewOrder | AddSeats | Renewal | Switch | Return

KINDS: Mapping[type[Details], OrderKind] = MappingProxyType(
    {
        NewOrder: OrderKind.NEW,
        AddSeats: OrderKind.ADD_SEATS,
        Renewal: OrderKind.RENEWAL,
        Switch: OrderKind.SWITCH,
        Return: OrderKind.RETURN,
    }
)

FIELD_OF: Mapping[OrderKind, str] = MappingProxyType(
    {
        OrderKind.NEW: "new",
        OrderKind.ADD_SEATS: "addSeats",
        OrderKind.RENEWAL: "renewal",
        OrderKind.SWITCH: "switch",
        OrderKind.RETURN: "return",
    }
)
"""The member of `details` that asks for each kind: the third step of every problem's path."""


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as it is asked for."""

    idempotency_key: str
    details: Details
    external_order_reference: str | None = None
    purchase_order_number: str | None = None
    end_customer_purchase_order_number: str | None = None
    allow_duplicate_purchase_order: bool = False
    trading_partner_id: str | None = None

    @property
    def kind(self) -> OrderKind:
        return KINDS[type(self.details)]

    @property
    def path(self) -> tuple[str, ...]:
        """Where the details stand in the arguments."""
        return ("input", "details", FIELD_OF[self.kind])

    def fingerprint(self) -> bytes:
        """32 bytes over everything that is asked for; the key itself is not part of it.

        What is left out is left out, so that a field that is added later changes no fingerprint kept today.
        """
        asked = _said(asdict(self))
        del asked["idempotency_key"]
        asked["kind"] = self.kind
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).digest()


def trimmed(text: str | None) -> str | None:
    """A reference or number as it is kept: without the spaces that copying leaves around it."""
    return text and text.strip()


def _said(value: Any) -> Any:
    """A value without the parts that say nothing."""
    if isinstance(value, dict):
        return {name: _said(part) for name, part in value.items() if part not in _UNSAID}
    if isinstance(value, list | tuple):
        return [_said(part) for part in value]
    return value


_UNSAID = (None, False, "", ())
