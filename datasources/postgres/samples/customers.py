"""Sample customers: who they are, which partner serves them, since when."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random

from datasources.postgres.samples.identifiers import chance, one_of, uuid7
from datasources.postgres.samples.listed import LISTED_CUSTOMERS
from datasources.postgres.samples.partners import SamplePartner, partners
from datasources.postgres.samples.people import Company, Locale, Person, Place, locales
from datasources.postgres.samples.rows import ContactRow, CustomerRow, Rows

PER_SCALE = 2_000
ORDERS_PER_CUSTOMER = 4
HISTORY = timedelta(days=1_100)

_SANDBOX_EVERY = 20
_ORDER_COUNTS = (1, 2, 3, 5, 9)  # five customers place twenty orders, as unevenly as real ones
_MOST_CONTACTS = 3


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer as its orders need to know it; `id` and the partner's id are bare hex."""

    id: str
    partner: SamplePartner
    environment: str
    legal_name: str
    country: str
    currency: str
    place: Place
    contacts: tuple[tuple[str, Person], ...]
    since: datetime
    order_count: int
    number: int


class Customers:
    """Makes customers one after the other, the same ones every time."""

    def __init__(self, rows: Rows, now: datetime) -> None:
        self._rows = rows
        self._now = now
        self._companies: Counter[str] = Counter()

    def make(self, number: int) -> tuple[Buyer, Random]:
        """The customer of a number, its rows added, and the chance that decides what it does."""
        random = chance("customer", number)
        environment = "SANDBOX" if number % _SANDBOX_EVERY == _SANDBOX_EVERY - 1 else "PRODUCTION"
        partner = one_of(_by_share(environment), random)
        locale = one_of(_markets(partner.id), random)
        company = self._company(locale, number, random)
        since = self._now - HISTORY * random.random() ** 1.4 - timedelta(hours=1)
        buyer = Buyer(
            id=uuid7(since, random),
            partner=partner,
            environment=environment,
            legal_name=company.legal_name,
            country=locale.country,
            currency=locale.currency,
            place=locale.place(random),
            contacts=tuple(
                (uuid7(since, random), locale.person(company.domain, random))
                for _ in range(1 + int(random.random() * _MOST_CONTACTS))
            ),
            since=since,
            order_count=_ORDER_COUNTS[(number + number // 5) % 5],
            number=number,
        )
        self._add(buyer, company.domain, locale.tax_id(random))
        return buyer, random

    def _company(self, locale: Locale, number: int, random: Random) -> Company:
        """The next company of a country; a handful are called much like somebody on the sample lists."""
        count = self._companies[locale.country]
        self._companies[locale.country] += 1
        company = locale.company(count, random)
        if name := LISTED_CUSTOMERS.get(number):
            return Company(name, company.domain)
        return company

    def _add(self, buyer: Buyer, domain: str, tax_id: str) -> None:
        owner = (buyer.id, buyer.partner.id, buyer.environment)
        self._rows.add(
            CustomerRow(
                *owner,
                external_reference=f"C-{100_000 + buyer.number}",
                legal_name=buyer.legal_name,
                country=buyer.country,
                street=buyer.place.street,
                city=buyer.place.city,
                region=buyer.place.region,
                postal_code=buyer.place.postal_code,
                tax_id=tax_id,
                domain=domain,
                created_at=buyer.since,
            )
        )
        for position, (contact_id, person) in enumerate(buyer.contacts):
            self._rows.add(ContactRow(contact_id, *owner[1:], buyer.id, *person, position == 0))


@cache
def _by_share(environment: str) -> tuple[SamplePartner, ...]:
    """Each partner as often as its share."""
    selling = (partner for partner in partners() if partner.sells_in(environment))
    return tuple(partner for partner in selling for _ in range(partner.share))


@cache
def _markets(partner_id: str) -> tuple[Locale, ...]:
    """The locales of a partner's markets, each as often as its weight."""
    (partner,) = (partner for partner in partners() if partner.id == partner_id)
    served = (locales()[market] for market in partner.markets)
    return tuple(locale for locale in served for _ in range(locale.weight))
