"""Sample orders: what a customer buys over the years, priced as the price book says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from commerce.catalog import PriceBook
from commerce.orders import OrderKind, OrderStatus
from commerce.pricing import LinePrice, added_seats, new_line, renewal, total
from commerce.screening import Outcome
from datasources.postgres.samples.catalog import OFFERS, Offer, price_book
from datasources.postgres.samples.customers import Buyer
from datasources.postgres.samples.holdings import Holding
from datasources.postgres.samples.identifiers import happens, one_of, uuid7
from datasources.postgres.samples.journeys import Step, journey
from datasources.postgres.samples.partners import resellers_of
from datasources.postgres.samples.rows import OrderLineRow, OrderRow, Rows, TransitionRow
from datasources.postgres.samples.screenings import Screenings, as_json, subjects_of

_SEATS = (
    *(3, 5, 5, 8, 10, 10, 12, 15, 15, 20, 20, 25, 25, 25, 30, 30, 40, 50, 50, 60, 75),
    *(80, 100, 100, 120, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2500),
)
_SEATS_ADDED = (1, 2, 3, 5, 5, 5, 8, 10, 10, 15, 20, 25, 50)
_LINE_COUNTS = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
_LAST_MOMENT = timedelta(minutes=10)
_OPEN = frozenset(OrderStatus) - {OrderStatus.FULFILLED, OrderStatus.CANCELED, OrderStatus.DENIED}
_EARLIEST_RENEWAL, _LATEST_RENEWAL = timedelta(days=28), timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be ordered, at a price. `holding` is what it changes."""

    offer: Offer
    quantity: int
    price: LinePrice
    auto_renew: bool
    holding: Holding | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer wants, and when."""

    kind: OrderKind
    placed_at: datetime
    lines: tuple[Line, ...]
    starts_on: date | None = None


class Purchases:
    """Everything one customer buys, order after order, and what it holds in the end."""

    def __init__(
        self, rows: Rows, screenings: Screenings, buyer: Buyer, random: Random, now: datetime
    ) -> None:
        self.holdings: list[Holding] = []
        self._rows = rows
        self._screenings = screenings
        self._buyer = buyer
        self._random = random
        self._now = now
        self._book: PriceBook = price_book(buyer.currency, buyer.partner.discount_percent)
        self._outcome = screenings.outcome_for(buyer)
        self._subjects = as_json(subjects_of(buyer))

    def place_all(self) -> None:
        wish = self._new(min(self._buyer.since + timedelta(minutes=2), self._now - _LAST_MOMENT))
        self._place(wish, 0)
        for position in range(1, self._buyer.order_count):
            wish = self._next(wish.placed_at, self._buyer.order_count - position)
            self._place(wish, position)

    def _next(self, previous: datetime, left: int) -> Wish:
        """A renewal when a term is about to end; else, some time later, more seats or something new."""
        due = [holding for holding in self.holdings if self._is_due(holding, previous)]
        if due and happens(0.75, self._random):
            return self._renewal(min(due, key=lambda holding: holding.ends_on))
        span = (self._now - _LAST_MOMENT - previous) / (left + 1)
        moment = previous + span * (0.2 + 1.6 * self._random.random())
        growing = [holding for holding in self.holdings if holding.can_grow(moment)]
        if growing and happens(0.4, self._random):
            return self._more_seats(one_of(growing, self._random), moment)
        return self._new(moment)

    def _is_due(self, holding: Holding, previous: datetime) -> bool:
        ends_at = _midnight(holding.ends_on)
        if holding.pending_order_id:
            return False
        return previous < ends_at - _EARLIEST_RENEWAL and ends_at - _LATEST_RENEWAL < self._now

    def _renewal(self, holding: Holding) -> Wish:
        placed_at = _midnight(holding.ends_on) - timedelta(days=3 + 24 * self._random.random())
        price = _listed(renewal(self._book, holding.offer.sku, holding.seats, ends_on=holding.ends_on))
        line = Line(holding.offer, holding.seats, price, holding.auto_renew, holding)
        return Wish(OrderKind.RENEWAL, placed_at, (line,))

    def _more_seats(self, holding: Holding, moment: datetime) -> Wish:
        quantity = one_of(_SEATS_ADDED, self._random)
        price = added_seats(
            self._book,
            holding.offer.sku,
            quantity,
            held=holding.seats,
            on=moment.date(),
            term_starts_on=holding.term_began_on,
            ends_on=holding.ends_on,
        )
        line = Line(holding.offer, quantity, _listed(price), holding.auto_renew, holding)
        return Wish(OrderKind.ADD_SEATS, moment, (line,))

    def _new(self, moment: datetime) -> Wish:
        random = self._random
        offers = {one_of(OFFERS, random) for _ in range(one_of(_LINE_COUNTS, random))}
        chosen = sorted(offers, key=lambda offer: offer.code)
        starts_on = None
        if happens(0.08, random):
            starts_on = moment.date() + timedelta(days=1 + int(30 * random.random()))
        auto_renew = happens(0.4, random)
        lines = tuple(self._new_line(offer, starts_on or moment.date(), auto_renew) for offer in chosen)
        return Wish(OrderKind.NEW, moment, lines, starts_on)

    def _new_line(self, offer: Offer, starts_on: date, auto_renew: bool) -> Line:
        quantity = one_of(_SEATS, self._random)
        price = _listed(new_line(self._book, offer.sku, quantity, starts_on=starts_on))
        return Line(offer, quantity, price, auto_renew)

    def _place(self, wish: Wish, position: int) -> None:
        order_id = uuid7(wish.placed_at, self._random)
        steps = journey(wish.placed_at, wish.starts_on, self._outcome, self._now, self._random)
        last = steps[-1]
        self._rows.add(self._order_row(wish, order_id, steps, position))
        for number, line in enumerate(wish.lines, start=1):
            line_id = uuid7(wish.placed_at, self._random)
            holding = self._change(line, line_id, order_id, last)
            self._add_line(line, line_id, order_id, number=number, holding=holding, last=last)
        self._add_history(order_id, steps)
        self._add_screenings(order_id, steps)

    def _change(self, line: Line, line_id: str, order_id: str, last: Step) -> Holding | None:
        """What the line is about, changed by it if it was fulfilled; None where nothing is held yet."""
        holding, period = line.holding, line.price.period
        if last.status in _OPEN and holding:
            holding.pending_order_id = order_id
        if last.status is not OrderStatus.FULFILLED or period is None:
            return holding
        if holding is None:
            holding = Holding.begun(
                line.offer,
                line.quantity,
                order_id=order_id,
                line_id=line_id,
                period=period,
                auto_renew=line.auto_renew,
                at=last.at,
                random=self._random,
            )
            self.holdings.append(holding)
        elif period.starts_on == holding.ends_on:
            holding.renew(order_id, period, last.at, self._random)
        else:
            holding.add_seats(line.quantity, order_id, period, last.at, self._random)
        return holding

    def _order_row(self, wish: Wish, order_id: str, steps: Sequence[Step], position: int) -> OrderRow:
        buyer, random, last = self._buyer, self._random, steps[-1]
        sums = total(line.price for line in wish.lines)
        resellers = resellers_of(buyer.partner.id)
        number = buyer.number * 16 + position
        return OrderRow(
            order_id,
            buyer.partner.id,
            buyer.environment,
            kind=wish.kind,
            status=last.status,
            status_since=last.at,
            status_reason=last.reason,
            customer_id=buyer.id,
            trading_partner_id=one_of(resellers, random).id if resellers and happens(0.4, random) else None,
            external_order_reference=f"SO-{number:08d}" if happens(0.95, random) else None,
            purchase_order_number=f"PO-{4_000_000 + number}" if happens(0.7, random) else None,
            end_customer_purchase_order_number=f"{number:09d}" if happens(0.25, random) else None,
            currency=buyer.currency,
            list_total=sums.list_total,
            discount_total=sums.discount_total,
            credit_total=sums.credit_total,
            total=sums.total,
            starts_on=wish.starts_on,
            placed_at=wish.placed_at,
            updated_at=last.at,
            fulfilled_at=last.at if last.status is OrderStatus.FULFILLED else None,
        )

    def _add_line(
        self, line: Line, line_id: str, order_id: str, *, number: int, holding: Holding | None, last: Step
    ) -> None:
        price, period = line.price, line.price.period
        self._rows.add(
            OrderLineRow(
                line_id,
                self._buyer.partner.id,
                self._buyer.environment,
                order_id,
                line_number=number,
                sku_id=line.offer.id,
                quantity=line.quantity,
                remaining_quantity=line.quantity,
                status=last.status,
                reason=last.reason,
                currency=self._buyer.currency,
                unit_price=price.unit_price,
                list_amount=price.list_amount,
                discount_amount=price.discount_amount,
                credit_amount=price.credit_amount,
                net_amount=price.net_amount,
                starts_on=period.starts_on if period else None,
                ends_on=period.ends_on if period else None,
                term_days=period.term_days if period else None,
                subscription_id=holding.id if holding else None,
                returns_line_id=None,
                auto_renew=line.auto_renew,
            )
        )

    def _add_history(self, order_id: str, steps: Sequence[Step]) -> None:
        before = None
        for position, step in enumerate(steps, start=1):
            self._rows.add(
                TransitionRow(
                    uuid7(step.at, self._random),
                    self._buyer.partner.id,
                    self._buyer.environment,
                    order_id,
                    position,
                    before,
                    step.status,
                    step.actor,
                    step.reason,
                    step.at,
                )
            )
            before = step.status

    def _add_screenings(self, order_id: str, steps: Sequence[Step]) -> None:
        """The order's own screening, and the one by which a person cleared it later."""
        outage = any(step.reason == "SCREENING_UNAVAILABLE" for step in steps)
        self._screen(order_id, self._screenings.failed if outage else self._outcome, steps[1].at)
        for step in steps:
            if step.reason == "CLEARED":
                self._screen(order_id, self._outcome, step.at, decided_by="STAFF")

    def _screen(self, order_id: str, outcome: Outcome, at: datetime, decided_by: str = "SYSTEM") -> None:
        self._screenings.add(
            self._buyer,
            order_id,
            outcome,
            self._subjects,
            at=at,
            random=self._random,
            decided_by=decided_by,
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _listed(price: LinePrice | None) -> LinePrice:
    """A price that the sample price books are sure to have."""
    if price is None:
        raise LookupError("the price book does not list what is ordered")
    return price
