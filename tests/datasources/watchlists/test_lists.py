"""Every official list loads whole: its counts are those of an independent count of the file."""

import csv
import gzip
import re
from html import unescape
from io import StringIO
from pathlib import Path

import pytest

from commerce.parties import (
    BirthDate,
    Identifier,
    IdentifierKind,
    ListCode,
    ListedName,
    ListedParty,
    PartyKind,
)
from datasources.watchlists import bis, eu, files, ofac, uk, un, us_csl
from datasources.watchlists.editions import SAMPLES
from datasources.watchlists.registry import SOURCES
from datasources.watchlists.sources import MalformedList, Parsed, Source

SOURCES_BY_CODE = {source.code: source for source in SOURCES}


def parsed(source: Source, directory: Path) -> Parsed:
    content = files.read(directory, source)
    assert content is not None
    return source.parse(content)


def text(path: Path, encoding: str = "utf-8") -> str:
    return gzip.decompress(path.read_bytes()).decode(encoding, "replace")


def entry(source: Source, entry_id: str, directory: Path = SAMPLES) -> ListedParty:
    return next(each for each in parsed(source, directory).entries if each.entry_id == entry_id)


@pytest.mark.parametrize(
    ("source", "folder", "names"),
    [(ofac.SDN, "ofac", ("sdn", "alt")), (ofac.CONSOLIDATED, "ofac_consolidated", ("cons_prim", "cons_alt"))],
)
def test_treasury_lists_have_an_entry_for_each_number(
    source: Source, folder: str, names: tuple[str, str], real_lists: Path
):
    primary, alternate = (
        [row for row in csv.reader(StringIO(text(real_lists / folder / f"{name}.csv.gz"))) if len(row) > 1]
        for name in names
    )
    numbers = {row[0] for row in primary}

    found = parsed(source, real_lists)

    assert found.rows == len(primary)
    assert found.orphans == len({row[0] for row in alternate} - numbers)
    assert len(found.entries) == len(numbers | {row[0] for row in alternate})
    assert found.errors == ()
    listed = {(each.entry_id, name.text) for each in found.entries for name in each.names}
    assert {(row[0], row[3].strip()) for row in alternate} <= listed


def test_the_sdn_list_of_two_days_before_loads_too(real_lists: Path):
    content = files.read(real_lists, ofac.SDN)
    assert content is not None
    earlier = gzip.decompress((real_lists / "ofac" / "sdn_earlier.csv.gz").read_bytes())

    found = ofac.SDN.parse(content | {"ofac/sdn.csv": earlier})

    assert found.rows == earlier.count(b"\r\n")


def test_the_consolidated_screening_list_has_an_entry_for_each_record(real_lists: Path):
    records = list(csv.DictReader(StringIO(text(real_lists / "us_csl" / "consolidated.csv.gz"))))

    found = parsed(us_csl.SOURCE, real_lists)

    assert found.rows == len(found.entries) == len(records)
    for code, words in ((ListCode.BIS_ENTITY, "Entity List"), (ListCode.STATE_DEBARRED, "ITAR Debarred")):
        assert sum(each.list is code for each in found.entries) == sum(
            row["source"].startswith(words) for row in records
        )


def test_the_un_list_has_an_entry_for_each_data_id_and_every_alias(real_lists: Path):
    document = text(real_lists / "un" / "consolidated.xml.gz")

    found = parsed(un.SOURCE, real_lists)

    assert found.rows == len(found.entries) == document.count("<DATAID>")
    assert sum(each.kind is PartyKind.PERSON for each in found.entries) == document.count("<INDIVIDUAL>")
    assert str(found.published_on) in document[:400]
    aliases = {unescape(each) for each in re.findall(r"<ALIAS_NAME>([^<]+)</ALIAS_NAME>", document)}
    single = {" ".join(alias.split()) for alias in aliases if ";" not in alias}
    assert single <= {name.text for each in found.entries for name in each.names}


def test_the_uk_list_has_an_entry_for_each_group(real_lists: Path):
    lines = text(real_lists / "uk" / "conlist.csv.gz", "cp1252").split("\n", 1)[1]
    records = list(csv.reader(StringIO(lines)))[1:]

    found = parsed(uk.SOURCE, real_lists)

    assert found.rows == len(records)
    assert len(found.entries) == len({record[-1] for record in records})
    assert str(found.published_on) == "2020-04-27"


