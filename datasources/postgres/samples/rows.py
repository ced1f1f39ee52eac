"""The rows that COPY sends: one named tuple a table, its fields the columns it fills.

They are tuples, not the records of `commerce`, because a million orders are ten million rows.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple


class PartnerRow(NamedTuple):
    id: str
    kind: str
    name: str
    country: str
    state: str
    screening_policy: str
    parent_id: str | None
    created_at: datetime


class ClientRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    name: str
    created_at: datetime


class ProductRow(NamedTuple):
    id: str
    code: str
    name: str
    description: str


class SkuRow(NamedTuple):
    id: str
    code: str
    product_id: str
    plan: str
    term_months: int
    unit: str
    features: Sequence[str]


class PriceBookRow(NamedTuple):
    id: str
    name: str
    currency: str


class PriceBookEntryRow(NamedTuple):
    price_book_id: str
    sku_id: str
    min_quantity: int
    unit_price: Decimal


class PartnerPriceBookRow(NamedTuple):
    partner_id: str
    currency: str
    price_book_id: str
    discount_percent: Decimal


class CustomerRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    external_reference: str
    legal_name: str
    country: str
    street: str
    city: str
    region: str
    postal_code: str
    tax_id: str | None
    domain: str
    created_at: datetime


class ContactRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    customer_id: str
    name: str
    email: str
    receives_licenses: bool


class OrderRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    kind: str
    status: str
    status_since: datetime
    status_reason: str | None
    customer_id: str
    trading_partner_id: str | None
    external_order_reference: str | None
    purchase_order_number: str | None
    end_customer_purchase_order_number: str | None
    currency: str
    list_total: Decimal
    discount_total: Decimal
    credit_total: Decimal
    total: Decimal
    starts_on: date | None
    placed_at: datetime
    updated_at: datetime
    fulfilled_at: datetime | None


class OrderLineRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    order_id: str
    line_number: int
    sku_id: str
    quantity: int
    remaining_quantity: int
    status: str
    reason: str | None
    currency: str
    unit_price: Decimal
    list_amount: Decimal
    discount_amount: Decimal
    credit_amount: Decimal
    net_amount: Decimal
    starts_on: date | None
    ends_on: date | None
    term_days: int | None
    subscription_id: str | None
    returns_line_id: str | None
    auto_renew: bool


class TransitionRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    order_id: str
    position: int
    from_status: str | None
    to_status: str
    actor: str
    reason: str | None
    at: datetime


class ScreeningRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    order_id: str
    decision: str
    reasons: str
    partner_words: Sequence[str]
    subjects: str
    workflow: str
    policy_version: int
    policy_fingerprint: str
    engine_version: int
    snapshot_id: str
    lists: str
    is_sample: bool
    suppressed: Sequence[str]
    decided_by: str
    decided_at: datetime


class MatchRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    screening_id: str
    position: int
    list: str
    entry_id: str
    entry_hash: str
    entry_name: str
    matched_name: str
    screened_name: str
    subject_role: str
    subject_reference: str
    score: Decimal
    weak_name: bool
    consequence: str
    programmes: Sequence[str]
    parts: str


class SubscriptionRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    customer_id: str
    order_id: str
    order_line_id: str
    sku_id: str
    seats: int
    starts_on: date
    ends_on: date
    auto_renew: bool
    state: str
    currency: str
    term_starts_on: date
    pending_order_id: str | None
    created_at: datetime


class LicenseRow(NamedTuple):
    id: str
    partner_id: str
    environment: str
    customer_id: str
    order_id: str
    subscription_id: str
    state: str
    sku_code: str
    product: str
    plan: str
    seats: int
    features: Sequence[str]
    issued_at: datetime
    starts_on: date
    expires_on: date
    grace_days: int
    licensee_name: str
    licensee_company: str
    licensee_email: str
    key_id: str
    file: str
    superseded_by: str | None
    first_retrieved_at: datetime | None
    revoked_at: datetime | None
    withdrawn_at: datetime | None
    withdrawal: str | None


TABLES: dict[type[Any], str] = {
    PartnerRow: "partners",
    ClientRow: "api_clients",
    ProductRow: "products",
    SkuRow: "skus",
    PriceBookRow: "price_books",
    PriceBookEntryRow: "price_book_entries",
    PartnerPriceBookRow: "partner_price_books",
    CustomerRow: "customers",
    ContactRow: "contacts",
    OrderRow: "orders",
    OrderLineRow: "order_lines",
    TransitionRow: "order_transitions",
    ScreeningRow: "screenings",
    MatchRow: "screening_matches",
    SubscriptionRow: "subscriptions",
    LicenseRow: "licenses",
}
"""Each kind of row and its table, parents before children."""


class Rows:
    """Rows waiting to be sent, by table."""

    def __init__(self) -> None:
        self._of: dict[type[Any], list[Any]] = {kind: [] for kind in TABLES}

    def add(self, row: Any) -> None:
        self._of[type(row)].append(row)

    def count(self, kind: type[Any]) -> int:
        return len(self._of[kind])

    def drained(self) -> Iterator[tuple[str, tuple[str, ...], list[Any]]]:
        """Table, columns and rows of everything waiting, parents first; afterwards nothing waits."""
        for kind, table in TABLES.items():
            rows, self._of[kind] = self._of[kind], []
            if rows:
                yield table, kind._fields, rows
