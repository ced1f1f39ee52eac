"""Deciding on an order: what stands against it, where it goes, and what is written if it is accepted."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from commerce.customers import Contact, Customer
from commerce.ids import Prefix
from commerce.order_facts import Facts
from commerce.order_quotes import Quote, QuotedLine
from commerce.order_requests import CustomerRequest, NewOrder, OrderRequest, Switch
from commerce.orders import Actor, Order, OrderLine, OrderStatus, OrderTransition
from commerce.partners import may_order, may_order_for, may_trade
from commerce.problems import Path, Problem, ProblemCode
from commerce.screening import Decision, Outcome, Policy
from commerce.screening_questions import Owner

NewId = Callable[[Prefix], str]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Everything that is written when an order is accepted; `customer` only where it is new.

    `claims` are the subscriptions that the order changes: it must be the only one to do so.
    """

    order: Order
    lines: tuple[OrderLine, ...]
    history: tuple[OrderTransition, ...]
    customer: Customer | None
    contacts: tuple[Contact, ...]

    @property
    def claims(self) -> list[str]:
        return sorted({line.subscription_id for line in self.lines if line.subscription_id})

    @property
    def returns(self) -> list[OrderLine]:
        """The lines that give units of earlier lines back."""
        return [line for line in self.lines if line.returns_line_id]


def problems_against(request: OrderRequest, facts: Facts) -> list[Problem]:
    """Everything the facts say against a request, besides what quoting finds."""
    return [
        *_partner_problems(request, facts),
        *_customer_problems(request, facts),
        *_reference_problems(request, facts),
        *_limit_problems(request, facts),
    ]


