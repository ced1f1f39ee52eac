"""Who is screened and who is listed: the records that both sides of a match are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from hashlib import sha256
from json import dumps
from typing import Any


class PartyKind(StrEnum):
    PERSON = "PERSON"
    ORGANISATION = "ORGANISATION"
    VESSEL = "VESSEL"
    AIRCRAFT = "AIRCRAFT"
    UNKNOWN = "UNKNOWN"


class Role(StrEnum):
    """What a screened party is to the order."""

    CUSTOMER = "CUSTOMER"
    CONTACT = "CONTACT"
    PARTNER = "PARTNER"
    RESELLER = "RESELLER"
    DISTRIBUTOR = "DISTRIBUTOR"
    OWNER = "OWNER"
    END_USER = "END_USER"
    SHIP_TO = "SHIP_TO"


class IdentifierKind(StrEnum):
    REGISTRATION = "REGISTRATION"
    TAX = "TAX"
    PASSPORT = "PASSPORT"
    NATIONAL_ID = "NATIONAL_ID"
    LEI = "LEI"
    BIC = "BIC"
    IMO = "IMO"
    CRYPTO_ADDRESS = "CRYPTO_ADDRESS"
    EMAIL = "EMAIL"
    WEBSITE = "WEBSITE"
    OTHER = "OTHER"


class ListCode(StrEnum):
    """A denied-party list by its legal name; one official file may carry several."""

    OFAC_SDN = "OFAC_SDN"
    OFAC_SSI = "OFAC_SSI"
    OFAC_CMIC = "OFAC_CMIC"
    OFAC_CAPTA = "OFAC_CAPTA"
    OFAC_MBS = "OFAC_MBS"
    OFAC_PLC = "OFAC_PLC"
    OFAC_FSE = "OFAC_FSE"
    OFAC_CONSOLIDATED = "OFAC_CONSOLIDATED"
    BIS_DPL = "BIS_DPL"
    BIS_ENTITY = "BIS_ENTITY"
    BIS_UNVERIFIED = "BIS_UNVERIFIED"
    BIS_MILITARY_END_USER = "BIS_MILITARY_END_USER"
    STATE_ISN = "STATE_ISN"
    STATE_DEBARRED = "STATE_DEBARRED"
    UN_SC = "UN_SC"
    EU_FSF = "EU_FSF"
    UK_OFSI = "UK_OFSI"


@dataclass(frozen=True, slots=True)
class Address:
    """As written by whoever gave it; `country` is ISO 3166-1 alpha-2 where it could be read, else text."""

    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""

    def text(self) -> str:
        return ", ".join(filter(None, (self.street, self.city, self.region, self.postal_code)))


@dataclass(frozen=True, slots=True)
class Identifier:
    kind: IdentifierKind
    value: str
    country: str = ""

    def key(self) -> str:
        """Letters and digits alone, upper case: how two writings of one number compare."""
        return "".join(filter(str.isalnum, self.value)).upper()


@dataclass(frozen=True, slots=True)
class Subject:
    """One party of an order, as it is screened.

    `country` is ISO 3166-1 alpha-2 or empty; `reference` is our own id (`cus_…`, `con_…`), carried
    into the decision and not compared.
    """

    kind: PartyKind
    role: Role
    name: str
    aliases: tuple[str, ...] = ()
    country: str = ""
    address: Address | None = None
    identifiers: tuple[Identifier, ...] = ()
    date_of_birth: date | None = None
    reference: str = ""

    def fingerprint(self) -> str:
        """The party whatever its role or our id for it: what a cleared hit is remembered by."""
        facts = _plain(self)
        del facts["role"], facts["reference"]
        return _digest(facts)


@dataclass(frozen=True, slots=True)
class ListedName:
    """A name of a listed party. A weak one confirms a match and never makes one (OFAC FAQ 124, 125)."""

    text: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class BirthDate:
    """As much of a date of birth as the list gives; `circa` allows a year either way."""

    year: int
    month: int = 0
    day: int = 0
    circa: bool = False


@dataclass(frozen=True, slots=True)
class ListedParty:
    """One entry of one list. `names[0]` is the primary name; `countries` are ISO 3166-1 alpha-2.

    A provisional entry is one whose file names it only indirectly (an alternate name without its
    primary row): it can hold an order and never deny it.
    """

    list: ListCode
    entry_id: str
    kind: PartyKind
    names: tuple[ListedName, ...]
    programmes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    births: tuple[BirthDate, ...] = ()
    remarks: str = ""
    provisional: bool = False


def _digest(facts: Mapping[str, Any]) -> str:
    return sha256(dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _plain(record: Any) -> Any:
    """A record as JSON values, fields by name."""
    if isinstance(record, tuple):
        return [_plain(item) for item in record]
    if isinstance(record, date):
        return record.isoformat()
    if hasattr(record, "__dataclass_fields__"):
        return {field.name: _plain(getattr(record, field.name)) for field in fields(record)}
    return record
