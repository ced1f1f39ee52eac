"""Deciding on an order: what the facts say against it, what it costs, what is written if it is accepted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from commerce.access import Environment
from commerce.catalog import PriceBook, Sku
from commerce.customers import Contact, Customer
from commerce.ids import Prefix
from commerce.order_requests import CustomerRequest, OrderRequest
from commerce.orders import Actor, Order, OrderKind, OrderLine, OrderStatus, OrderTransition
from commerce.partners import Partner, may_order, may_order_for
from commerce.pricing import LinePrice, line_price, total
from commerce.problems import Problem, ProblemCode
from commerce.screening import Decision, Outcome, Policy

NewId = Callable[[Prefix], str]

_NEW = ("input", "details", "new")


@dataclass(frozen=True, slots=True)
class Facts:
    """What has to be known to decide on a request, as it stood when it was read."""

    partner: Partner
    environment: Environment
    skus: Mapping[str, Sku]
    price_books: Mapping[str, PriceBook]
    customer: Customer | None = None
    contacts: tuple[Contact, ...] = ()
    trading_partner: Partner | None = None
    same_purchase_order: str | None = None
    """An order of the partner that has the purchase order number already."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Everything that is written when an order is accepted; `customer` only where it is new."""

    order: Order
    lines: tuple[OrderLine, ...]
    history: tuple[OrderTransition, ...]
    customer: Customer | None
    contacts: tuple[Contact, ...]


def problems_against(request: OrderRequest, facts: Facts) -> list[Problem]:
    """Everything the facts say against a request."""
    return [
        *_partner_problems(request, facts),
        *_customer_problems(request, facts),
        *_purchase_order_problems(request, facts),
        *_sku_problems(request, facts),
    ]