def test_the_denied_persons_list_has_an_entry_for_each_line(real_lists: Path):
    lines = text(real_lists / "bis" / "dpl.txt.gz").splitlines()

    found = parsed(bis.SOURCE, real_lists)

    assert found.rows == len(found.entries) == len(lines) - 1


@pytest.mark.parametrize("code", sorted(SOURCES_BY_CODE))
def test_every_list_has_a_sample_of_invented_parties(code: str):
    found = parsed(SOURCES_BY_CODE[code], SAMPLES)

    assert found.entries
    assert found.errors == ()


def test_an_orphaned_alternate_name_is_a_provisional_entry():
    orphan = entry(ofac.SDN, "90099")

    assert orphan.provisional
    assert orphan.kind is PartyKind.UNKNOWN
    assert [name.text for name in orphan.names] == ["ORPHANED TRADING NAME"]


def test_treasury_remarks_yield_births_nationality_documents_and_weak_aliases():
    found = entry(ofac.SDN, "90002")

    assert found.births == (BirthDate(1961, 3, 14),)
    assert found.countries == ("MD",)
    assert Identifier(IdentifierKind.PASSPORT, "XA0000001", "Moldova") in found.identifiers
    assert ListedName("THE CARTOGRAPHER", weak=True) in found.names
    assert entry(ofac.SDN, "90003").programmes == ("SAMPLE-NPWMD", "SAMPLE-IFSR")


def test_the_eu_list_yields_names_of_every_strength_and_script():
    found = entry(eu.SOURCE, "EU.99001.01")

    assert [(name.text, name.weak) for name in found.names] == [
        ("Anatol Severin Dubrowski", False),
        ("Анатоль Дубровский", False),
        ("Tolik", True),
    ]
    assert found.births == (BirthDate(1967, 9, 30),)
    assert found.countries == ("BY",)
    assert entry(eu.SOURCE, "EU.99002.01").kind is PartyKind.ORGANISATION


def test_the_uk_format_of_2022_yields_native_names_and_alias_quality():
    found = entry(uk.SOURCE, "99101")

    assert [(name.text, name.weak) for name in found.names] == [
        ("Radomir VUKASINOVAC", False),
        ("Радомир Вукашиновац", False),
        ("Rado VUKASINOVATZ", True),
    ]
    assert found.countries == ("RS", "CY")


def test_the_end_of_an_enumeration_is_no_part_of_a_name():
    names = [name.text for name in entry(us_csl.SOURCE, "5a" * 20).names]

    assert names == ["Tianhe Sample Photonics Research Co., Ltd.", "Tianhe Photonics", "THSP Institute"]


@pytest.mark.parametrize("code", sorted(SOURCES_BY_CODE))
def test_a_file_cut_short_anywhere_is_refused_or_counts_fewer_rows(code: str):
    source = SOURCES_BY_CODE[code]
    content = files.read(SAMPLES, source)
    assert content is not None
    name = source.files[0].name
    whole = source.parse(content).rows

    for share in (0.25, 0.5, 0.9):
        cut = content | {name: content[name][: int(len(content[name]) * share)]}
        try:
            found = source.parse(cut)
        except MalformedList:
            continue
        assert found.rows < whole or found.errors


def test_entities_that_expand_or_reach_out_are_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><CONSOLIDATED_LIST>&a;</CONSOLIDATED_LIST>'

    with pytest.raises(MalformedList):
        un.SOURCE.parse({"un/consolidated.xml": bomb})


def test_half_a_set_of_files_is_no_list(tmp_path: Path):
    (tmp_path / "sdn.csv").write_bytes((SAMPLES / "ofac" / "sdn.csv").read_bytes())

    with pytest.raises(MalformedList, match=re.escape("ofac/add.csv, ofac/alt.csv not found")):
        files.read(tmp_path, ofac.SDN)


def test_files_serve_plain_or_compressed_nested_or_flat(tmp_path: Path):
    for name in ("sdn", "alt", "add"):
        content = (SAMPLES / "ofac" / f"{name}.csv").read_bytes()
        (tmp_path / f"{name}.csv.gz").write_bytes(gzip.compress(content))

    assert files.read(tmp_path, ofac.SDN) == files.read(SAMPLES, ofac.SDN)
