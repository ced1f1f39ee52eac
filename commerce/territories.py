"""Embargoed countries and parts of countries, with the words and postal codes that give them away.

Sources: 31 CFR 515 (Cuba), 560 (Iran), 510 (North Korea); Executive Order 13685 of 2014-12-19 (Crimea) and
14065 of 2022-02-21 (so-called Donetsk and Luhansk People's Republics), 15 CFR 746. Ukrainian postal codes:
95xxx-99xxx Crimea and Sevastopol, 83xxx-87xxx Donetsk oblast, 91xxx-94xxx Luhansk oblast. Counsel decides
which of them a policy embargoes; this table only recognises them.
"""

# ruff: noqa: RUF001  names in other scripts are data

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from commerce.names import words_of
from commerce.parties import Address


@dataclass(frozen=True, slots=True)
class Territory:
    """`code` is ISO 3166-1 or 3166-2; `names` are written as they are found, in any script."""

    code: str
    name: str
    source: str
    names: tuple[str, ...] = ()
    localities: tuple[str, ...] = ()
    postal_prefixes: tuple[str, ...] = ()


TERRITORIES: tuple[Territory, ...] = (
    Territory("CU", "Cuba", "31 CFR 515", ("Cuba", "CUB", "Куба", "古巴", "كوبا", "Republica de Cuba")),
    Territory(
        "IR",
        "Iran",
        "31 CFR 560",
        ("Iran", "IRN", "Islamic Republic of Iran", "Иран", "ایران", "伊朗", "إيران"),
    ),
    Territory(
        "KP",
        "North Korea",
        "31 CFR 510",
        (
            "North Korea",
            "PRK",
            "DPRK",
            "Democratic Peoples Republic of Korea",
            "Северная Корея",
            "КНДР",
            "朝鲜",
            "북한",
        ),
    ),
    Territory(
        "UA-43",
        "Crimea",
        "EO 13685",
        (
            "Crimea",
            "Autonomous Republic of Crimea",
            "Republic of Crimea",
            "Крым",
            "Республика Крым",
            "Крим",
            "Krym",
        ),
        (
            "Simferopol",
            "Yalta",
            "Kerch",
            "Feodosia",
            "Feodosiya",
            "Evpatoria",
            "Yevpatoria",
            "Dzhankoy",
            "Alushta",
            "Bakhchysarai",
            "Bakhchisaray",
            "Sudak",
            "Armyansk",
            "Saky",
        ),
        ("95", "96", "97", "98", "295", "296", "297", "298"),
    ),
    Territory(
        "UA-40",
        "Sevastopol",
        "EO 13685",
        ("Sevastopol", "Севастополь"),
        ("Inkerman", "Balaklava"),
        ("99", "299"),
    ),
    Territory(
        "UA-14",
        "so-called Donetsk People's Republic",
        "EO 14065",
        ("Donetsk", "Donetsk Peoples Republic", "DNR", "DPR", "Донецк", "ДНР", "Донецьк"),
        (
            "Makiivka",
            "Makeevka",
            "Horlivka",
            "Gorlovka",
            "Mariupol",
            "Yenakiieve",
            "Enakievo",
            "Khartsyzk",
            "Torez",
            "Snizhne",
            "Volnovakha",
        ),
        ("83", "84", "85", "86", "87", "283", "284", "285", "286", "287"),
    ),
    Territory(
        "UA-09",
        "so-called Luhansk People's Republic",
        "EO 14065",
        (
            "Luhansk",
            "Lugansk",
            "Luhansk Peoples Republic",
            "Lugansk Peoples Republic",
            "LNR",
            "LPR",
            "Луганск",
            "ЛНР",
        ),
        (
            "Alchevsk",
            "Sievierodonetsk",
            "Severodonetsk",
            "Lysychansk",
            "Lisichansk",
            "Stakhanov",
            "Krasnodon",
            "Antratsyt",
            "Rovenky",
            "Sverdlovsk Luhansk",
        ),
        ("91", "92", "93", "94", "291", "292", "293", "294"),
    ),
)
"""In the order of the law they rest on."""
_SHORTEST_POSTAL_CODE = 5
_HOSTS = ("UA", "RU", "")

BY_CODE: Mapping[str, Territory] = MappingProxyType({territory.code: territory for territory in TERRITORIES})
_BY_NAME = {" ".join(words_of(name)): t for t in TERRITORIES for name in (*t.names, t.code)}
_PLACES = {
    territory: tuple(f" {' '.join(words_of(place))} " for place in (*territory.names, *territory.localities))
    for territory in TERRITORIES
    if "-" in territory.code
}
"""The words that give a part of a country away, as they are looked for."""


def named(text: str) -> Territory | None:
    """The territory that a whole field names, in any of its writings."""
    return _BY_NAME.get(" ".join(words_of(text)))


def suggested_by(address: Address) -> Iterable[Territory]:
    """Territories that an address points to by a locality, a name in free text or a postal code.

    Only sub-national ones, and only where the country field leaves room for them: there is a Yalta in
    Mexico, and a postal code of 95xxx in California.
    """
    country = address.country.upper()
    if country not in _HOSTS:
        return
    text = address.text()
    if not text:
        return
    words = f" {' '.join(words_of(text))} "
    code = "".join(filter(str.isdigit, address.postal_code))
    coded = bool(country) and len(code) >= _SHORTEST_POSTAL_CODE
    for territory in TERRITORIES:
        told = any(place in words for place in _PLACES.get(territory, ()))
        if told or (coded and code.startswith(_prefixes(territory, country))):
            yield territory


def _prefixes(territory: Territory, country: str) -> tuple[str, ...]:
    """Ukrainian codes have five digits, the Russian ones given since have six and begin with 2."""
    digits = 3 if country == "RU" else 2
    return tuple(prefix for prefix in territory.postal_prefixes if len(prefix) == digits)