def _partner_problems(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    if not may_order(facts.partner, facts.environment):
        yield Problem(
            ProblemCode.PARTNER_NOT_ACTIVE,
            f"The partner is {facts.partner.state} and cannot order in {facts.environment}.",
        )
    if request.trading_partner_id and not may_order_for(facts.partner, facts.trading_partner):
        yield Problem(
            ProblemCode.TRADING_PARTNER_NOT_FOUND,
            "There is no such reseller.",
            ("input", "tradingPartnerId"),
        )


def _customer_problems(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    choice, known = request.customer, facts.customer
    if choice.new is None:
        if known is None:
            named = "id" if choice.id else "externalReference"
            yield Problem(
                ProblemCode.CUSTOMER_NOT_FOUND, "There is no such customer.", (*_NEW, "customer", named)
            )
    elif known and (known.legal_name, known.country) != (choice.new.legal_name, choice.new.country):
        yield Problem(
            ProblemCode.CUSTOMER_REFERENCE_TAKEN,
            "Another customer of yours has this reference; its name or country differs.",
            (*_NEW, "customer", "new", "externalReference"),
            resource_id=known.id,
        )


def _purchase_order_problems(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    if facts.same_purchase_order and not request.allow_duplicate_purchase_order:
        yield Problem(
            ProblemCode.DUPLICATE_PURCHASE_ORDER,
            "An order of yours has this number; set allowDuplicatePurchaseOrder to use it again.",
            ("input", "purchaseOrderNumber"),
            resource_id=facts.same_purchase_order,
        )


def _sku_problems(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    book = facts.price_books.get(request.currency)
    for position, line in enumerate(request.lines):
        path = (*_NEW, "lines", position, "sku")
        sku = facts.skus.get(line.sku)
        if sku is None:
            yield Problem(ProblemCode.SKU_NOT_FOUND, f"There is no SKU {line.sku!r}.", path)
        elif book is None or book.unit_price(sku.id, line.quantity) is None:
            message = f"Your price book has no price for {line.sku!r} in {request.currency}."
            yield Problem(ProblemCode.SKU_NOT_PRICED, message, path)


def status_after(outcome: Outcome, policy: Policy, kind: OrderKind) -> OrderStatus:
    """Where a screened order goes."""
    if not outcome.blocks(kind, policy):
        return OrderStatus.PROVISIONING
    return OrderStatus.DENIED if outcome.decision is Decision.DENY else OrderStatus.ON_HOLD


def customer_of(
    request: OrderRequest, facts: Facts, new_id: NewId, now: datetime
) -> tuple[Customer, tuple[Contact, ...]]:
    """The customer the order is for, with its contacts: the one that exists, or the new one."""
    if facts.customer is not None:
        return facts.customer, facts.contacts
    asked = request.customer.new
    if asked is None:
        raise ValueError("a request without a customer has problems and is not accepted")
    customer = _new_customer(asked, facts, new_id, now)
    contacts = tuple(
        Contact(
            id=new_id(Prefix.CONTACT),
            partner_id=customer.partner_id,
            environment=customer.environment,
            customer_id=customer.id,
            name=contact.name,
            email=contact.email,
            receives_licenses=contact.receives_licenses,
        )
        for contact in asked.contacts
    )
    return customer, contacts


def _new_customer(asked: CustomerRequest, facts: Facts, new_id: NewId, now: datetime) -> Customer:
    return Customer(
        id=new_id(Prefix.CUSTOMER),
        partner_id=facts.partner.id,
        environment=facts.environment,
        external_reference=asked.external_reference,
        legal_name=asked.legal_name,
        country=asked.country,
        street=asked.street,
        city=asked.city,
        region=asked.region,
        postal_code=asked.postal_code,
        tax_id=asked.tax_id,
        domain=asked.domain,
        created_at=now,
    )


def accepted(
    request: OrderRequest,
    facts: Facts,
    customer: Customer,
    contacts: tuple[Contact, ...],
    status: OrderStatus,
    *,
    new_id: NewId,
    now: datetime,
) -> Acceptance:
    """The order as it is written. The facts must have nothing against the request."""
    book = facts.price_books[request.currency]
    prices = [_price(book, facts.skus[line.sku].id, line.quantity) for line in request.lines]
    order = _order(request, facts, customer, status, prices, new_id=new_id, now=now)
    lines = tuple(
        OrderLine(
            id=new_id(Prefix.ORDER_LINE),
            partner_id=order.partner_id,
            environment=order.environment,
            order_id=order.id,
            line_number=number,
            sku_id=facts.skus[line.sku].id,
            quantity=line.quantity,
            remaining_quantity=line.quantity,
            status=status,
            reason=None,
            currency=order.currency,
            unit_amount=price.unit_price,
            list_amount=price.list_amount,
            discount_amount=price.discount_amount,
            net_amount=price.net_amount,
            external_line_reference=line.external_line_reference,
        )
        for number, (line, price) in enumerate(zip(request.lines, prices, strict=True), start=1)
    )
    is_new = facts.customer is None
    return Acceptance(
        order,
        lines,
        _history(order, new_id),
        customer if is_new else None,
        contacts if is_new else (),
    )


def _order(
    request: OrderRequest,
    facts: Facts,
    customer: Customer,
    status: OrderStatus,
    prices: list[LinePrice],
    *,
    new_id: NewId,
    now: datetime,
) -> Order:
    sums = total(prices)
    return Order(
        id=new_id(Prefix.ORDER),
        partner_id=facts.partner.id,
        environment=facts.environment,
        kind=OrderKind.NEW,
        status=status,
        status_since=now,
        status_reason=None,
        customer_id=customer.id,
        trading_partner_id=request.trading_partner_id,
        external_order_reference=request.external_order_reference,
        purchase_order_number=request.purchase_order_number,
        end_customer_purchase_order_number=request.end_customer_purchase_order_number,
        currency=request.currency,
        list_amount=sums.list_total,
        discount_amount=sums.discount_total,
        total_amount=sums.total,
        starts_on=None,
        placed_at=now,
        updated_at=now,
        fulfilled_at=None,
    )


def _price(book: PriceBook, sku_id: str, quantity: int) -> LinePrice:
    price = line_price(book, sku_id, quantity)
    if price is None:
        raise ValueError("a line without a price is a problem and is not accepted")
    return price


def _history(order: Order, new_id: NewId) -> tuple[OrderTransition, ...]:
    """How an order came to stand where acceptance left it."""
    steps = [
        (None, OrderStatus.RECEIVED, Actor.PARTNER),
        (OrderStatus.RECEIVED, OrderStatus.SCREENING, Actor.SYSTEM),
        (OrderStatus.SCREENING, order.status, Actor.SYSTEM),
    ]
    return tuple(
        OrderTransition(
            id=new_id(Prefix.TRANSITION),
            partner_id=order.partner_id,
            environment=order.environment,
            order_id=order.id,
            position=position,
            from_status=before,
            to_status=after,
            actor=actor,
            reason=None,
            at=order.placed_at,
        )
        for position, (before, after, actor) in enumerate(steps, start=1)
    )
