"""Quotes: each line of a request priced, or what is wrong with it. Placing and previewing share them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from commerce.catalog import PriceBook, Sku
from commerce.money import Money
from commerce.order_facts import Facts, SoldLine
from commerce.order_requests import (
    AddSeats,
    AmendmentLine,
    NewLine,
    NewOrder,
    OrderRequest,
    Renewal,
    Return,
    ReturnLine,
    Switch,
)
from commerce.order_windows import LATE_RENEWAL_WINDOW, last_day_to_renew
from commerce.orders import OrderKind
from commerce.pricing import LinePrice, Total, added_seats, new_line, refund, renewal, switch, total
from commerce.problems import Path, Problem, ProblemCode
from commerce.request_problems import MOST_SEATS
from commerce.subscriptions import Subscription, SubscriptionState

LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line with its price: what it asks for, on which subscription, or of which earlier line."""

    sku: Sku
    quantity: int
    price: LinePrice
    subscription: Subscription | None = None
    returns_line_id: str | None = None
    auto_renew: bool = False
    external_line_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines of a request with their prices, or the problems that keep it from having one."""

    lines: tuple[QuotedLine, ...]
    problems: tuple[Problem, ...]
    currency: str

    @property
    def total(self) -> Total:
        return total(line.price for line in self.lines)


Found = Iterator[QuotedLine | Problem]


def quote(request: OrderRequest, facts: Facts) -> Quote:
    """Price a request, line by line. Every problem of every line is found at once."""
    found = list(_QUOTERS[request.kind](request.details, facts, request.path))
    found.extend(_mixed(request, facts))
    found.extend(_ending_apart(request, facts))
    lines = tuple(one for one in found if isinstance(one, QuotedLine))
    problems = tuple(one for one in found if isinstance(one, Problem))
    return Quote(lines, problems, currency_of(request, facts))


def deferred_to(request: OrderRequest, quote: Quote, facts: Facts) -> date | None:
    """The day on which an order takes effect, where that is not today.

    A renewal with as many seats as now extends the subscription at once. With more or fewer it changes the
    seats on the first day of the term that pays for them.
    """
    if isinstance(request.details, NewOrder):
        starts_on = request.details.starts_on
        return starts_on if starts_on and starts_on > facts.today else None
    ends = [
        line.subscription.ends_on
        for line in quote.lines
        if request.kind is OrderKind.RENEWAL
        and line.subscription
        and line.quantity != line.subscription.seats
    ]
    latest = max(ends, default=facts.today)
    return latest if latest > facts.today else None


def currency_of(request: OrderRequest, facts: Facts) -> str:
    """The currency of an order: given for a new one, inherited by every other."""
    if isinstance(request.details, NewOrder):
        return request.details.currency
    if isinstance(request.details, Return):
        sold = [facts.sold_lines.get(line.order_line_id) for line in request.details.lines]
        return next((one.line.currency for one in sold if one), "")
    held = [facts.subscriptions.get(line.subscription_id) for line in request.details.lines]
    return next((one.currency for one in held if one), "")


def _new(details: NewOrder, facts: Facts, path: Path) -> Found:
    starts_on = details.starts_on or facts.today
    ends_on = None
    if not facts.today <= starts_on <= facts.today + LONGEST_WAIT:
        yield Problem(
            ProblemCode.INVALID_START, "An order starts between today and a year ahead.", (*path, "startsOn")
        )
        return
    if details.co_term_with is not None:
        other = facts.subscriptions.get(details.co_term_with)
        if other is None or other.state is not SubscriptionState.ACTIVE or not _is_of(facts, other):
            yield _no_subscription((*path, "coTermWith"))
            return
        if starts_on >= other.ends_on:
            message = "The start lies after the end of the subscription to end with."
            yield Problem(ProblemCode.INVALID_START, message, (*path, "startsOn"))
            return
        ends_on = other.ends_on
    for position, line in enumerate(details.lines):
        sku, book = facts.skus.get(line.sku), facts.price_books.get(details.currency)
        here: Path = (*path, "lines", position, "sku")
        price = (
            new_line(book, sku, line.quantity, starts_on=starts_on, ends_on=ends_on) if sku and book else None
        )
        yield _priced(line, sku, line.quantity, price, here, code=line.sku, currency=details.currency)


def _is_of(facts: Facts, held: Subscription) -> bool:
    """Whether a subscription is held by the customer that is ordered for; a new one holds none."""
    return facts.customer is not None and held.customer_id == facts.customer.id


def _add_seats(details: AddSeats, facts: Facts, path: Path) -> Found:
    for line, held, sku, book, here in _held(details.lines, facts, path):
        if isinstance(held, Problem):
            yield held
            continue
        if held.seats + line.quantity > MOST_SEATS:
            message = f"A subscription has at most {MOST_SEATS:,} seats."
            yield Problem(ProblemCode.INVALID_QUANTITY, message, (*here[:-1], "quantity"))
            continue
        price = (
            added_seats(
                book,
                sku,
                line.quantity,
                held=held.seats,
                on=facts.today,
                term_starts_on=held.term_starts_on,
                ends_on=held.ends_on,
            )
            if book
            else None
        )
        yield _priced(line, sku, line.quantity, price, here, code=sku.code, currency=held.currency, held=held)


def _renewal(details: Renewal, facts: Facts, path: Path) -> Found:
    for line, held, sku, book, here in _held(details.lines, facts, path, late=True):
        if isinstance(held, Problem):
            yield held
            continue
        seats = held.seats if line.quantity is None else line.quantity
        price = renewal(book, sku, seats, ends_on=held.ends_on) if book else None
        yield _priced(line, sku, seats, price, here, code=sku.code, currency=held.currency, held=held)


def _switch(details: Switch, facts: Facts, path: Path) -> Found:
    for line, held, old, book, here in _held(details.lines, facts, path):
        if isinstance(held, Problem):
            yield held
            continue
        if line.sku == old.code:
            message = "The subscription has this SKU already."
            yield Problem(ProblemCode.SAME_SKU, message, (*here[:-1], "sku"))
            continue
        sku, seats = facts.skus.get(line.sku), held.seats if line.quantity is None else line.quantity
        price = (
            switch(
                book,
                sku,
                seats,
                replaced=old,
                purchases=facts.purchases.get(held.id, ()),
                on=facts.today,
                term_starts_on=held.term_starts_on,
                ends_on=held.ends_on,
            )
            if sku and book
            else None
        )
        yield _priced(
            line, sku, seats, price, (*here[:-1], "sku"), code=line.sku, currency=held.currency, held=held
        )


def _return(details: Return, facts: Facts, path: Path) -> Found:
    for position, line in enumerate(details.lines):
        here: Path = (*path, "lines", position)
        sold = facts.sold_lines.get(line.order_line_id)
        if sold is None:
            yield Problem(
                ProblemCode.ORDER_LINE_NOT_FOUND, "There is no such order line.", (*here, "orderLineId")
            )
            continue
        held = facts.subscriptions.get(sold.line.subscription_id or "")
        refused = _not_returnable(line, sold, facts, here)
        refused = refused or (_ended_or_busy(held, (*here, "orderLineId")) if held else None)
        if refused:
            yield refused
            continue
        paid = Money(sold.line.net_amount, sold.line.currency)
        price = refund(paid, sold.line.quantity, sold.returned, line.quantity)
        sku = facts.skus[sold.line.sku_id]
        quoted = QuotedLine(sku, line.quantity, price, held, line.order_line_id)
        yield replace(quoted, external_line_reference=line.external_line_reference)


def _not_returnable(line: ReturnLine, sold: SoldLine, facts: Facts, here: Path) -> Problem | None:
    until, remaining = sold.returnable_until, sold.line.remaining_quantity
    if until is None:
        message = "Only fulfilled lines of NEW and RENEWAL orders can be returned."
        if sold.is_switched_away:
            message = "The subscription was switched since: what was paid for this line is credited already."
        return Problem(ProblemCode.NOT_RETURNABLE, message, (*here, "orderLineId"))
    if sold.is_renewed:
        message = "The subscription was renewed since: return the renewal first."
        return Problem(ProblemCode.NOT_RETURNABLE, message, (*here, "orderLineId"))
    if facts.now > until:
        message = f"The return window closed on {until.date()}."
        return Problem(ProblemCode.RETURN_WINDOW_CLOSED, message, (*here, "orderLineId"))
    if sold.line.starts_on and sold.line.starts_on > facts.today and line.quantity < remaining:
        message = "The renewed term has not begun: return the whole line, or wait for its first day."
        return Problem(ProblemCode.NOT_RETURNABLE, message, (*here, "quantity"))
    if line.quantity > remaining:
        message = f"{remaining} of this line remain."
        return Problem(ProblemCode.RETURN_EXCEEDS_REMAINING, message, (*here, "quantity"))
    return None


def _held(
    lines: Sequence[AmendmentLine],
    facts: Facts,
    path: Path,
    *,
    late: bool = False,
) -> Iterator[tuple[Any, Any, Any, PriceBook | None, Path]]:
    """Each line with the subscription it amends (or the problem with that), its SKU, price book and path.

    `late`: a term that has ended can still be amended, which is true of renewals alone.
    """
    for position, line in enumerate(lines):
        here: Path = (*path, "lines", position, "subscriptionId")
        held = facts.subscriptions.get(line.subscription_id)
        problem = _not_amendable(held, facts, late, here)
        if held is None or problem:
            yield line, problem, None, None, here
        else:
            yield line, held, facts.skus[held.sku_id], facts.price_books.get(held.currency), here


def _not_amendable(held: Subscription | None, facts: Facts, late: bool, here: Path) -> Problem | None:
    if held is None:
        return _no_subscription(here)
    if held.state is SubscriptionState.CANCELED or facts.today < held.starts_on:
        message = f"The subscription is {held.state} and cannot be changed."
        return Problem(ProblemCode.SUBSCRIPTION_NOT_ACTIVE, message, here)
    if late and facts.today > last_day_to_renew(held.ends_on):
        days = LATE_RENEWAL_WINDOW.days
        message = f"The subscription ended on {held.ends_on}; it could be renewed for {days} days."
        return Problem(ProblemCode.RENEWAL_TOO_LATE, message, here)
    if not late and facts.today >= held.ends_on:
        message = f"The subscription ended on {held.ends_on}."
        return Problem(ProblemCode.SUBSCRIPTION_NOT_ACTIVE, message, here)
    return _busy(held, here)


def _ended_or_busy(held: Subscription, here: Path) -> Problem | None:
    if held.state is SubscriptionState.CANCELED:
        return Problem(ProblemCode.NOT_RETURNABLE, "The subscription has been canceled.", here)
    return _busy(held, here)


def _busy(held: Subscription, here: Path) -> Problem | None:
    if held.pending_order_id is None:
        return None
    message = "Another order is changing this subscription."
    return Problem(
        ProblemCode.SUBSCRIPTION_BUSY, message, here, retryable=True, resource_id=held.pending_order_id
    )


def _no_subscription(path: Path) -> Problem:
    return Problem(ProblemCode.SUBSCRIPTION_NOT_FOUND, "There is no such subscription.", path)


def _priced(
    line: NewLine | AmendmentLine,
    sku: Sku | None,
    quantity: int,
    price: LinePrice | None,
    path: Path,
    *,
    code: str,
    currency: str,
    held: Subscription | None = None,
) -> QuotedLine | Problem:
    if sku is None:
        return Problem(ProblemCode.SKU_NOT_FOUND, f"There is no SKU {code!r}.", path)
    if price is None:
        message = f"Your price book has no price for {code!r} in {currency}."
        return Problem(ProblemCode.SKU_NOT_PRICED, message, path)
    renews = line.auto_renew if isinstance(line, NewLine) else bool(held and held.auto_renew)
    return QuotedLine(sku, quantity, price, held, None, renews, line.external_line_reference)


def _ending_apart(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    """Renewals that change seats do so when their term ends: those of one order must end together."""
    if not isinstance(request.details, Renewal):
        return
    held = [(line, facts.subscriptions.get(line.subscription_id)) for line in request.details.lines]
    changes = any(one and line.quantity not in (None, one.seats) for line, one in held)
    days = {one.ends_on for _, one in held if one}
    if changes and len(days) > 1:
        message = "These subscriptions end on different days: change their seats by an order for each."
        yield Problem(ProblemCode.SUBSCRIPTIONS_DIFFER, message, (*request.path, "lines"))


def _mixed(request: OrderRequest, facts: Facts) -> Iterator[Problem]:
    """An order is for one customer in one currency: later lines that differ from the first are named."""
    if isinstance(request.details, NewOrder):
        return
    first: tuple[str, str] | None = None
    field = "orderLineId" if isinstance(request.details, Return) else "subscriptionId"
    for position, line in enumerate(request.details.lines):
        held = facts.subscriptions.get(_subscription_id(line, facts))
        if held is None:
            continue
        whose = (held.customer_id, held.currency)
        first = first or whose
        if whose != first:
            message = "All lines of an order are for one customer in one currency."
            path: Path = (*request.path, "lines", position, field)
            yield Problem(ProblemCode.SUBSCRIPTIONS_DIFFER, message, path)


def _subscription_id(line: Any, facts: Facts) -> str:
    if isinstance(line, ReturnLine):
        sold = facts.sold_lines.get(line.order_line_id)
        return (sold.line.subscription_id if sold else None) or ""
    return str(line.subscription_id)


_QUOTERS: Mapping[OrderKind, Callable[[Any, Facts, Path], Found]] = MappingProxyType(
    {
        OrderKind.NEW: _new,
        OrderKind.ADD_SEATS: _add_seats,
        OrderKind.RENEWAL: _renewal,
        OrderKind.SWITCH: _switch,
        OrderKind.RETURN: _return,
    }
)
