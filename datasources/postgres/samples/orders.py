"""Sample orders: everything a customer buys over the years, written as it came to stand."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from commerce.orders import OrderKind, OrderStatus
from commerce.pricing import total
from commerce.screening import Outcome
from datasources.postgres.samples.customers import Buyer
from datasources.postgres.samples.holdings import Fulfilled, Holding
from datasources.postgres.samples.identifiers import happens, one_of, uuid7
from datasources.postgres.samples.journeys import Step, journey
from datasources.postgres.samples.partners import resellers_of
from datasources.postgres.samples.rows import OrderLineRow, OrderRow, Rows, TransitionRow
from datasources.postgres.samples.screenings import Screenings, as_json, subjects_of
from datasources.postgres.samples.wishes import Line, Wish, Wishes

_CAME_TO_NOTHING = frozenset({OrderStatus.DENIED, OrderStatus.CANCELED})


class Purchases:
    """Everything one customer buys, order after order, and what it holds in the end."""

    def __init__(
        self, rows: Rows, screenings: Screenings, buyer: Buyer, random: Random, now: datetime
    ) -> None:
        self.holdings: list[Holding] = []
        self._wishes = Wishes(buyer, self.holdings, random, now)
        self._lines: dict[str, OrderLineRow] = {}
        self._rows = rows
        self._screenings = screenings
        self._buyer = buyer
        self._random = random
        self._now = now
        self._outcome = screenings.outcome_for(buyer)
        self._subjects = as_json(subjects_of(buyer))

    def place_all(self) -> None:
        wish = self._wishes.first()
        self._place(wish, 0)
        for position in range(1, self._buyer.order_count):
            wish = self._wishes.next(wish, self._buyer.order_count - position)
            self._place(wish, position)
        for row in self._lines.values():
            self._rows.add(row)

    def _place(self, wish: Wish, position: int) -> None:
        order_id = uuid7(wish.placed_at, self._random)
        steps = journey(wish.kind, wish.placed_at, wish.starts_on, self._outcome, self._now, self._random)
        self._rows.add(self._order_row(wish, order_id, steps, position))
        for number, line in enumerate(wish.lines, start=1):
            line_id = uuid7(wish.placed_at, self._random)
            holding = self._take_effect(wish.kind, line, line_id, order_id, steps[-1])
            self._lines[line_id] = self._line_row(line, line_id, order_id, number, holding, steps[-1])
        self._add_history(order_id, steps)
        self._add_screenings(order_id, steps)

    def _take_effect(
        self, kind: OrderKind, line: Line, line_id: str, order_id: str, last: Step
    ) -> Holding | None:
        """What the line is about once it has come so far; None where nothing is held yet."""
        if last.status in _CAME_TO_NOTHING:
            return line.holding
        if line.returns:
            self._take_back(line.returns, line.quantity)
        if last.status is OrderStatus.FULFILLED:
            done = Fulfilled(line_id, order_id, kind, line.offer, line.quantity, line.price, last.at)
            return self._fulfil(line, done)
        if line.holding:
            line.holding.pending_order_id = order_id
        return line.holding

    def _take_back(self, returned: Fulfilled, quantity: int) -> None:
        """Units count as given back from the moment a return is placed."""
        returned.remaining -= quantity
        row = self._lines[returned.line_id]
        self._lines[returned.line_id] = row._replace(remaining_quantity=returned.remaining)

    def _fulfil(self, line: Line, done: Fulfilled) -> Holding:
        if line.holding is None:
            self.holdings.append(Holding.begun(done, self._random, auto_renew=line.auto_renew))
            return self.holdings[-1]
        if line.returns:
            line.holding.give_back(done, line.returns, self._random)
        else:
            line.holding.amend(done, self._random)
        return line.holding

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

    def _line_row(  # noqa: PLR0917  a line, its keys, and what became of it
        self, line: Line, line_id: str, order_id: str, number: int, holding: Holding | None, last: Step
    ) -> OrderLineRow:
        price, period = line.price, line.price.period
        return OrderLineRow(
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
            returns_line_id=line.returns.line_id if line.returns else None,
            auto_renew=line.auto_renew,
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
