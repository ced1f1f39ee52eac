"""The customer as Salesforce knows it, and what Portico tells Salesforce of customers and orders."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from commerce.money import Money
from commerce.orders import OrderKind, OrderStatus


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer came from and how old it is. `stale`: the system could not be asked just now."""

    system: str
    fetched_at: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class AccountOwner:
    """The person at the vendor who looks after an account; ids are Salesforce's, 18 characters."""

    id: str
    name: str
    email: str
    title: str | None


@dataclass(frozen=True, slots=True)
class CrmAccount:
    """The Salesforce account of a customer."""

    id: str
    customer_id: str
    name: str
    website: str | None
    industry: str | None
    owner: AccountOwner | None
    partner_sourced: bool
    partner_name: str | None
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Opportunity:
    """A deal on an account; `order_id` names the Portico order it came from, if any."""

    id: str
    account_id: str
    order_id: str | None
    name: str
    stage: str
    amount: Money | None
    closes_on: date
    is_closed: bool
    is_won: bool
    order_status: str | None


@dataclass(frozen=True, slots=True)
class SupportCase:
    """A support case on an account, and the licence or order it names."""

    id: str
    account_id: str
    number: str
    subject: str | None
    category: str | None
    status: str
    priority: str | None
    is_closed: bool
    opened_at: datetime
    closed_at: datetime | None
    license_id: str | None
    order_id: str | None


@dataclass(frozen=True, slots=True)
class Referral:
    """The partner through which a customer or an order came; a direct sale has none."""

    partner_name: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class AccountUpsert:
    """A customer as told to Salesforce. `country` is an ISO 3166-1 alpha-2 code."""

    customer_id: str
    name: str
    country: str
    referral: Referral | None
    website: str | None = None
    street: str | None = None
    city: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class ContactUpsert:
    """A customer's contact as told to Salesforce; the last word of `name` is the last name."""

    contact_id: str
    customer_id: str
    name: str
    email: str
    receives_licenses: bool


@dataclass(frozen=True, slots=True)
class ProductUpsert:
    """A SKU and its list price in one currency."""

    sku_id: str
    code: str
    name: str
    price: Money
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class LineItem:
    """An order line; `unit_price` is net, for one seat, in the order's currency."""

    line_id: str
    sku_id: str
    quantity: int
    unit_price: Decimal
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class OpportunityUpsert:
    """An order as told to Salesforce, with its lines."""

    order_id: str
    customer_id: str
    name: str
    kind: OrderKind
    status: OrderStatus
    closes_on: date
    amount: Money
    referral: Referral | None
    purchase_order: str | None = None
    lines: tuple[LineItem, ...] = ()


class UpsertStatus(StrEnum):
    """How one record fared: written; worth another try; refused for good."""

    OK = "OK"
    RETRY = "RETRY"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class UpsertOutcome:
    """What became of one record. `key` is Portico's id, `crm_id` Salesforce's, `code` Salesforce's word."""

    key: str
    status: UpsertStatus
    code: str | None = None
    crm_id: str | None = None
    created: bool = False


STAGES = {
    OrderStatus.RECEIVED: "Negotiation/Review",
    OrderStatus.SCREENING: "Negotiation/Review",
    OrderStatus.ON_HOLD: "Negotiation/Review",
    OrderStatus.AWAITING_PARTNER: "Negotiation/Review",
    OrderStatus.SCHEDULED: "Closed Won",
    OrderStatus.PROVISIONING: "Closed Won",
    OrderStatus.PARTIALLY_FULFILLED: "Closed Won",
    OrderStatus.FULFILLED: "Closed Won",
    OrderStatus.FAILED: "Negotiation/Review",
    OrderStatus.DENIED: "Closed Lost",
    OrderStatus.CANCELED: "Closed Lost",
}
"""The opportunity stage of each order status, in the words of Salesforce's standard sales process."""


@dataclass(frozen=True, slots=True)
class CaseUpsert:
    """A compliance case on an account, for its owner: who waits and since when, never the evidence."""

    case_id: str
    customer_id: str
    order_id: str
    subject: str
    status: str
    is_urgent: bool
    referral: Referral | None
