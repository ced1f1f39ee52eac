"""The org's schema: standard objects from the table beside this file, custom ones from `docs/salesforce`."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import cast
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse

from datasources.salesforce.sandbox_org.calls import Refusal

CUSTOM_METADATA = Path(__file__).parents[3] / "docs" / "salesforce" / "objects"
_STANDARD = Path(__file__).with_name("standard_objects.toml")
_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_DESCRIBE_TYPE = {
    "Text": "string",
    "Checkbox": "boolean",
    "Number": "double",
    "Currency": "currency",
    "Date": "date",
    "DateTime": "datetime",
    "Picklist": "picklist",
    "Email": "email",
    "Url": "url",
    "LongTextArea": "textarea",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field as describe names it. `relationship` is the name that leads to the object in `refers_to`."""

    name: str
    type: str
    label: str = ""
    length: int = 0
    required: bool = False
    unique: bool = False
    external_id: bool = False
    lookup: bool = False
    computed: bool = False
    fixed: bool = False
    custom: bool = False
    refers_to: str = ""
    relationship: str = ""
    children: str = ""
    values: tuple[str, ...] = ()
    restricted: bool = False

    @property
    def nillable(self) -> bool:
        return not self.required and self.type not in {"boolean", "id"}


@dataclass(frozen=True, slots=True)
class SObject:
    name: str
    prefix: str
    fields: Mapping[str, Field]
    _by_lower: Mapping[str, Field] = field(repr=False)
    _by_relationship: Mapping[str, Field] = field(repr=False)

    def field(self, name: str) -> Field | None:
        """Salesforce's names do not distinguish case."""
        return self._by_lower.get(name.lower())

    def relation(self, name: str) -> Field | None:
        return self._by_relationship.get(name.lower())


@dataclass(frozen=True, slots=True)
class Schema:
    objects: Mapping[str, SObject]
    _by_lower: Mapping[str, SObject] = field(repr=False)

    def object(self, name: str) -> SObject:
        """Return the object named; raise `NOT_FOUND` as a REST path with an unknown object does."""
        found = self._by_lower.get(name.lower())
        if found is None:
            raise Refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return found

    def find(self, name: str) -> SObject | None:
        return self._by_lower.get(name.lower())

    def children(self, parent: SObject) -> Iterator[tuple[SObject, Field]]:
        """Every (child object, its reference) whose reverse relationship leads from `parent`."""
        for child in self.objects.values():
            for reference in child.fields.values():
                if reference.refers_to == parent.name and reference.children:
                    yield child, reference


@cache
def schema() -> Schema:
    """The org's whole schema, read once."""
    standard = tomllib.loads(_STANDARD.read_text("utf-8"))
    objects = {name: _object(name, table) for name, table in standard.items()}
    by_lower = {name.lower(): sobject for name, sobject in objects.items()}
    return Schema(MappingProxyType(objects), MappingProxyType(by_lower))


def _object(name: str, table: Mapping[str, object]) -> SObject:
    texts = cast("Mapping[str, str]", table["fields"])
    named = [_standard_field(field_name, text) for field_name, text in texts.items()]
    fields = {each.name: each for each in [*_SYSTEM_FIELDS, *named, *_custom_fields(name)]}
    return SObject(
        name=name,
        prefix=str(table["prefix"]),
        fields=MappingProxyType(fields),
        _by_lower={each.name.lower(): each for each in fields.values()},
        _by_relationship={each.relationship.lower(): each for each in fields.values() if each.relationship},
    )


def _standard_field(name: str, text: str) -> Field:
    kind, *words = text.split()
    made = Field(
        name=name,
        type=kind,
        label=name,
        required="required" in words,
        unique="unique" in words,
        lookup="lookup" in words,
        computed="computed" in words,
        fixed="fixed" in words,
    )
    pending = iter(["to", *words] if kind == "reference" else words)
    for word in pending:
        match word:
            case "to":
                made = replace(made, refers_to=next(pending), length=18)
            case "as":
                made = replace(made, relationship=next(pending))
            case "children":
                made = replace(made, children=next(pending))
            case _ if word.isdigit():
                made = replace(made, length=int(word))
    return made


_SYSTEM_FIELDS = (
    Field("Id", "id", length=18, lookup=True, computed=True),
    Field("IsDeleted", "boolean", computed=True),
    Field("CreatedDate", "datetime", required=True, computed=True),
    _standard_field("CreatedById", "reference User as CreatedBy computed"),
    Field("LastModifiedDate", "datetime", required=True, computed=True),
    _standard_field("LastModifiedById", "reference User as LastModifiedBy computed"),
    Field("SystemModstamp", "datetime", required=True, computed=True),
)


def _custom_fields(sobject: str) -> Iterator[Field]:
    file = CUSTOM_METADATA / f"{sobject}.object"
    if file.exists():
        yield from (_custom_field(element) for element in parse(file).iter(f"{_NAMESPACE}fields"))


def _custom_field(element: Element) -> Field:
    def text(tag: str) -> str:
        return element.findtext(_NAMESPACE + tag, default="")

    values = element.iter(f"{_NAMESPACE}value")
    return Field(
        name=text("fullName"),
        type=_DESCRIBE_TYPE[text("type")],
        label=text("label"),
        length=int(text("length") or 255),
        required=text("required") == "true",
        unique=text("unique") == "true",
        external_id=text("externalId") == "true",
        lookup=text("externalId") == "true",
        custom=True,
        values=tuple(value.findtext(f"{_NAMESPACE}fullName", default="") for value in values),
        restricted=element.find(f"{_NAMESPACE}valueSet/{_NAMESPACE}restricted") is not None,
    )
