"""US Department of Commerce, Bureau of Industry and Security: the Denied Persons List, tab-separated."""

import csv
from collections.abc import Mapping
from hashlib import sha256
from io import StringIO

from commerce.countries import code_of
from commerce.legal_forms import looks_like_a_company
from commerce.names import words_of
from commerce.parties import Address, ListCode, ListedName, ListedParty, PartyKind
from datasources.watchlists.sources import MalformedList, OfficialFile, Parsed, Source

_FILE = "bis/dpl.txt"
_COLUMNS = frozenset(
    [
        "Name",
        "Street_Address",
        "City",
        "State",
        "Country",
        "Postal_Code",
        "Effective_Date",
        "Expiration_Date",
        "FR_Citation",
    ]
)
_ID_DIGITS = 16


def parse(files: Mapping[str, bytes]) -> Parsed:
    reader = csv.DictReader(StringIO(files[_FILE].decode("utf-8", "replace")), delimiter="\t")
    if missing := _COLUMNS - set(reader.fieldnames or ()):
        raise MalformedList(f"columns {sorted(missing)} are missing")
    rows = list(reader)
    whole = [row for row in rows if None not in row.values() and row["Name"].strip()]
    errors = tuple(f"{row['Name']}" for row in rows if row not in whole)
    return Parsed(tuple(map(_entry, whole)), rows=len(rows), errors=errors)


def _entry(row: dict[str, str]) -> ListedParty:
    country = code_of(row["Country"])
    formed = looks_like_a_company(words_of(row["Name"]))
    return ListedParty(
        list=ListCode.BIS_DPL,
        entry_id=_identity(row),
        kind=PartyKind.ORGANISATION if formed else PartyKind.UNKNOWN,
        names=(ListedName(row["Name"].strip()),),
        programmes=("EAR denial order",),
        countries=(country,) if country else (),
        addresses=(Address(row["Street_Address"], row["City"], row["State"], row["Postal_Code"], country),),
        remarks=f"{row['FR_Citation']}; in force {row['Effective_Date']} to {row['Expiration_Date']}",
    )


def _identity(row: dict[str, str]) -> str:
    """The list numbers nothing: a denial order is known by whom, where and when."""
    return sha256("\t".join(row[column] for column in sorted(_COLUMNS)).encode()).hexdigest()[:_ID_DIGITS]


SOURCE = Source(
    code="BIS_DPL",
    title="US Department of Commerce BIS, Denied Persons List",
    lists=(ListCode.BIS_DPL,),
    files=(OfficialFile(_FILE, "https://www.bis.doc.gov/dpl/dpl.txt"),),
    parse=parse,
    fewest=300,
)
