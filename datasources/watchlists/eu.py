"""European Union Financial Sanctions Files: the consolidated list, XML export 1.1."""

from collections.abc import Iterator, Mapping
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

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

_FILE = "eu/fsf.xml"
_NS = {"fsd": "http://eu.europa.ec/fpi/fsd/export"}
_KINDS = {"person": PartyKind.PERSON, "enterprise": PartyKind.ORGANISATION}
_IDENTIFIERS: Mapping[str, IdentifierKind] = {
    "passport": IdentifierKind.PASSPORT,
    "diplopass": IdentifierKind.PASSPORT,
    "id": IdentifierKind.NATIONAL_ID,
    "ssn": IdentifierKind.NATIONAL_ID,
    "fiscalcode": IdentifierKind.TAX,
    "regnumber": IdentifierKind.REGISTRATION,
    "swiftbic": IdentifierKind.BIC,
    "imo": IdentifierKind.IMO,
}
_UNKNOWN_COUNTRY = "00"


def parse(files: Mapping[str, bytes]) -> Parsed:
    try:
        root = fromstring(files[_FILE])
    except (ParseError, DefusedXmlException) as fault:
        raise MalformedList(f"{_FILE}: {fault}") from fault
    if root.tag != f"{{{_NS['fsd']}}}export":
        raise MalformedList(f"{_FILE}: the root is {root.tag}")
    rows = root.findall("fsd:sanctionEntity", _NS)
    whole = [row for row in rows if row.get("logicalId") and any(_names(row))]
    return Parsed(
        entries=tuple(map(_entry, whole)),
        rows=len(rows),
        published_on=date.fromisoformat(root.get("generationDate", "")[:10]),
        errors=tuple(row.get("euReferenceNumber", "") for row in rows if row not in whole),
    )


def _entry(row: Element) -> ListedParty:
    addresses = tuple(_addresses(row))
    citizenships = [_country(item) for item in row.iterfind("fsd:citizenship", _NS)]
    subject = row.find("fsd:subjectType", _NS)
    code = subject.get("code", "") if subject is not None else ""
    programmes = (item.get("programme", "") for item in row.iterfind("fsd:regulation", _NS))
    return ListedParty(
        list=ListCode.EU_FSF,
        entry_id=row.get("euReferenceNumber", "") or row.get("logicalId", ""),
        kind=_KINDS.get(code, PartyKind.UNKNOWN),
        names=tuple(dict.fromkeys(_names(row))),
        programmes=tuple(dict.fromkeys(filter(None, programmes))),
        countries=tuple(dict.fromkeys(filter(None, (*citizenships, *(a.country for a in addresses))))),
        addresses=addresses,
        identifiers=tuple(_identifiers(row)),
        births=tuple(_births(row)),
        remarks=" ".join(item.text or "" for item in row.iterfind("fsd:remark", _NS)),
    )


def _names(row: Element) -> Iterator[ListedName]:
    for alias in row.iterfind("fsd:nameAlias", _NS):
        parts = (alias.get(part, "") for part in ("firstName", "middleName", "lastName"))
        text = alias.get("wholeName") or " ".join(filter(None, parts))
        if text.strip():
            yield ListedName(text.strip(), weak=alias.get("strong") == "false")


def _addresses(row: Element) -> Iterator[Address]:
    for item in row.iterfind("fsd:address", _NS):
        street, city, region, code = (item.get(part, "") for part in ("street", "city", "region", "zipCode"))
        yield Address(street, city, region, code, _country(item))


def _births(row: Element) -> Iterator[BirthDate]:
    for item in row.iterfind("fsd:birthdate", _NS):
        year, month, day = (int(item.get(part) or 0) for part in ("year", "monthOfYear", "dayOfMonth"))
        if year:
            yield BirthDate(year, month, day, circa=item.get("circa") == "true")


def _identifiers(row: Element) -> Iterator[Identifier]:
    for item in row.iterfind("fsd:identification", _NS):
        kind = _IDENTIFIERS.get(item.get("identificationTypeCode", ""), IdentifierKind.OTHER)
        if number := item.get("number", "").strip():
            yield Identifier(kind, number, _country(item))


def _country(item: Element) -> str:
    code = item.get("countryIso2Code", "")
    return "" if code == _UNKNOWN_COUNTRY else code


SOURCE = Source(
    code="EU_FSF",
    title="European Union, consolidated financial sanctions",
    lists=(ListCode.EU_FSF,),
    files=(
        OfficialFile(
            _FILE,
            "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw",
        ),
    ),
    parse=parse,
    fewest=3_000,
)
