"""What `serve` prints when it is ready: where things are, who to be, and what to paste first."""

import asyncio
import json
import shlex
import uuid
from dataclasses import dataclass
from typing import Any

import asyncpg

from cli.first_queries import (
    ACCOUNT_VIEW,
    FETCH_LICENSE,
    FOLLOW_ORDER,
    ORDINARY,
    PLACE_ORDER,
    first_order,
    listed,
)
from cli.terminal import out
from commerce.ids import Prefix
from datasources.mail.inbox import inbox_key
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
    ORDER BY book.currency <> 'EUR', partner.kind DESC, partner.id, entry_sku.code
    LIMIT 1
"""

FIRST_FILE = (
    'python3 -c \'import json, sys; order = json.load(sys.stdin)["data"]["order"]; '
    'print(order["licenses"][0]["file"], end="")\''
)


@dataclass(frozen=True, slots=True)
class Seller:
    """A partner that may place orders, and something that it may sell."""

    id: str
    name: str
    sku: str
    currency: str


def welcome(settings: Settings, *, seconds: float) -> None:
    """Print the addresses and, with a partner in the database, its tokens and the first commands."""
    seller = asyncio.run(find_seller(settings.owner_dsn))
    out.print(f"\n[bold green]Portico is ready[/] after {seconds:.1f} s. Ctrl-C stops it; the data stay.\n")
    _table(addresses(settings))
    if seller is None:
        out.print("\nThere is no active partner yet: ./portico seed makes some.")
        return
    partner = mint(settings, partner=seller.id, environment="production")
    sandbox = mint(settings, partner=seller.id, environment="sandbox")
    rep = mint(settings, role="rep", environment="production")
    out.print(
        "\n[bold]Tokens for development[/], for `Authorization: Bearer …`; more by ./portico token."
        "\nPartners sign in by credentials of their own, made by ./portico client create.\n"
    )
    _table({f"{seller.name}, production": partner, f"{seller.name}, sandbox": sandbox, "Account rep": rep})
    for title, command in first_commands(settings, seller, partner, rep).items():
        out.print(f"\n[bold]{title}[/]\n")
        out.print(command, markup=False)
    out.print()


def first_commands(settings: Settings, seller: Seller, partner: str, rep: str) -> dict[str, str]:
    """What to paste into a shell, each command complete in itself."""
    order, refused = f"try-{uuid.uuid4().hex[:12]}", f"try-{uuid.uuid4().hex[:12]}"
    asked = first_order(order, ORDINARY, seller.sku, seller.currency)
    by_a_listed_name = listed(officially=settings.watchlist_dir is not None)
    denied = first_order(refused, by_a_listed_name, seller.sku, seller.currency)
    this = {"reference": order}
    return {
        "Place an order; the same command again answers with the same order": curl(
            settings, partner, PLACE_ORDER, {"input": asked}
        ),
        "Follow it": curl(settings, partner, FOLLOW_ORDER, this),
        "Fetch its licence and verify it offline": (
            f"{curl(settings, partner, FETCH_LICENSE, this)} | {FIRST_FILE} > first.lic"
            f" && ./portico license verify first.lic --keys {settings.base_url}/.well-known/license-keys.json"
        ),
        "An order for a listed name is not fulfilled": curl(
            settings, partner, PLACE_ORDER, {"input": denied}
        ),
        "As an account rep, see the customer whole": curl(settings, rep, ACCOUNT_VIEW),
    }


def addresses(settings: Settings) -> dict[str, str]:
    base = settings.base_url
    return {
        "Browser": f"{base}/",
        "GraphQL": f"{base}/graphql",
        "Sign in": f"{base}/oauth/token",
        "Ready?": f"{base}/readyz",
        "Licence keys": f"{base}/.well-known/license-keys.json",
        "E-mail": "your mail server" if settings.smtp_url else f"{base}/inbox/{inbox_key(settings)}/",
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


def _table(lines: dict[str, str]) -> None:
    width = max(map(len, lines))
    for name, value in lines.items():
        out.print(f"  {name:<{width}}  {value}", markup=False)
