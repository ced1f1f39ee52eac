"""US Consolidated Screening List (trade.gov): many agencies' lists in one CSV with `; `-joined values."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO

from commerce.countries import code_of
from commerce.legal_forms import looks_like_a_company
from commerce.names import words_of
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

_FILE = "us_csl/consolidated.csv"
_COLUMNS = frozenset(
    [
        "_id",
        "source",
        "entity_number",
        "type",
        "programs",
        "name",
        "addresses",
        "remarks",
        "alt_names",
        "citizenships",
        "dates_of_birth",
        "nationalities",
        "ids",
    ]
)
_LISTS: Mapping[str, ListCode] = {
    "Specially Designated Nationals (SDN)": ListCode.OFAC_SDN,
    "Sectoral Sanctions Identifications List (SSI)": ListCode.OFAC_SSI,
    "Foreign Sanctions Evaders (FSE)": ListCode.OFAC_FSE,
    "Palestinian Legislative Council List (PLC)": ListCode.OFAC_PLC,
    "Capta List (CAP)": ListCode.OFAC_CAPTA,
    "Non-SDN Menu-Based Sanctions List (NS-MBS List)": ListCode.OFAC_MBS,
    "Non-SDN Chinese Military-Industrial Complex Companies List (CMIC)": ListCode.OFAC_CMIC,
    "Denied Persons List (DPL)": ListCode.BIS_DPL,
    "Entity List (EL)": ListCode.BIS_ENTITY,
    "Unverified List (UVL)": ListCode.BIS_UNVERIFIED,
    "Military End User (MEU) List": ListCode.BIS_MILITARY_END_USER,
    "Nonproliferation Sanctions (ISN)": ListCode.STATE_ISN,
    "ITAR Debarred (DTC)": ListCode.STATE_DEBARRED,
}
_KINDS: Mapping[str, PartyKind] = {
    "Individual": PartyKind.PERSON,
    "Entity": PartyKind.ORGANISATION,
    "Vessel": PartyKind.VESSEL,
    "Aircraft": PartyKind.AIRCRAFT,
}
_IDENTIFIERS: tuple[tuple[str, IdentifierKind], ...] = (
    ("passport", IdentifierKind.PASSPORT),
    ("tax id", IdentifierKind.TAX),
    ("nit #", IdentifierKind.TAX),
    ("ruc #", IdentifierKind.TAX),
    ("registration", IdentifierKind.REGISTRATION),
    ("legal entity number", IdentifierKind.LEI),
    ("swift/bic", IdentifierKind.BIC),
    ("website", IdentifierKind.WEBSITE),
    ("email", IdentifierKind.EMAIL),
    ("digital currency", IdentifierKind.CRYPTO_ADDRESS),
    ("imo number", IdentifierKind.IMO),
    ("national id", IdentifierKind.NATIONAL_ID),
    ("cedula no", IdentifierKind.NATIONAL_ID),
)
_YEAR_DIGITS = 4


def parse(files: Mapping[str, bytes]) -> Parsed:
    reader = csv.DictReader(StringIO(files[_FILE].decode("utf-8", "replace")))
    if missing := _COLUMNS - set(reader.fieldnames or ()):
        raise MalformedList(f"columns {sorted(missing)} are missing")
    rows = list(reader)
    known = [(row, code) for row in rows if None not in row.values() and (code := _list_of(row))]
    read = {id(row) for row, _ in known}
    errors = tuple(row["_id"] for row in rows if id(row) not in read)
    return Parsed(tuple(_entry(row, code) for row, code in known), rows=len(rows), errors=errors)


def _list_of(row: dict[str, str]) -> ListCode | None:
    return _LISTS.get(row["source"].rsplit(" - ", 1)[0])


def _entry(row: dict[str, str], code: ListCode) -> ListedParty:
    addresses = tuple(_address(text) for text in _values(row["addresses"]))
    countries = (
        *_values(row["nationalities"]),
        *_values(row["citizenships"]),
        *(address.country for address in addresses),
    )
    return ListedParty(
        list=code,
        entry_id=row["entity_number"] or row["_id"],
        kind=_kind(row),
        names=tuple(map(ListedName, dict.fromkeys((row["name"].strip(), *_aliases(row["alt_names"]))))),
        programmes=tuple(_values(row["programs"])),
        countries=tuple(dict.fromkeys(filter(None, map(code_of, countries)))),
        addresses=addresses,
        identifiers=tuple(_identifiers(row["ids"])),
        births=tuple(filter(None, map(_birth, _values(row["dates_of_birth"])))),
        remarks=row["remarks"],
    )


def _kind(row: dict[str, str]) -> PartyKind:
    """Agencies other than Treasury do not say; a legal form does."""
    if row["type"] in _KINDS:
        return _KINDS[row["type"]]
    formed = looks_like_a_company(words_of(row["name"]))
    return PartyKind.ORGANISATION if formed else PartyKind.UNKNOWN


def _values(text: str) -> list[str]:
    return [value.strip() for value in text.split("; ") if value.strip()]


def _aliases(text: str) -> list[str]:
    """The Entity List ends its enumerations with "and"."""
    return [alias.removeprefix("and ") for alias in _values(text)]


def _address(text: str) -> Address:
    """`street, …, city, CC`; older rows have only a country."""
    head, _, tail = text.rpartition(", ")
    country = code_of(tail)
    return Address(street=head, country=country) if country else Address(street=text)


def _identifiers(text: str) -> Iterator[Identifier]:
    """`CC, number, label` or `number, label`; labels without a kind of ours are remarks, not numbers."""
    for value in _values(text):
        *head, label = (part.strip() for part in value.split(", "))
        kind = next((kind for words, kind in _IDENTIFIERS if words in label.lower()), None)
        if kind and head:
            yield Identifier(kind, head[-1], code_of(head[0]) if len(head) > 1 else "")


def _birth(text: str) -> BirthDate | None:
    """ISO dates, cut to what is known."""
    year, *rest = text.split("-")
    if len(year) != _YEAR_DIGITS or not all(part.isdigit() for part in (year, *rest)):
        return None
    month, day = (*map(int, rest), 0, 0)[:2]
    return BirthDate(int(year), month, day)


SOURCE = Source(
    code="US_CSL",
    title="US Consolidated Screening List",
    lists=tuple(dict.fromkeys(_LISTS.values())),
    files=(
        OfficialFile(
            _FILE, "https://data.trade.gov/downloadable_consolidated_screening_list/v1/consolidated.csv"
        ),
    ),
    parse=parse,
    fewest=9_000,
)
