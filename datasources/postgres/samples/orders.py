"""Sample orders: what a customer buys over the years, priced as the price book says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random

from commerce.money import rounded
from commerce.orders import OrderKind, OrderStatus
from commerce.pricing import LinePrice, line_price, total
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
_EARLIEST_RENEWAL, _LATEST_RENEWAL = timedelta(days=28), timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be ordered. `holding` is what it changes; `term_left` the part of the term it pays for."""

    offer: Offer
    quantity: int
    holding: Holding | None = None
    term_left: Decimal = Decimal(1)


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
        growing = [holding for holding in self.holdings if holding.can_grow(moment.date())]
        if growing and happens(0.4, self._random):
            return self._more_seats(one_of(growing, self._random), moment)
        return self._new(moment)

    def _is_due(self, holding: Holding, previous: datetime) -> bool:
        ends_at = _midnight(holding.ends_on)
        return previous < ends_at - _EARLIEST_RENEWAL and ends_at - _LATEST_RENEWAL < self._now

    def _renewal(self, holding: Holding) -> Wish:
        placed_at = _midnight(holding.ends_on) - timedelta(days=3 + 24 * self._random.random())
        return Wish(OrderKind.RENEWAL, placed_at, (Line(holding.offer, holding.seats, holding),))

    def _more_seats(self, holding: Holding, moment: datetime) -> Wish:
        days_left = (holding.ends_on - moment.date()).days
        term = max(days_left, (holding.ends_on - holding.term_began_on).days)
        quantity = one_of(_SEATS_ADDED, self._random)
        line = Line(holding.offer, quantity, holding, Decimal(days_left) / term)
        return Wish(OrderKind.ADD_SEATS, moment, (line,))

    def _new(self, moment: datetime) -> Wish:
        random = self._random
        offers = {one_of(OFFERS, random) for _ in range(one_of(_LINE_COUNTS, random))}
        chosen = sorted(offers, key=lambda offer: offer.code)
        lines = tuple(Line(offer, one_of(_SEATS, random)) for offer in chosen)
        starts_on = None
        if happens(0.08, random):
            starts_on = moment.date() + timedelta(days=1 + int(30 * random.random()))
        return Wish(OrderKind.NEW, moment, lines, starts_on)

    def _place(self, wish: Wish, position: int) -> None:
        order_id = uuid7(wish.placed_at, self._random)
        steps = journey(wish.placed_at, wish.starts_on, self._outcome, self._now, self._random)
        prices = [_price(self._buyer, line) for line in wish.lines]
        self._rows.add(self._order_row(wish, order_id, prices, steps, position))
        line_ids = self._add_lines(wish, order_id, prices, steps[-1])
        self._add_history(order_id, steps)
        self._add_screenings(order_id, steps)
        if steps[-1].status is OrderStatus.FULFILLED:
            for line, line_id in zip(wish.lines, line_ids, strict=True):
                self._fulfil(wish, line, line_id, order_id, steps[-1].at)

    def _fulfil(self, wish: Wish, line: Line, line_id: str, order_id: str, at: datetime) -> None:
        if line.holding is None:
            starts_on = wish.starts_on or at.date()
            begun = Holding.begun(
                line.offer,
                line.quantity,
                order_id=order_id,
                line_id=line_id,
                starts_on=starts_on,
                at=at,
                random=self._random,
            )
            self.holdings.append(begun)
        elif wish.kind is OrderKind.RENEWAL:
            line.holding.renew(order_id, at, self._random)
        else:
            line.holding.add_seats(line.quantity, order_id, at, self._random)

    def _order_row(
        self, wish: Wish, order_id: str, prices: Sequence[LinePrice], steps: Sequence[Step], position: int
    ) -> OrderRow:
        buyer, random, last, sums = self._buyer, self._random, steps[-1], total(prices)
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
            total=sums.total,
            starts_on=wish.starts_on,
            placed_at=wish.placed_at,
            updated_at=last.at,
            fulfilled_at=last.at if last.status is OrderStatus.FULFILLED else None,
        )

    def _add_lines(self, wish: Wish, order_id: str, prices: Sequence[LinePrice], last: Step) -> list[str]:
        """The lines of an order; their ids."""
        line_ids = [uuid7(wish.placed_at, self._random) for _ in wish.lines]
        for number, (line_id, line, price) in enumerate(
            zip(line_ids, wish.lines, prices, strict=True), start=1
        ):
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
                    net_amount=price.net_amount,
                )
            )
        return line_ids

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


@lru_cache(maxsize=65_536)
def _full_price(currency: str, discount_percent: int, offer: Offer, quantity: int) -> LinePrice:
    price = line_price(price_book(currency, discount_percent), offer.id, quantity)
    if price is None:
        raise LookupError(f"the {currency} price book does not list {offer.code}")
    return price


def _price(buyer: Buyer, line: Line) -> LinePrice:
    """The price of a line; seats added within a term cost the part of it that is left."""
    full = _full_price(buyer.currency, buyer.partner.discount_percent, line.offer, line.quantity)
    if line.term_left == 1:
        return full
    listed = rounded(full.list_amount * line.term_left, buyer.currency)
    discount = rounded(listed * buyer.partner.discount_percent / 100, buyer.currency)
    return LinePrice(full.unit_price, listed, discount, listed - discount)
