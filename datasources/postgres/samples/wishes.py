"""What a sample customer wants next, and what it costs on the day it is ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from commerce.money import Money
from commerce.orders import OrderKind
from commerce.pricing import LinePrice, added_seats, new_line, refund, renewal, switch
from datasources.postgres.samples.catalog import OFFERS, Offer, price_book
from datasources.postgres.samples.customers import Buyer
from datasources.postgres.samples.holdings import Fulfilled, Holding
from datasources.postgres.samples.identifiers import happens, one_of

_SEATS = (
    *(3, 5, 5, 8, 10, 10, 12, 15, 15, 20, 20, 25, 25, 25, 30, 30, 40, 50, 50, 60, 75),
    *(80, 100, 100, 120, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2500),
)
_SEATS_ADDED = (1, 2, 3, 5, 5, 5, 8, 10, 10, 15, 20, 25, 50)
_LINE_COUNTS = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)

_RENEWED_SHARE, _LATE_SHARE = 0.75, 0.08
_RETURNED_SHARE, _RETURNED_AGAIN_SHARE, _WHOLE_SHARE = 0.06, 0.3, 0.45
_CHANGED_SHARE, _SWITCHED_SHARE = 0.45, 0.15
_CO_TERMED_SHARE, _SCHEDULED_SHARE = 0.1, 0.08

_LAST_MOMENT = timedelta(minutes=10)
_EARLIEST_RENEWAL, _LATEST_RENEWAL = timedelta(days=28), timedelta(days=26)
_RETURNS_END = timedelta(days=13)


@dataclass(frozen=True, slots=True)
class Line:
    """One line to be ordered, at its price. `holding` is what it changes, `returns` what it gives back."""

    offer: Offer
    quantity: int
    price: LinePrice
    auto_renew: bool = False
    holding: Holding | None = None
    returns: Fulfilled | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer wants, and when."""

    kind: OrderKind
    placed_at: datetime
    lines: tuple[Line, ...]
    starts_on: date | None = None


