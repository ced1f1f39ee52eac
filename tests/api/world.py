"""What API tests are made of: a market to sell from, portals of partners, desks of staff."""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import asyncpg
import httpx

from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.settings import Settings
from datasources.sources import Sources
from datasources.tokens import mint
from jobs.deliver_licenses import deliver_licenses
from jobs.deliver_webhooks import Clock, deliver_webhooks, utc_now
from jobs.provision_orders import provision_orders
from jobs.sync_salesforce import sync_salesforce

PLACE = """
mutation Place($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    replayed
    problems { code message path retryable resourceId }
    order {
      id status kind currency externalOrderReference
      total { amount currency } listTotal { amount } discountTotal { amount }
      lines { lineNumber quantity status net { amount } sku { code } }
      screening { decision messages matches { list } }
      timeline { fromStatus toStatus actor }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Market:
    """Two SKUs and a price book: STANDARD costs 100.00 a seat, 90.00 from 50 on; PREMIUM 333.33."""

    standard: str
    premium: str
    euro_book: str
    yen_book: str


@dataclass(frozen=True, slots=True)
class Portal:
    """A partner's integration: asks with its token."""

    id: str
    name: str
    token: str
    http: httpx.AsyncClient

    async def post(self, document: str, **variables: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": document, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=headers)

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = (await self.post(document, **variables)).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def errors(self, document: str, **variables: Any) -> list[dict[str, Any]]:
        return (await self.post(document, **variables)).json()["errors"]

    async def place(self, **changes: Any) -> dict[str, Any]:
        """The payload of placing an order, `order_input` with changes."""
        return (await self.ask(PLACE, input=order_input(**changes)))["placeOrder"]


@dataclass(frozen=True, slots=True)
class World:
    """Behind the scenes: the owner's connection, the jobs, and the making of partners and tokens."""

    settings: Settings
    sources: Sources
    connection: "asyncpg.Connection[Any]"
    http: httpx.AsyncClient
    market: Market

    async def partner(
        self,
        kind: str = "RESELLER",
        *,
        state: str = "ACTIVE",
        environment: str = "PRODUCTION",
        parent: str | None = None,
        discount: Decimal = Decimal(10),
        name: str | None = None,
    ) -> Portal:
        partner_id = new_id(Prefix.PARTNER)
        called = name or f"Brightwater Resale {partner_id[-6:]}"
        await self.connection.execute(
            "INSERT INTO partners (id, kind, name, country, state, parent_id)"
            " VALUES ($1, $2, $3, 'NL', $4, $5)",
            bare(partner_id),
            kind,
            called,
            state,
            parent and bare(parent),
        )
        await self.connection.executemany(
            "INSERT INTO partner_price_books (partner_id, currency, price_book_id, discount_percent)"
            " VALUES ($1, $2, $3, $4)",
            [
                (bare(partner_id), "EUR", self.market.euro_book, discount),
                (bare(partner_id), "JPY", self.market.yen_book, discount),
            ],
        )
        return Portal(partner_id, called, self.token(partner=partner_id, environment=environment), self.http)

    def token(self, **who: Any) -> str:
        return mint(self.settings, **who)

    def staff(self, role: str, environment: str = "PRODUCTION") -> Portal:
        return Portal("", role, self.token(role=role, environment=environment), self.http)

    def anonymous(self) -> Portal:
        return Portal("", "anonymous", "", self.http)

    async def provision(self) -> None:
        """Let the worker's provisioning do all that is due."""
        while await provision_orders(self.sources):
            pass

    async def deliver(self, sources: Sources | None = None) -> None:
        """Let the worker send all e-mail that is due."""
        while await deliver_licenses(sources or self.sources):
            pass

    async def sync(self) -> None:
        """Let the worker tell Salesforce all that is due."""
        while await sync_salesforce(self.sources):
            pass

    async def send_webhooks(self, clock: Clock = utc_now) -> None:
        """Let the worker send all webhooks that are due."""
        while await deliver_webhooks(self.sources, clock):
            await self.sources.webhooks.lanes.idle()

    async def rows(self, table: str, partner_id: str) -> int:
        count = f"SELECT count(*) FROM {table} WHERE partner_id = $1"  # noqa: S608  table names of this file
        return await self.connection.fetchval(count, bare(partner_id))


async def market_of(connection: "asyncpg.Connection[Any]") -> Market:
    """Write the market. The codes are new each time, so that several can stand in one database."""
    mark = secrets.token_hex(3).upper()
    product, standard, premium = (bare(new_id(Prefix.PRODUCT)) for _ in range(3))
    euro_book, yen_book = (bare(new_id(Prefix.PRODUCT)) for _ in range(2))
    codes = f"STANDARD-{mark}", f"PREMIUM-{mark}"
    await connection.execute(
        "INSERT INTO products (id, code, name, description) VALUES ($1, $2, 'Assist', 'Help at work.')",
        product,
        f"ASSIST-{mark}",
    )
    await connection.executemany(
        "INSERT INTO skus (id, code, product_id, plan, term_months, features)"
        " VALUES ($1, $2, $3, $4, 12, $5)",
        [
            (standard, codes[0], product, "standard", ["chat"]),
            (premium, codes[1], product, "premium", ["chat", "api"]),
        ],
    )
    await connection.executemany(
        "INSERT INTO price_books (id, name, currency) VALUES ($1, $2, $3)",
        [(euro_book, f"Euro {mark}", "EUR"), (yen_book, f"Yen {mark}", "JPY")],
    )
    await connection.executemany(
        "INSERT INTO price_book_entries (price_book_id, sku_id, min_quantity, unit_price)"
        " VALUES ($1, $2, $3, $4)",
        [
            (euro_book, standard, 1, Decimal("100.00")),
            (euro_book, standard, 50, Decimal("90.00")),
            (euro_book, premium, 1, Decimal("333.33")),
            (yen_book, standard, 1, Decimal(15001)),
        ],
    )
    order_input.sku = codes[0]  # type: ignore[attr-defined]  the default of the inputs below
    return Market(*codes, euro_book, yen_book)


def bare(identifier: str) -> str:
    """An id without its prefix, as the tables keep it."""
    return identifier.rpartition("_")[2]


def order_input(**changes: Any) -> dict[str, Any]:
    """An order for ten seats for a new customer in Utrecht; parts of the new order are replaced by name."""
    mark = secrets.token_hex(6)
    new = {
        "customer": {"new": customer_input(mark)},
        "currency": "EUR",
        "lines": [{"sku": order_input.sku, "quantity": 10}],  # type: ignore[attr-defined]
    }
    new |= {name: changes.pop(name) for name in ("customer", "currency", "lines") if name in changes}
    return {"idempotencyKey": f"key-of-a-test-{mark}", "details": {"new": new}} | changes


def customer_input(mark: str, **changes: Any) -> dict[str, Any]:
    return {
        "externalReference": f"customer-{mark}",
        "legalName": f"Lindeboom Orgelbouw {mark} BV",
        "country": "NL",
        "street": "Kromme Nieuwegracht 11",
        "city": "Utrecht",
        "postalCode": "3512 HC",
        "contacts": [
            {"name": "Femke Lindeboom", "email": f"femke-{mark}@lindeboom.example", "receivesLicenses": True}
        ],
    } | changes
