"""What `serve` prints when it is ready: where things are, who to be, and what to paste first."""

import asyncio
import json
import shlex
import uuid
from dataclasses import dataclass
from typing import Any

import asyncpg

from cli.first_queries import ACCOUNT_VIEW, FOLLOW_ORDERS, PLACE_ORDER, first_order
from cli.terminal import out
from commerce.ids import Prefix
from datasources.settings import Settings
from datasources.tokens import mint

SELLER = """
    SELECT partner.id, partner.name, entry_sku.code AS sku, book.currency
    FROM partners AS partner
    JOIN partner_price_books AS own ON own.partner_id = partner.id
    JOIN price_books AS book ON book.id = own.price_book_id
    JOIN price_book_entries AS entry ON entry.price_book_id = book.id AND entry.min_quantity = 1
    JOIN skus AS entry_sku ON entry_sku.id = entry.sku_id
    WHERE partner.state = 'ACTIVE'
    ORDER BY partner.kind DESC, partner.id, entry_sku.code
    LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Seller:
    """A partner that may place orders, and something that it may sell."""

    id: str
    name: str
    sku: str
    currency: str


def welcome(settings: Settings, *, seconds: float) -> None:
    """Print the addresses, and with a partner in the database its tokens and the first commands."""
    seller = asyncio.run(find_seller(settings.owner_dsn))
    out.print(f"\n[bold green]Portico is ready[/] after {seconds:.1f} s. Ctrl-C stops it; the data stay.\n")
    _table(addresses(settings))
    if seller is None:
        out.print("\nThere is no active partner yet: ./portico seed makes some.")
        return
    partner = mint(settings, partner=seller.id, environment="production")
    rep = mint(settings, role="rep", environment="production")
    out.print("\n[bold]Tokens[/] (Authorization: Bearer …; more by ./portico token)\n")
    _table(
        {
            f"{seller.name}, production": partner,
            f"{seller.name}, sandbox": mint(settings, partner=seller.id, environment="sandbox"),
            "Account rep": rep,
        }
    )
    key = uuid.uuid4().hex
    order = {"input": first_order(key, seller.sku, seller.currency)}
    _command(
        "Place an order (again with the same key: the same order)", settings, partner, PLACE_ORDER, order
    )
    _command("Follow it, and fetch its licence", settings, partner, FOLLOW_ORDERS)
    _command("As an account rep, see the customer whole", settings, rep, ACCOUNT_VIEW)
    out.print("\n[bold]Verify a licence offline[/]\n\n  ./portico license verify FILE\n")


def addresses(settings: Settings) -> dict[str, str]:
    base = settings.base_url
    return {
        "GraphQL": f"{base}/graphql",
        "Ready?": f"{base}/readyz",
        "Licence keys": f"{base}/.well-known/license-keys.json",
        "Salesforce": settings.salesforce_url or "none",
        "Database": "./portico psql",
        "Data": str(settings.home),
    }


async def find_seller(url: str) -> Seller | None:
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(SELLER)
    finally:
        await connection.close()
    if row is None:
        return None
    return Seller(f"{Prefix.PARTNER}_{row['id'].hex}", row["name"], row["sku"], row["currency"])


def curl(settings: Settings, token: str, query: str, variables: dict[str, Any] | None = None) -> str:
    """One line for a shell, quoted whatever it holds."""
    body = {"query": " ".join(query.split())} | ({"variables": variables} if variables else {})
    words = ["curl", "-sS", f"{settings.base_url}/graphql", "-H", f"Authorization: Bearer {token}"]
    words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    return shlex.join(words)


def _command(
    title: str, settings: Settings, token: str, query: str, variables: dict[str, Any] | None = None
) -> None:
    out.print(f"\n[bold]{title}[/]\n")
    out.print(curl(settings, token, query, variables), markup=False)


def _table(lines: dict[str, str]) -> None:
    width = max(map(len, lines))
    for name, value in lines.items():
        out.print(f"  {name:<{width}}  {value}", markup=False)
