"""US Treasury, Office of Foreign Assets Control: the SDN list and the Consolidated non-SDN list.

Both are published as three delimited files without a header, `-0-` for null and a closing SUB character:
entries, alternate names and addresses (format: "SDN data specification", dat_spec.txt).
"""

import csv
import re
from calendar import month_abbr
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO

from commerce.countries import code_of, codes_in
from commerce.parties import (
    Address,
    BirthDate,
    Identifier,
    IdentifierKind,
    ListCode,
    ListedName,
    ListedParty,
    PartyKind,
)
from datasources.watchlists.sources import MalformedList, OfficialFile, Parsed, Source

_PUBLISHED = "https://www.treasury.gov/ofac/downloads"
_KINDS = {"individual": PartyKind.PERSON, "vessel": PartyKind.VESSEL, "aircraft": PartyKind.AIRCRAFT}
_PRIMARY_COLUMNS, _ALTERNATE_COLUMNS, _ADDRESS_COLUMNS = 12, 5, 6
_SUB = b"\x1a"
_NULL = "-0-"
_ENDS: tuple[list[str], ...] = ([], ["\x1a"])

_QUOTED_ALIAS = re.compile(r"[afn]\.k\.a\. '([^']+)'")
_BIRTH = re.compile(
    r"DOB (?P<circa>circa )?(?:(?P<day>\d{1,2}) )?(?:(?P<month>[A-Z][a-z]{2}) )?(?P<year>\d{4})"
)
_NATIONALITY = re.compile(r"(?:nationality|citizen) ([A-Z][^;.]+)")
_MONTHS = {month: i for i, month in enumerate(month_abbr) if month}


def _numbered(*labels: str, form: str = r"[\w./-]{4,}") -> re.Pattern[str]:
    """A label, a number and the country in brackets that may follow it."""
    return re.compile(rf"(?:{'|'.join(labels)}) ({form})(?: \(([^)]+)\))?")


_IDENTIFIERS: dict[IdentifierKind, re.Pattern[str]] = {
    IdentifierKind.PASSPORT: _numbered(r"Passport(?: No\.)?", form=r"[A-Z0-9][\w/-]{3,}"),
    IdentifierKind.TAX: _numbered(r"Tax ID No\.", "NIT #", "RUC #", "RIF #", r"V\.A\.T\. Number"),
    IdentifierKind.REGISTRATION: _numbered(
        "Registration Number",
        "Registration ID",
        "Government Gazette Number",
        "Business Number",
        "Company Number",
        "Commercial Registry Number",
    ),
    IdentifierKind.NATIONAL_ID: _numbered(
        r"National ID No\.", r"Cedula No\.", r"C\.U\.R\.P\.", r"R\.F\.C\.", "Identification Number"
    ),
    IdentifierKind.IMO: _numbered("IMO", form=r"\d{7}"),
    IdentifierKind.BIC: _numbered("SWIFT/BIC", form="[A-Z0-9]{8,11}"),
    IdentifierKind.CRYPTO_ADDRESS: _numbered("Digital Currency Address - [A-Z]+", form="[A-Za-z0-9]{20,}"),
    IdentifierKind.EMAIL: _numbered("Email Address", form=r"[^\s;]+@[^\s;]+[^\s;.]"),
    IdentifierKind.WEBSITE: _numbered("Website", form=r"[^\s;]+[^\s;.]"),
}


def _parse(files: Mapping[str, bytes], names: tuple[str, str, str], code: ListCode) -> Parsed:
    """Entries in file order, then the orphans: numbers that only the alternate names know."""
    primary, alternate, address = (_rows(files[name]) for name in names)
    errors = [
        *(f"{row[:2]}" for row in primary if len(row) != _PRIMARY_COLUMNS),
        *(f"{row[:2]}" for row in alternate if len(row) != _ALTERNATE_COLUMNS),
        *(f"{row[:2]}" for row in address if len(row) != _ADDRESS_COLUMNS),
    ]
    aliases = _aliases(row for row in alternate if len(row) == _ALTERNATE_COLUMNS)
    places = _addresses(row for row in address if len(row) == _ADDRESS_COLUMNS)
    entries = [
        _entry(row, code, aliases.pop(row[0], []), places.get(row[0], []))
        for row in primary
        if len(row) == _PRIMARY_COLUMNS
    ]
    orphans = [_orphan(number, code, known, places.get(number, [])) for number, known in aliases.items()]
    return Parsed((*entries, *orphans), rows=len(primary), errors=tuple(errors), orphans=len(orphans))


