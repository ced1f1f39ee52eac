"""The executor alone, in memory: a page of 50 orders (1,650 leaves) and one object with 6 leaves.

Both contenders execute the same documents over the same schema, records and batch functions, as Strawberry
does after parsing and validation; the stock executor reaches the functions through `strawberry.dataloader`.
"""

import asyncio
import sys
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

import strawberry
from graphql import DocumentNode, ExecutionResult, execute, parse
from strawberry.execution import optimized_is_awaitable

from bench.harness import Contender, Meter, Plan, Report, alternate, report
from execution.batches import Scope
from execution.executor import planned
from execution.fields import batched, root
from execution.views import view

PAGE = """
query Page { orders {
  id reference status currency total seats placedAt note
  lines { id sku quantity unitPrice total }
  customer { id name country city email taxId }
  licenses { id plan seats startsOn expiresOn state }
} }
"""
TINY = "query Tiny { order { id reference status currency seats note } }"


@strawberry.enum
class Status(StrEnum):
    RECEIVED = "received"
    FULFILLED = "fulfilled"


@dataclass(frozen=True, slots=True)
class OrderRecord:
    id: str
    reference: str
    status: Status
    currency: str
    total: Decimal
    seats: int
    placed_at: datetime
    note: str | None
    customer_id: str


@dataclass(frozen=True, slots=True)
class LineRecord:
    id: str
    sku: str
    quantity: int
    unit_price: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    id: str
    name: str
    country: str
    city: str
    email: str | None
    tax_id: str | None


@dataclass(frozen=True, slots=True)
class LicenseRecord:
    id: str
    plan: str
    seats: int
    starts_on: str
    expires_on: str
    state: str


@dataclass(frozen=True, slots=True)
class Context:
    loaders: dict[Hashable, Any] = field(default_factory=dict)


def _orders() -> list[OrderRecord]:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    return [
        OrderRecord(
            id=f"ord_{number}",
            reference=f"PO-{number}",
            status=Status.FULFILLED if number % 3 else Status.RECEIVED,
            currency="EUR",
            total=Decimal(number * 100) + Decimal("0.90"),
            seats=number * 5,
            placed_at=start + timedelta(minutes=number),
            note=None if number % 4 else "urgent",
            customer_id=f"cus_{number}",
        )
        for number in range(50)
    ]


ORDERS = _orders()
LINES = {
    order.id: [
        LineRecord(
            f"oli_{order.id}_{number}", "sku_team", number + 1, Decimal("19.00"), Decimal(19 * (number + 1))
        )
        for number in range(2)
    ]
    for order in ORDERS
}
CUSTOMERS = {
    order.customer_id: CustomerRecord(order.customer_id, f"Customer {order.id}", "DE", "Köln", None, "DE123")
    for order in ORDERS
}
LICENSES = {
    order.id: [
        LicenseRecord(f"lic_{order.id}_{number}", "team", order.seats, "2026-11-01", "2027-11-01", "CURRENT")
        for number in range(1 + index % 2)
    ]
    for index, order in enumerate(ORDERS)
}


async def lines_of(orders: Sequence[OrderRecord], _context: Context) -> list[list[LineRecord]]:
    return [LINES[order.id] for order in orders]


async def customer_of(orders: Sequence[OrderRecord], _context: Context) -> list[CustomerRecord]:
    return [CUSTOMERS[order.customer_id] for order in orders]


async def licenses_of(orders: Sequence[OrderRecord], _context: Context) -> list[list[LicenseRecord]]:
    return [LICENSES[order.id] for order in orders]


async def all_orders(_context: Context) -> list[OrderRecord]:
    return ORDERS


async def one_order(_context: Context) -> OrderRecord:
    return ORDERS[4]


@view(of=LineRecord, description="A line")
class OrderLine:
    id: strawberry.ID
    sku: str
    quantity: int
    unit_price: Decimal
    total: Decimal


@view(of=CustomerRecord, description="A customer")
class Customer:
    id: strawberry.ID
    name: str
    country: str
    city: str
    email: str | None
    tax_id: str | None


@view(of=LicenseRecord, description="A licence")
class License:
    id: strawberry.ID
    plan: str
    seats: int
    starts_on: str
    expires_on: str
    state: str


@view(of=OrderRecord, description="An order")
class Order:
    id: strawberry.ID
    reference: str
    status: Status
    currency: str
    total: Decimal
    seats: int
    placed_at: datetime
    note: str | None
    lines: list[OrderLine] = batched(lines_of, scope=Scope.PUBLIC, description="Lines")
    customer: Customer = batched(customer_of, scope=Scope.PUBLIC, description="Customer")
    licenses: list[License] = batched(licenses_of, scope=Scope.PUBLIC, description="Licences")


@strawberry.type
class Query:
    orders: list[Order] = root(all_orders, scope=Scope.PUBLIC, description="A page")
    order: Order | None = root(one_order, scope=Scope.PUBLIC, description="One order")


SCHEMA = strawberry.Schema(Query)
STOCK = SCHEMA.execution_context_class
BREADTH = planned(unplanned=lambda reason: sys.exit(f"not planned: {reason}"))
ROUND = {"page": {"stock": 60, "breadth": 1_800}, "tiny": {"stock": 6_000, "breadth": 20_000}}
"""Executions in one round: enough to keep the process busy for more than half a second."""


async def answer(document: DocumentNode, executor: type[Any]) -> ExecutionResult:
    """Execute as Strawberry does after parsing and validation."""
    result: Any = execute(
        SCHEMA._schema,  # noqa: SLF001  Strawberry gives no other way to the schema that it executes
        document,
        context_value=Context(),
        executor_class=executor,
        is_awaitable=cast("Any", optimized_is_awaitable),
        operation_extensions=None,
    )
    return result if isinstance(result, ExecutionResult) else await result


async def check(document: DocumentNode) -> None:
    """Both executors answer the same, without errors, before anything is measured."""
    stock, careful, generated = [await answer(document, executor) for executor in (STOCK, BREADTH, BREADTH)]
    if stock.errors or not stock == careful == generated:
        raise RuntimeError(f"the answers differ: {stock} {careful} {generated}")


def contender(label: str, document: DocumentNode, executor: type[Any], times: int) -> Contender:
    async def one_round(meter: Meter) -> int:
        with meter:
            for _ in range(times):
                await answer(document, executor)
        return times

    return Contender(label, one_round)


async def measured(plan: Plan) -> Report:
    contenders = []
    for name, text in (("page", PAGE), ("tiny", TINY)):
        document = parse(text)
        await check(document)
        contenders += [
            contender(f"{name}, {label}", document, executor, ROUND[name][label])
            for label, executor in (("stock", STOCK), ("breadth", BREADTH))
        ]
    ratios = {
        "executor_page_stock_over_breadth": ("page, stock", "page, breadth"),
        "executor_tiny_stock_over_breadth": ("tiny, stock", "tiny, breadth"),
    }
    return report("executor", "operation", await alternate(contenders, plan), ratios)


def bench(plan: Plan) -> Report:
    return asyncio.run(measured(plan))
