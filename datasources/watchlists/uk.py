"""UK HM Treasury, Office of Financial Sanctions Implementation: the consolidated list of targets, CSV.

The first line is the date, the second the header; an entry is all rows of one Group ID. Columns are read
by name, so that the format of 2022 (names in other scripts, alias quality) and the one before both load.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from io import StringIO

from commerce.countries import codes_in
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

_FILE = "uk/conlist.csv"
_COLUMNS = frozenset(
    (
        "Name 6",
        "Name 1",
        "Name 5",
        "DOB",
        "Nationality",
        "Address 1",
        "Country",
        "Group Type",
        "Regime",
        "Group ID",
    )
)
_KINDS = {"Individual": PartyKind.PERSON, "Entity": PartyKind.ORGANISATION, "Ship": PartyKind.VESSEL}
_NAME_PARTS = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")
_ADDRESS_PARTS = tuple(f"Address {n}" for n in range(1, 7))
_BIRTH = re.compile(r"(\d\d)/(\d\d)/(\d{4})")
_NUMBER = re.compile(r"\b[A-Z]{0,3}\d[\dA-Z-]{4,}\b")
_DOCUMENTS: Mapping[str, IdentifierKind] = {
    "Passport Number": IdentifierKind.PASSPORT,
    "Passport Details": IdentifierKind.PASSPORT,
    "National Identification Number": IdentifierKind.NATIONAL_ID,
    "NI Number": IdentifierKind.NATIONAL_ID,
}


def parse(files: Mapping[str, bytes]) -> Parsed:
    text = _decoded(files[_FILE])
    first, _, table = text.partition("\n")
    published_on = _date(first)
    reader = csv.DictReader(StringIO(table))
    if missing := _COLUMNS - set(reader.fieldnames or ()):
        raise MalformedList(f"columns {sorted(missing)} are missing")
    rows = list(reader)
    groups = defaultdict(list)
    for row in rows:
        groups["" if None in row.values() else row["Group ID"]].append(row)
    unnumbered = groups.pop("", [])
    return Parsed(
        entries=tuple(_entry(group, members) for group, members in groups.items()),
        rows=len(rows),
        published_on=published_on,
        errors=tuple(row["Name 6"] for row in unnumbered),
    )


def _decoded(content: bytes) -> str:
    """UTF-8 since 2022, Windows-1252 before."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _date(line: str) -> date:
    found = _BIRTH.search(line)
    if not line.startswith("Last Updated") or not found:
        raise MalformedList(f"the first line is {line[:40]!r}, not the date")
    return datetime.strptime(found[0], "%d/%m/%Y").replace(tzinfo=UTC).date()


def _entry(group: str, rows: list[dict[str, str]]) -> ListedParty:
    addresses = tuple(dict.fromkeys(address for row in rows for address in _address(row)))
    named = [text for row in rows for text in (row["Nationality"], row["Country"])]
    return ListedParty(
        list=ListCode.UK_OFSI,
        entry_id=group,
        kind=_KINDS.get(rows[0]["Group Type"], PartyKind.UNKNOWN),
        names=tuple(dict.fromkeys(_names(rows))),
        programmes=tuple(dict.fromkeys(row["Regime"] for row in rows)),
        countries=tuple(dict.fromkeys(code for text in dict.fromkeys(named) for code in codes_in(text))),
        addresses=addresses,
        identifiers=tuple(dict.fromkeys(found for row in rows for found in _identifiers(row))),
        births=tuple(dict.fromkeys(birth for row in rows for birth in _births(row))),
        remarks=rows[0].get("Other Information", ""),
    )


def _names(rows: list[dict[str, str]]) -> Iterator[ListedName]:
    """The primary name first, wherever its row stands."""
    for row in sorted(rows, key=lambda row: not row.get("Alias Type", "").startswith("Prim")):
        weak = row.get("Alias Quality", "").lower() == "low"
        text = " ".join(filter(None, (row[part].strip() for part in _NAME_PARTS)))
        for name in filter(None, (text, row.get("Name Non-Latin Script", "").strip())):
            yield ListedName(name, weak=weak)


def _address(row: dict[str, str]) -> Iterator[Address]:
    street = ", ".join(filter(None, (row[part].strip() for part in _ADDRESS_PARTS)))
    countries = codes_in(row["Country"])
    if street or countries:
        country = countries[0] if countries else row["Country"]
        yield Address(street=street, postal_code=row.get("Post/Zip Code", ""), country=country)


def _births(row: dict[str, str]) -> Iterator[BirthDate]:
    for day, month, year in _BIRTH.findall(row["DOB"]):
        yield BirthDate(int(year), int(month), int(day))


def _identifiers(row: dict[str, str]) -> Iterator[Identifier]:
    for column, kind in _DOCUMENTS.items():
        for number in _NUMBER.findall(row.get(column, "").upper()):
            yield Identifier(kind, number)


SOURCE = Source(
    code="UK_OFSI",
    title="UK HM Treasury OFSI, consolidated list of financial sanctions targets",
    lists=(ListCode.UK_OFSI,),
    files=(
        OfficialFile(_FILE, "https://ofsistorage.blob.core.windows.net/publishlive/2022format/ConList.csv"),
    ),
    parse=parse,
    fewest=6_000,
)
