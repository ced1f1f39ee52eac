"""United Nations Security Council Consolidated List, official XML (sc-sanctions.xsd)."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from commerce.countries import code_of
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

_FILE = "un/consolidated.xml"
_NAME_PARTS = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_SEVERAL = re.compile(r"\s*;\s*")
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9/-]{4,}")


def parse(files: Mapping[str, bytes]) -> Parsed:
    try:
        root = fromstring(files[_FILE])
    except (ParseError, DefusedXmlException) as fault:
        raise MalformedList(f"{_FILE}: {fault}") from fault
    if root.tag != "CONSOLIDATED_LIST":
        raise MalformedList(f"{_FILE}: the root is {root.tag}")
    parties = [
        *((PartyKind.PERSON, item) for item in root.iterfind("INDIVIDUALS/INDIVIDUAL")),
        *((PartyKind.ORGANISATION, item) for item in root.iterfind("ENTITIES/ENTITY")),
    ]
    whole = [(kind, item) for kind, item in parties if _text(item, "REFERENCE_NUMBER") and _primary(item)]
    errors = [_text(item, "DATAID") for pair in parties if pair not in whole for item in pair[1:]]
    return Parsed(
        entries=tuple(_entry(kind, item) for kind, item in whole),
        rows=len(parties),
        published_on=date.fromisoformat(root.get("dateGenerated", "")[:10]),
        errors=tuple(map(str, errors)),
    )


def _entry(kind: PartyKind, item: Element) -> ListedParty:
    addresses = tuple(_addresses(item))
    named = (*_all(item, "NATIONALITY/VALUE"), *(address.country for address in addresses))
    return ListedParty(
        list=ListCode.UN_SC,
        entry_id=_text(item, "REFERENCE_NUMBER"),
        kind=kind,
        names=tuple(dict.fromkeys(_names(item))),
        programmes=tuple(filter(None, [_text(item, "UN_LIST_TYPE")])),
        countries=tuple(dict.fromkeys(filter(None, map(code_of, named)))),
        addresses=addresses,
        identifiers=tuple(_identifiers(item)),
        births=tuple(_births(item)),
        remarks=_text(item, "COMMENTS1"),
    )


def _names(item: Element) -> Iterator[ListedName]:
    for text in (_primary(item), _text(item, "NAME_ORIGINAL_SCRIPT")):
        yield from map(ListedName, filter(None, _SEVERAL.split(text)))
    for alias in (*item.iterfind("INDIVIDUAL_ALIAS"), *item.iterfind("ENTITY_ALIAS")):
        weak = _text(alias, "QUALITY").lower() == "low"
        for name in filter(None, _SEVERAL.split(_text(alias, "ALIAS_NAME"))):
            yield ListedName(name, weak=weak)


def _primary(item: Element) -> str:
    return " ".join(filter(None, (_text(item, part) for part in _NAME_PARTS)))


def _addresses(item: Element) -> Iterator[Address]:
    for place in (*item.iterfind("INDIVIDUAL_ADDRESS"), *item.iterfind("ENTITY_ADDRESS")):
        country = _text(place, "COUNTRY")
        address = Address(
            street=_text(place, "STREET"),
            city=_text(place, "CITY"),
            region=_text(place, "STATE_PROVINCE"),
            postal_code=_text(place, "ZIP_CODE"),
            country=code_of(country) or country,
        )
        if address != Address():
            yield address


def _births(item: Element) -> Iterator[BirthDate]:
    for birth in item.iterfind("INDIVIDUAL_DATE_OF_BIRTH"):
        circa = _text(birth, "TYPE_OF_DATE").upper() == "APPROXIMATELY"
        exact = _text(birth, "DATE")
        if exact:
            year, month, day = map(int, exact[:10].split("-"))
            yield BirthDate(year, month, day, circa=circa)
        for tag in ("YEAR", "FROM_YEAR", "TO_YEAR"):
            if _text(birth, tag).isdigit():
                yield BirthDate(int(_text(birth, tag)), circa=circa or tag != "YEAR")


def _identifiers(item: Element) -> Iterator[Identifier]:
    for document in item.iterfind("INDIVIDUAL_DOCUMENT"):
        passport = "passport" in _text(document, "TYPE_OF_DOCUMENT").lower()
        kind = IdentifierKind.PASSPORT if passport else IdentifierKind.NATIONAL_ID
        for number in _NUMBER.findall(_text(document, "NUMBER").upper()):
            if any(map(str.isdigit, number)):
                yield Identifier(kind, number, code_of(_text(document, "ISSUING_COUNTRY")))


def _text(item: Element, tag: str) -> str:
    return " ".join((item.findtext(tag) or "").split())


def _all(item: Element, path: str) -> list[str]:
    return [found.text or "" for found in item.iterfind(path)]


SOURCE = Source(
    code="UN_SC",
    title="United Nations Security Council Consolidated List",
    lists=(ListCode.UN_SC,),
    files=(OfficialFile(_FILE, "https://scsanctions.un.org/resources/xml/en/consolidated.xml"),),
    parse=parse,
    fewest=600,
)