def _rows(content: bytes) -> list[list[str]]:
    """Records with nulls as empty text. Raises MalformedList without the SUB that closes a whole file."""
    if not content.rstrip().endswith(_SUB):
        raise MalformedList("the file ends before its closing SUB character")
    records = csv.reader(StringIO(content.decode("utf-8", "replace")))
    return [[cell.strip().removeprefix(_NULL) for cell in row] for row in records if row not in _ENDS]


def _aliases(rows: Iterable[list[str]]) -> dict[str, list[ListedName]]:
    found = defaultdict(list)
    for number, _, kind, name, _ in rows:
        found[number].append(ListedName(name, weak=kind.startswith("weak")))
    return found


def _addresses(rows: Iterable[list[str]]) -> dict[str, list[Address]]:
    found = defaultdict(list)
    for number, _, street, city, country, _ in rows:
        if street or city or country:
            found[number].append(Address(street=street, city=city, country=code_of(country) or country))
    return found


def _entry(row: list[str], code: ListCode, aliases: list[ListedName], places: list[Address]) -> ListedParty:
    number, name, kind, programmes, *_, remarks = row
    quoted = [ListedName(alias, weak=True) for alias in _QUOTED_ALIAS.findall(remarks)]
    return ListedParty(
        list=code,
        entry_id=number,
        kind=_KINDS.get(kind, PartyKind.ORGANISATION),
        names=tuple(dict.fromkeys((ListedName(name), *aliases, *quoted))),
        programmes=tuple(filter(None, re.split(r"\] \[|; ", programmes))),
        countries=_countries(places, _NATIONALITY.findall(remarks)),
        addresses=tuple(places),
        identifiers=tuple(_identifiers(remarks)),
        births=tuple(_births(remarks)),
        remarks=remarks,
    )


def _orphan(number: str, code: ListCode, names: list[ListedName], places: list[Address]) -> ListedParty:
    return ListedParty(
        list=code,
        entry_id=number,
        kind=PartyKind.UNKNOWN,
        names=tuple(dict.fromkeys(names)),
        countries=_countries(places, []),
        addresses=tuple(places),
        remarks="Named only in the list of alternate names.",
        provisional=True,
    )


def _countries(places: list[Address], nationalities: list[str]) -> tuple[str, ...]:
    named = (*nationalities, *(place.country for place in places))
    return tuple(dict.fromkeys(code for text in named for code in codes_in(text)))


def _identifiers(remarks: str) -> Iterator[Identifier]:
    for kind, pattern in _IDENTIFIERS.items():
        for found in pattern.finditer(remarks):
            yield Identifier(kind, found[1], found[2] or "")


def _births(remarks: str) -> Iterator[BirthDate]:
    for found in _BIRTH.finditer(remarks):
        month = _MONTHS.get(found["month"] or "", 0)
        yield BirthDate(int(found["year"]), month, int(found["day"] or 0), circa=bool(found["circa"]))


_SDN_FILES = ("ofac/sdn.csv", "ofac/alt.csv", "ofac/add.csv")
_CONSOLIDATED_FILES = (
    "ofac_consolidated/cons_prim.csv",
    "ofac_consolidated/cons_alt.csv",
    "ofac_consolidated/cons_add.csv",
)

SDN = Source(
    code="OFAC_SDN",
    title="US Treasury OFAC, Specially Designated Nationals",
    lists=(ListCode.OFAC_SDN,),
    files=tuple(OfficialFile(name, f"{_PUBLISHED}/{name.split('/')[1]}") for name in _SDN_FILES),
    parse=lambda files: _parse(files, _SDN_FILES, ListCode.OFAC_SDN),
    fewest=10_000,
)
CONSOLIDATED = Source(
    code="OFAC_CONSOLIDATED",
    title="US Treasury OFAC, Consolidated non-SDN",
    lists=(ListCode.OFAC_CONSOLIDATED,),
    files=tuple(
        OfficialFile(name, f"{_PUBLISHED}/consolidated/{name.split('/')[1]}") for name in _CONSOLIDATED_FILES
    ),
    parse=lambda files: _parse(files, _CONSOLIDATED_FILES, ListCode.OFAC_CONSOLIDATED),
    fewest=300,
)