class Wishes:
    """One customer's wishes, each after the one before; `holdings` is what it has, kept up by others."""

    def __init__(self, buyer: Buyer, holdings: Sequence[Holding], random: Random, now: datetime) -> None:
        self._buyer = buyer
        self._holdings = holdings
        self._random = random
        self._latest = now - _LAST_MOMENT
        self._book = price_book(buyer.currency, buyer.partner.discount_percent)

    def first(self) -> Wish:
        return self._new(min(self._buyer.since + timedelta(minutes=2), self._latest))

    def next(self, last: Wish, left: int) -> Wish:
        """A return or a renewal where its time has come; else, some time later, a change or something new."""
        random, previous = self._random, last.placed_at
        returned = _RETURNED_AGAIN_SHARE if last.kind is OrderKind.RETURN else _RETURNED_SHARE
        if happens(returned, random) and (wish := self._return(previous)):
            return wish
        due = [holding for holding in self._holdings if self._is_due(holding, previous)]
        if due and happens(_RENEWED_SHARE, random):
            return self._renewal(min(due, key=lambda holding: holding.ends_on))
        span = (self._latest - previous) / (left + 1)
        moment = previous + span * (0.2 + 1.6 * random.random())
        changeable = [holding for holding in self._holdings if holding.can_change(moment)]
        if changeable and happens(_CHANGED_SHARE, random):
            return self._change(one_of(changeable, random), moment)
        return self._new(moment, changeable)

    def _new(self, moment: datetime, held: Sequence[Holding] = ()) -> Wish:
        """One to three new subscriptions; some begin later, some are to end with one that is held."""
        random = self._random
        chosen = {one_of(OFFERS, random) for _ in range(one_of(_LINE_COUNTS, random))}
        starts_on = ends_on = None
        if held and happens(_CO_TERMED_SHARE, random):
            ends_on = one_of(held, random).ends_on
        elif happens(_SCHEDULED_SHARE, random):
            starts_on = moment.date() + timedelta(days=1 + int(30 * random.random()))
        auto_renew = happens(0.4, random)
        lines = []
        for offer in sorted(chosen, key=lambda offer: offer.code):
            quantity, first_day = one_of(_SEATS, random), starts_on or moment.date()
            price = new_line(self._book, offer.sku, quantity, starts_on=first_day, ends_on=ends_on)
            lines.append(Line(offer, quantity, _listed(price), auto_renew))
        return Wish(OrderKind.NEW, moment, tuple(lines), starts_on)

    def _change(self, holding: Holding, moment: datetime) -> Wish:
        if not holding.offer.yearly or happens(_SWITCHED_SHARE, self._random):
            return self._switch(holding, moment)
        return self._more_seats(holding, moment)

    def _more_seats(self, holding: Holding, moment: datetime) -> Wish:
        quantity = one_of(_SEATS_ADDED, self._random)
        price = added_seats(
            self._book,
            holding.offer.sku,
            quantity,
            held=holding.seats,
            on=moment.date(),
            term_starts_on=holding.term_on(moment.date()),
            ends_on=holding.ends_on,
        )
        line = Line(holding.offer, quantity, _listed(price), holding.auto_renew, holding)
        return Wish(OrderKind.ADD_SEATS, moment, (line,))

    def _switch(self, holding: Holding, moment: datetime) -> Wish:
        """To another plan or term of the same product, now and then with more seats."""
        offer = one_of(_alternatives(holding.offer), self._random)
        quantity = holding.seats + (one_of(_SEATS_ADDED, self._random) if happens(0.25, self._random) else 0)
        price = switch(
            self._book,
            offer.sku,
            quantity,
            replaced=holding.offer.sku,
            purchases=[line.purchase for line in holding.lines],
            on=moment.date(),
            term_starts_on=holding.term_on(moment.date()),
            ends_on=holding.ends_on,
        )
        line = Line(offer, quantity, _listed(price), holding.auto_renew, holding)
        return Wish(OrderKind.SWITCH, moment, (line,))

    def _is_due(self, holding: Holding, previous: datetime) -> bool:
        first_day = _midnight(holding.ends_on) - _EARLIEST_RENEWAL
        return (
            previous < first_day and _midnight(holding.ends_on) < self._latest and holding.is_free(first_day)
        )

    def _renewal(self, holding: Holding) -> Wish:
        """In the last weeks of the term, or, by a few, in the weeks after."""
        placed_at = _midnight(holding.ends_on) - timedelta(days=3 + 24 * self._random.random())
        late = placed_at + _LATEST_RENEWAL
        if happens(_LATE_SHARE, self._random) and late < self._latest:
            placed_at = late
        price = renewal(self._book, holding.offer.sku, holding.seats, ends_on=holding.ends_on)
        line = Line(holding.offer, holding.seats, _listed(price), holding.auto_renew, holding)
        return Wish(OrderKind.RENEWAL, placed_at, (line,))

    def _return(self, previous: datetime) -> Wish | None:
        """The whole or a part of what was bought last, while it can be given back."""
        random = self._random
        for holding in self._holdings:
            first = max(previous, holding.changed_at) + timedelta(hours=1)
            sold = holding.lines[-1]
            last = min(self._latest, self._returnable_until(sold))
            if first < last and sold.remaining and sold.price.net_amount and holding.is_free(first):
                moment = first + (last - first) * random.random()
                is_whole = happens(_WHOLE_SHARE, random)
                quantity = sold.remaining if is_whole else 1 + int(sold.remaining / 2 * random.random())
                return Wish(OrderKind.RETURN, moment, (self._returned(holding, sold, quantity),))
        return None

    def _returned(self, holding: Holding, sold: Fulfilled, quantity: int) -> Line:
        paid = Money(sold.price.net_amount, self._buyer.currency)
        price = refund(paid, sold.quantity, sold.quantity - sold.remaining, quantity)
        return Line(sold.offer, quantity, price, holding=holding, returns=sold)

    def _returnable_until(self, sold: Fulfilled) -> datetime:
        """A renewal is given back before its term begins, and only once."""
        if sold.kind is OrderKind.RENEWAL and sold.remaining == sold.quantity:
            return min(sold.at + _RETURNS_END, _midnight(sold.period.starts_on))
        return sold.at + _RETURNS_END if sold.kind is OrderKind.NEW else sold.at


def _alternatives(offer: Offer) -> list[Offer]:
    return [
        other for other in OFFERS if other.product == offer.product and other is not offer and other.yearly
    ]


def _listed(price: LinePrice | None) -> LinePrice:
    """A price that the sample price books are sure to have."""
    if price is None:
        raise LookupError("the price book does not list what is ordered")
    return price


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
