"""Deciding on a request: what placing and previewing an order have in common."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from commerce.access import Scope
from commerce.catalog import Sku
from commerce.customers import Contact, Customer
from commerce.ids import Prefix, names
from commerce.order_facts import Facts, SoldLine
from commerce.order_quotes import Quote, deferred_to, quote
from commerce.order_requests import NewOrder, OrderRequest, Return, Switch
from commerce.ordering import customer_of, declared_owners, problems_against, redescribed, status_after
from commerce.orders import OrderStatus
from commerce.parties import Subject
from commerce.pricing import Purchase
from commerce.problems import Problem
from commerce.screening import Outcome
from commerce.screening_cases import CaseDraft, drafts_of
from commerce.screening_questions import PartyFact, informed, owners_as_subjects
from commerce.subjects import subjects_of
from commerce.subscriptions import Subscription
from datasources.identifiers import new_id
from resolvers.context import Context
from resolvers.screening_parties import Screened, screened


@dataclass(frozen=True, slots=True)
class Decided:
    """A request with nothing against it: for whom, at what price, and where screening lets it go."""

    facts: Facts
    quote: Quote
    customer: Customer
    contacts: tuple[Contact, ...]
    subjects: list[Subject]
    screened: Screened
    cases: list[CaseDraft]
    status: OrderStatus
    effective_on: date | None

    @property
    def outcome(self) -> Outcome:
        return self.screened.outcome


@dataclass(frozen=True, slots=True)
class Rejected:
    """A request with problems; the quote holds what could be priced all the same."""

    problems: tuple[Problem, ...]
    quote: Quote


async def decide(context: Context, scope: Scope, request: OrderRequest) -> Decided | Rejected:
    """Read the facts, look for problems, price and screen. Writes nothing."""
    facts = await _facts(context, scope, request)
    quoted = quote(request, facts)
    if problems := (*problems_against(request, facts), *quoted.problems):
        return Rejected(problems, quoted)
    customer, contacts = customer_of(request, facts, new_id)
    subjects = _subjects(request, facts, customer, contacts)
    found = await screened(context.sources, scope, subjects, facts.partner.screening_policy, facts.now)
    cases = drafts_of(found.outcome, subjects, found.policy, facts.now)
    effective_on = deferred_to(request, quoted, facts)
    asks = any(case.asks for case in cases)
    status = status_after(found.outcome, found.policy, request, effective_on, asks=asks)
    return Decided(facts, quoted, customer, contacts, subjects, found, cases, status, effective_on)


def _subjects(
    request: OrderRequest, facts: Facts, customer: Customer, contacts: tuple[Contact, ...]
) -> list[Subject]:
    """Who is screened: those on record, and whoever the request names besides."""
    partners = [facts.partner, *filter(None, (facts.trading_partner, facts.distributor))]
    subjects = informed(subjects_of(customer, contacts, partners), facts.party_facts)
    subjects += owners_as_subjects(declared_owners(request), customer.id)
    if again := redescribed(request, facts, new_id):
        known = {subject.fingerprint() for subject in subjects}
        named = subjects_of(*again, partners)
        subjects += [subject for subject in named if subject.fingerprint() not in known]
    return subjects


async def _facts(context: Context, scope: Scope, request: OrderRequest) -> Facts:
    """Everything that deciding takes, in as few rounds as its kind allows."""
    sources, partner_id = context.sources, scope.partner_id or ""
    trading = request.trading_partner_id
    partner_ids = [one for one in (partner_id, trading) if one and names(Prefix.PARTNER, one)]
    (partners, distributor), books, same_number, same_reference, held = await asyncio.gather(
        sources.partners.of_order(scope, partner_ids),
        sources.catalog.price_books(partner_id),
        _same_purchase_order(context, scope, request),
        _same_reference(context, scope, request),
        _held(context, scope, request),
    )
    (customer, contacts, said), skus = await asyncio.gather(
        _customer(context, scope, request, held), _skus(context, request, held)
    )
    return Facts(
        partner=partners[partner_id],
        environment=scope.environment,
        now=context.now,
        skus=skus,
        price_books=books,
        customer=customer,
        contacts=contacts,
        party_facts=said,
        trading_partner=partners.get(trading or ""),
        distributor=distributor,
        same_purchase_order=same_number,
        same_reference=same_reference,
        subscriptions=held.subscriptions,
        purchases=await _purchases(context, scope, request, held),
        sold_lines=held.sold_lines,
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """What the customer holds that the request is about."""

    subscriptions: Mapping[str, Subscription]
    sold_lines: Mapping[str, SoldLine]


async def _held(context: Context, scope: Scope, request: OrderRequest) -> _Held:
    details, sources = request.details, context.sources
    sold: Mapping[str, SoldLine] = {}
    if isinstance(details, NewOrder):
        wanted = [details.co_term_with] if details.co_term_with else []
    elif isinstance(details, Return):
        line_ids = [line.order_line_id for line in details.lines]
        known = [one for one in line_ids if names(Prefix.ORDER_LINE, one)]
        sold = await sources.sold_lines.by_id(scope, known) if known else {}
        wanted = [one.line.subscription_id for one in sold.values() if one.line.subscription_id]
    else:
        wanted = [line.subscription_id for line in details.lines]
    known = [one for one in dict.fromkeys(wanted) if names(Prefix.SUBSCRIPTION, one)]
    return _Held(await sources.subscriptions.by_id(scope, known) if known else {}, sold)


async def _skus(context: Context, request: OrderRequest, held: _Held) -> Mapping[str, Sku]:
    """The SKUs asked for by code, and those held by id."""
    details, catalog = request.details, context.sources.catalog
    asked = [line.sku for line in details.lines] if isinstance(details, NewOrder | Switch) else []
    ids = {one.sku_id for one in held.subscriptions.values()}
    ids |= {one.line.sku_id for one in held.sold_lines.values()}
    by_code = await catalog.skus_by_code(asked) if asked else {}
    by_id = await catalog.skus_by_id(list(ids)) if ids else {}
    return {**by_code, **by_id}


async def _purchases(
    context: Context, scope: Scope, request: OrderRequest, held: _Held
) -> Mapping[str, tuple[Purchase, ...]]:
    if not isinstance(request.details, Switch) or not held.subscriptions:
        return {}
    return await context.sources.sold_lines.purchases_of(scope, list(held.subscriptions))


async def _customer(
    context: Context, scope: Scope, request: OrderRequest, held: _Held
) -> tuple[Customer | None, tuple[Contact, ...], tuple[PartyFact, ...]]:
    source, details = context.sources.customers, request.details
    if not isinstance(details, NewOrder):
        owners: Sequence[str] = [one.customer_id for one in held.subscriptions.values()][:1]
        customer = (await source.by_id(scope, owners)).get(owners[0]) if owners else None
    elif details.customer.id is not None:
        customer = (await source.by_id(scope, [details.customer.id])).get(details.customer.id)
    else:
        new = details.customer.new
        reference = new.external_reference if new else details.customer.external_reference
        customer = await source.by_reference(scope, reference or "")
    if customer is None:
        return None, (), ()
    contacts = tuple((await source.contacts_of(scope, [customer.id])).get(customer.id, ()))
    parties = [customer.id, *(contact.id for contact in contacts)]
    return customer, contacts, tuple(await context.sources.party_facts.of_parties(scope, parties))


async def _same_purchase_order(context: Context, scope: Scope, request: OrderRequest) -> str | None:
    if request.purchase_order_number is None or request.allow_duplicate_purchase_order:
        return None
    return await context.sources.orders.with_purchase_order(scope, request.purchase_order_number)


async def _same_reference(context: Context, scope: Scope, request: OrderRequest) -> str | None:
    if request.external_order_reference is None:
        return None
    order = await context.sources.orders.by_reference(scope, request.external_order_reference)
    return order.id if order else None
