"""Believable companies, people and addresses of a country, from `locales.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from anyascii import anyascii

from datasources.postgres.samples.identifiers import one_of

_DIGITS = "0123456789"


class Word(NamedTuple):
    """A word as it is written, and how it looks in a mail address."""

    native: str
    latin: str


class Company(NamedTuple):
    legal_name: str
    domain: str


class Person(NamedTuple):
    name: str
    email: str


class Place(NamedTuple):
    street: str
    city: str
    region: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Locale:
    """How companies, people and places are called in one country."""

    country: str
    currency: str
    weight: int
    legal: tuple[str, ...]
    stems: tuple[Word, ...]
    trades: tuple[Word, ...]
    given: tuple[Word, ...]
    family: tuple[Word, ...]
    cities: tuple[tuple[str, str, str], ...]
    streets: tuple[str, ...]
    tax: str
    joined: bool = False
    family_first: bool = False

    def company(self, number: int, random: Random) -> Company:
        """The company of a number: all pairs of stem and trade come up before one comes up twice."""
        pairs = len(self.stems) * len(self.trades)
        place = number * 7919 % pairs  # a prime that divides no `pairs` walks through all of them
        stem, trade = self.stems[place % len(self.stems)], self.trades[place // len(self.stems)]
        second = f"-{number // pairs + 1}" if number >= pairs else ""
        name = f"{stem.native}{trade.native}" if self.joined else f"{stem.native} {trade.native}"
        legal_name = one_of(self.legal, random).format(name)
        return Company(legal_name, f"{stem.latin}-{trade.latin}{second}.{self.country.lower()}.example")

    def person(self, domain: str, random: Random) -> Person:
        given, family = one_of(self.given, random), one_of(self.family, random)
        names = (family.native, given.native) if self.family_first else (given.native, family.native)
        return Person(("" if self.joined else " ").join(names), f"{given.latin}.{family.latin}@{domain}")

    def place(self, random: Random) -> Place:
        city, region, code = one_of(self.cities, random)
        street = one_of(self.streets, random).format(n=1 + int(random.random() * 240))
        return Place(street, city, region, _filled(code, random))

    def tax_id(self, random: Random) -> str:
        return _filled(self.tax, random)


@cache
def locales() -> Mapping[str, Locale]:
    """The locales by country code."""
    listed = tomllib.loads((Path(__file__).parent / "locales.toml").read_text("utf-8"))["locale"]
    return {entry["country"]: _locale(entry) for entry in listed}


def _locale(entry: dict[str, Any]) -> Locale:
    words = {name: tuple(map(_word, entry[name])) for name in ("stems", "trades", "given", "family")}
    return Locale(
        country=entry["country"],
        currency=entry["currency"],
        weight=entry["weight"],
        legal=tuple(entry["legal"]),
        cities=tuple((city, region, code) for city, region, code in entry["cities"]),
        streets=tuple(entry["streets"]),
        tax=entry["tax"],
        joined=entry.get("joined", False),
        family_first=entry.get("family_first", False),
        **words,
    )


def _word(text: str) -> Word:
    native, _, latin = text.partition("|")
    spelled = anyascii(latin or native).lower().replace(" ", "-")
    return Word(native, "".join(letter for letter in spelled if letter.isalnum() or letter == "-"))


def _filled(pattern: str, random: Random) -> str:
    if "#" not in pattern:
        return pattern
    return "".join(_DIGITS[int(random.random() * 10)] if mark == "#" else mark for mark in pattern)
