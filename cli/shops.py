"""Partners of the sample data with something to sell: whom benches and chaos let place orders."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from commerce.ids import Prefix
from commerce.screening import Outcome
from datasources.license_keyring import LicenseKeyring
from datasources.postgres.samples.loading import batches
from datasources.settings import Settings
from datasources.tokens import mint

PLACE = """
mutation Place($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    order { id status total { amount currency } }
    problems { code path }
    replayed
  }
}
"""

SELLERS = """
SELECT DISTINCT ON (p.id) encode(uuid_send(p.id), 'hex') AS id, b.currency, s.code
FROM partners AS p
JOIN partner_price_books AS b ON b.partner_id = p.id
JOIN price_book_entries AS e ON e.price_book_id = b.price_book_id AND e.min_quantity = 1
JOIN skus AS s ON s.id = e.sku_id AND s.term_months = 12
WHERE p.state = 'ACTIVE'
ORDER BY p.id, b.currency, s.code
LIMIT $1
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """An active partner: its token, a currency it may order in, and a SKU of its price book."""

    partner_id: str
    token: str
    currency: str
    sku: str

    def order(self, customer: str | None = None) -> dict[str, Any]:
        """An order of ten seats under a new key, for a customer by reference; a new one without."""
        mark = customer or secrets.token_hex(6)
        return {
            "idempotencyKey": f"order-{secrets.token_hex(12)}",
            "details": {
                "new": {
                    "customer": {"new": _customer(mark)},
                    "currency": self.currency,
                    "lines": [{"sku": self.sku, "quantity": 10}],
                }
            },
        }


def _customer(mark: str) -> dict[str, Any]:
    return {
        "externalReference": f"customer-{mark}",
        "legalName": f"Waterlander Meetkunde {mark} BV",
        "country": "NL",
        "street": "Prinsengracht 263",
        "city": "Amsterdam",
        "postalCode": "1016 GV",
        "contacts": [
            {
                "name": "Jurre Waterlander",
                "email": f"jurre-{mark}@waterlander.example",
                "receivesLicenses": True,
            }
        ],
    }


async def open_shops(settings: Settings, count: int) -> list[Shop]:
    """Load the sample catalogue and partners, and nothing else, into an empty database."""
    connection = await asyncpg.connect(settings.owner_dsn)
    try:
        async with connection.transaction():
            catalogue = next(batches(1, datetime.now(UTC), LicenseKeyring.of(settings).present, _nobody))
            for table, columns, rows in catalogue:
                await connection.copy_records_to_table(table, columns=columns, records=rows)
        sellers = await connection.fetch(SELLERS, count)
    finally:
        await connection.close()
    if len(sellers) < count:
        raise ValueError(f"the samples have {len(sellers)} partners who can sell, not {count}")
    return [_shop(settings, seller) for seller in sellers]


def _shop(settings: Settings, seller: Any) -> Shop:
    partner_id = f"{Prefix.PARTNER}_{seller['id']}"
    return Shop(partner_id, mint(settings, partner=partner_id), seller["currency"], seller["code"])


def _nobody(*_: Any, **__: Any) -> Outcome:
    raise AssertionError("the catalogue has nobody to screen")
