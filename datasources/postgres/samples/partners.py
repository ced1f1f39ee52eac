"""The sample partners, whom they belong to, and what they may sell at which discount."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from datasources.postgres.samples.catalog import CURRENCIES, OPENED, price_book_id
from datasources.postgres.samples.identifiers import chance, uuid7
from datasources.postgres.samples.people import locales
from datasources.postgres.samples.rows import ClientRow, PartnerPriceBookRow, PartnerRow

ENVIRONMENTS = ("PRODUCTION", "SANDBOX")


@dataclass(frozen=True, slots=True)
class SamplePartner:
    """A partner as `partners.toml` describes it; `id` is bare hex."""

    id: str
    kind: str
    name: str
    country: str
    state: str
    screening_policy: str
    parent_id: str | None
    markets: tuple[str, ...]
    share: int
    discount_percent: int

    @property
    def currencies(self) -> tuple[str, ...]:
        """What it may order in: the currencies of its markets, and dollars."""
        wanted = {locales()[market].currency for market in self.markets} | {"USD"}
        return tuple(currency for currency in CURRENCIES if currency in wanted)

    def sells_in(self, environment: str) -> bool:
        """Suspended partners have a past; those still being set up have at most a sandbox."""
        if environment == "SANDBOX":
            return self.state in {"SANDBOX", "ACTIVE"}
        return self.state in {"ACTIVE", "SUSPENDED"}


@cache
def partners() -> tuple[SamplePartner, ...]:
    """All of them, in the order of the file. Their ids are the same in every seed."""
    listed = tomllib.loads((Path(__file__).parent / "partners.toml").read_text("utf-8"))["partner"]
    return tuple(_partner(entry) for entry in listed)


@cache
def resellers_of(partner_id: str) -> tuple[SamplePartner, ...]:
    return tuple(partner for partner in partners() if partner.parent_id == partner_id)


def rows() -> Iterator[PartnerRow | ClientRow | PartnerPriceBookRow]:
    for partner in partners():
        yield PartnerRow(
            partner.id,
            partner.kind,
            partner.name,
            partner.country,
            partner.state,
            partner.screening_policy,
            partner.parent_id,
            OPENED,
        )
    for partner in partners():
        for environment in ENVIRONMENTS:
            client_id = uuid7(OPENED + timedelta(hours=1), chance("client", partner.name, environment))
            yield ClientRow(client_id, partner.id, environment, f"{partner.name} integration", OPENED)
        for currency in partner.currencies:
            discount = Decimal(partner.discount_percent)
            yield PartnerPriceBookRow(partner.id, currency, price_book_id(currency), discount)


def _partner(entry: dict[str, Any]) -> SamplePartner:
    parent = entry.get("parent")
    return SamplePartner(
        id=_id(entry["name"]),
        kind=entry["kind"],
        name=entry["name"],
        country=entry["country"],
        state=entry.get("state", "ACTIVE"),
        screening_policy=entry.get("screening_policy", "PARTNER_SELF_SERVICE"),
        parent_id=_id(parent) if parent else None,
        markets=tuple(entry["markets"]),
        share=entry["share"],
        discount_percent=entry["discount"],
    )


def _id(name: str) -> str:
    return uuid7(OPENED, chance("partner", name))
