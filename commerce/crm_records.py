"""What Portico tells Salesforce of an order: account, contacts, products and opportunity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from commerce.catalog import Sku
from commerce.crm import (
    AccountUpsert,
    CaseUpsert,
    ContactUpsert,
    LineItem,
    OpportunityUpsert,
    ProductUpsert,
    Referral,
)
from commerce.customers import Contact, Customer
from commerce.money import Money, rounded
from commerce.orders import Order, OrderLine
from commerce.partners import Partner
from commerce.screening import Decision
from commerce.screening_cases import CaseState, ScreeningCase


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order with everything around it."""

    order: Order
    lines: tuple[OrderLine, ...]
    customer: Customer
    contacts: tuple[Contact, ...]
    partner: Partner
    skus: Mapping[str, Sku]


def account_of(facts: OrderFacts) -> AccountUpsert:
    customer = facts.customer
    return AccountUpsert(
        customer_id=customer.id,
        name=customer.legal_name,
        country=customer.country,
        referral=Referral(facts.partner.name, customer.external_reference),
        website=customer.domain,
        street=customer.street or None,
        city=customer.city or None,
        postal_code=customer.postal_code or None,
    )


def contacts_of(facts: OrderFacts) -> list[ContactUpsert]:
    return [
        ContactUpsert(
            contact_id=contact.id,
            customer_id=facts.customer.id,
            name=contact.name,
            email=contact.email,
            receives_licenses=contact.receives_licenses,
        )
        for contact in facts.contacts
    ]


def products_of(facts: OrderFacts) -> list[ProductUpsert]:
    return [
        ProductUpsert(
            sku_id=line.sku_id,
            code=facts.skus[line.sku_id].code,
            name=f"{facts.skus[line.sku_id].product_name} {facts.skus[line.sku_id].plan}",
            price=line.unit_price,
        )
        for line in facts.lines
    ]


def opportunity_of(facts: OrderFacts) -> OpportunityUpsert:
    order = facts.order
    return OpportunityUpsert(
        order_id=order.id,
        customer_id=facts.customer.id,
        name=f"{facts.customer.legal_name} {order.kind} {order.external_order_reference or order.id}"[:120],
        kind=order.kind,
        status=order.status,
        closes_on=order.placed_at.date(),
        amount=order.total,
        referral=Referral(facts.partner.name, order.external_order_reference),
        purchase_order=order.purchase_order_number,
        lines=_line_items(facts.lines),
    )


def case_of(case: ScreeningCase, facts: OrderFacts) -> CaseUpsert:
    """A compliance case as the owner of the account reads it: that it waits, and on whom."""
    return CaseUpsert(
        case_id=case.id,
        customer_id=facts.customer.id,
        order_id=facts.order.id,
        subject=f"Compliance review: {facts.customer.legal_name}"[:255],
        status=_CASE_STATUS[case.state],
        is_urgent=case.decision is Decision.DENY,
        referral=Referral(facts.partner.name, facts.order.external_order_reference),
    )


_CASE_STATUS = {
    CaseState.OPEN: "New",
    CaseState.AWAITING_PARTNER: "Working",
    CaseState.AWAITING_SECOND: "Escalated",
    CaseState.CLEARED: "Closed",
    CaseState.DENIED: "Closed",
}
"""Salesforce's own words for the status of a case."""


def _line_items(lines: Sequence[OrderLine]) -> tuple[LineItem, ...]:
    return tuple(LineItem(line.id, line.sku_id, line.quantity, _net_per_seat(line).amount) for line in lines)


def _net_per_seat(line: OrderLine) -> Money:
    return Money(rounded(line.net_amount / line.quantity, line.currency), line.currency)