def _limit_problems(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    """What the partner may not sell, or not there."""
    details, partner = request.details, facts.partner
    if isinstance(details, NewOrder | Switch) and partner.sku_codes is not None:
        for number, sku in enumerate([line.sku for line in details.lines]):
            if sku not in partner.sku_codes:
                path: Path = (*request.path, "lines", number, "sku")
                yield Problem(ProblemCode.SKU_NOT_ALLOWED, "This SKU is not yours to sell.", path)
    if not isinstance(details, NewOrder) or partner.territories is None:
        return
    new = details.customer.new
    country = new.country if new else facts.customer.country if facts.customer else None
    if country is not None and country not in partner.territories:
        path = (*request.path, "customer")
        yield Problem(ProblemCode.TERRITORY_NOT_ALLOWED, f"You do not sell in {country}.", path)


def _partner_problems(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    if not may_order(facts.partner, facts.environment):
        yield Problem(
            ProblemCode.PARTNER_NOT_ACTIVE,
            f"The partner is {facts.partner.state} and cannot order in {facts.environment}.",
        )
    path = ("input", "tradingPartnerId")
    if request.trading_partner_id is None:
        return
    reseller = facts.trading_partner
    if reseller is None or not may_order_for(facts.partner, reseller):
        yield Problem(ProblemCode.TRADING_PARTNER_NOT_FOUND, "There is no such reseller.", path)
    elif reseller.id != facts.partner.id and not may_trade(reseller, facts.environment):
        yield Problem(ProblemCode.TRADING_PARTNER_NOT_ACTIVE, "The reseller cannot be ordered for now.", path)


def _customer_problems(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    if not isinstance(request.details, NewOrder):
        return
    choice, known = request.details.customer, facts.customer
    path: Path = (*request.path, "customer")
    if choice.new is None:
        if known is None:
            named = "id" if choice.id else "externalReference"
            yield Problem(ProblemCode.CUSTOMER_NOT_FOUND, "There is no such customer.", (*path, named))
        elif not any(contact.receives_licenses for contact in facts.contacts):
            message = "No contact of this customer receives the licences."
            yield Problem(ProblemCode.LICENSE_CONTACT_MISSING, message, path, resource_id=known.id)
    elif known and (differing := _differences(choice.new, known, facts.contacts)):
        yield Problem(
            ProblemCode.CUSTOMER_REFERENCE_TAKEN,
            f"Your customer of this reference has other details ({', '.join(differing)}). Order for it by "
            "externalReference, or choose another reference.",
            (*path, "new", "externalReference"),
            resource_id=known.id,
        )


def _differences(asked: CustomerRequest, known: Customer, contacts: Sequence[Contact]) -> list[str]:
    """What is said of a customer that is not on record: an order changes no customer, nor drops a word."""
    said = {
        "legalName": (asked.legal_name, known.legal_name),
        "country": (asked.country, known.country),
        "street": (asked.street or known.street, known.street),
        "city": (asked.city or known.city, known.city),
        "region": (asked.region or known.region, known.region),
        "postalCode": (asked.postal_code or known.postal_code, known.postal_code),
        "taxId": (asked.tax_id or known.tax_id, known.tax_id),
        "domain": (asked.domain or known.domain, known.domain),
    }
    people = {contact.email.casefold(): contact.receives_licenses for contact in contacts}
    differing = [name for name, (new, old) in said.items() if new != old]
    if any(people.get(one.email.casefold()) is not one.receives_licenses for one in asked.contacts):
        differing.append("contacts")
    return differing


def _reference_problems(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    if facts.same_reference:
        yield Problem(
            ProblemCode.DUPLICATE_ORDER_REFERENCE,
            "An order of yours has this reference.",
            ("input", "externalOrderReference"),
            resource_id=facts.same_reference,
        )
    if facts.same_purchase_order and not request.allow_duplicate_purchase_order:
        yield Problem(
            ProblemCode.DUPLICATE_PURCHASE_ORDER,
            "An order of yours has this number; set allowDuplicatePurchaseOrder to use it again.",
            ("input", "purchaseOrderNumber"),
            resource_id=facts.same_purchase_order,
        )


def status_after(
    outcome: Outcome, policy: Policy, request: OrderRequest, effective_on: date | None, *, asks: bool = False
) -> OrderStatus:
    """Where a screened order goes: held, to the partner with a question, to its day, or on."""
    if outcome.blocks(request.kind, policy):
        if outcome.decision is Decision.DENY:
            return OrderStatus.DENIED
        return OrderStatus.AWAITING_PARTNER if asks else OrderStatus.ON_HOLD
    return OrderStatus.SCHEDULED if effective_on else OrderStatus.PROVISIONING


def customer_of(request: OrderRequest, facts: Facts, new_id: NewId) -> tuple[Customer, tuple[Contact, ...]]:
    """The customer the order is for, with its contacts: the one that exists, or the new one."""
    if facts.customer is not None:
        return facts.customer, facts.contacts
    asked = request.details.customer.new if isinstance(request.details, NewOrder) else None
    if asked is None:
        raise ValueError("a request without a customer has problems and is not accepted")
    return _described(asked, facts, new_id)


def redescribed(
    request: OrderRequest, facts: Facts, new_id: NewId
) -> tuple[Customer, tuple[Contact, ...]] | None:
    """A customer who exists as the request describes it anew, with its contacts: for screening alone."""
    asked = request.details.customer.new if isinstance(request.details, NewOrder) else None
    if asked is None or facts.customer is None:
        return None
    customer, contacts = _described(asked, facts, new_id)
    return replace(customer, id=facts.customer.id), contacts


def _described(asked: CustomerRequest, facts: Facts, new_id: NewId) -> tuple[Customer, tuple[Contact, ...]]:
    customer = _new_customer(asked, facts, new_id)
    return customer, tuple(
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


def _new_customer(asked: CustomerRequest, facts: Facts, new_id: NewId) -> Customer:
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
        created_at=facts.now,
    )


def declared_owners(request: OrderRequest) -> tuple[Owner, ...]:
    """The owners that a request names for its customer."""
    asked = request.details.customer.new if isinstance(request.details, NewOrder) else None
    return asked.owners if asked else ()


def accepted(
    request: OrderRequest,
    facts: Facts,
    quote: Quote,
    status: OrderStatus,
    *,
    customer: Customer,
    contacts: tuple[Contact, ...],
    new_id: NewId,
    actor: Actor = Actor.PARTNER,
    effective_on: date | None = None,
) -> Acceptance:
    """The order as it is written, asked for by `actor`. Nothing may stand against the request."""
    order = _order(
        request, facts, quote, status=status, effective_on=effective_on, customer=customer, new_id=new_id
    )
    lines = tuple(
        _line(order, quoted, number, new_id(Prefix.ORDER_LINE))
        for number, quoted in enumerate(quote.lines, start=1)
    )
    is_new = facts.customer is None
    return Acceptance(
        order,
        lines,
        _history(order, new_id, facts.now, actor),
        customer if is_new else None,
        contacts if is_new else (),
    )


def _order(
    request: OrderRequest,
    facts: Facts,
    quote: Quote,
    *,
    status: OrderStatus,
    effective_on: date | None,
    customer: Customer,
    new_id: NewId,
) -> Order:
    sums = quote.total
    details = request.details
    return Order(
        id=new_id(Prefix.ORDER),
        partner_id=facts.partner.id,
        environment=facts.environment,
        kind=request.kind,
        status=status,
        status_since=facts.now,
        status_reason=None,
        customer_id=customer.id,
        trading_partner_id=request.trading_partner_id,
        external_order_reference=request.external_order_reference,
        purchase_order_number=request.purchase_order_number,
        end_customer_purchase_order_number=request.end_customer_purchase_order_number,
        currency=quote.currency,
        list_amount=sums.list_total,
        discount_amount=sums.discount_total,
        credit_amount=sums.credit_total,
        total_amount=sums.total,
        starts_on=effective_on or (details.starts_on if isinstance(details, NewOrder) else None),
        placed_at=facts.now,
        updated_at=facts.now,
        fulfilled_at=None,
    )


def _line(order: Order, quoted: QuotedLine, number: int, line_id: str) -> OrderLine:
    price, period = quoted.price, quoted.price.period
    return OrderLine(
        id=line_id,
        partner_id=order.partner_id,
        environment=order.environment,
        order_id=order.id,
        line_number=number,
        sku_id=quoted.sku.id,
        quantity=quoted.quantity,
        remaining_quantity=quoted.quantity,
        status=order.status,
        reason=None,
        currency=order.currency,
        unit_amount=price.unit_price,
        list_amount=price.list_amount,
        discount_amount=price.discount_amount,
        credit_amount=price.credit_amount,
        net_amount=price.net_amount,
        starts_on=period.starts_on if period else None,
        ends_on=period.ends_on if period else None,
        term_days=period.term_days if period else None,
        subscription_id=quoted.subscription.id if quoted.subscription else None,
        returns_line_id=quoted.returns_line_id,
        auto_renew=quoted.auto_renew,
        external_line_reference=quoted.external_line_reference,
    )


def _history(order: Order, new_id: NewId, now: datetime, actor: Actor) -> tuple[OrderTransition, ...]:
    """How an order came to stand where acceptance left it."""
    path: Sequence[tuple[OrderStatus | None, OrderStatus, Actor]] = [
        (None, OrderStatus.RECEIVED, actor),
        (OrderStatus.RECEIVED, OrderStatus.SCREENING, Actor.SYSTEM),
        *(
            [
                (OrderStatus.SCREENING, OrderStatus.ON_HOLD, Actor.SYSTEM),
                (OrderStatus.ON_HOLD, OrderStatus.AWAITING_PARTNER, Actor.SYSTEM),
            ]
            if order.status is OrderStatus.AWAITING_PARTNER
            else [(OrderStatus.SCREENING, order.status, Actor.SYSTEM)]
        ),
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
            at=now,
        )
        for position, (before, after, actor) in enumerate(path, start=1)
    )
