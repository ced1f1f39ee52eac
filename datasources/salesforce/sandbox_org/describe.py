"""Describe results: what clients read to learn objects and fields."""

from typing import Any

from datasources.salesforce.sandbox_org.metadata import Field, Schema, SObject

_SOAP_TYPES = {"double": "xsd:double", "boolean": "xsd:boolean", "int": "xsd:int", "date": "xsd:date"}


def describe_summary(sobject: SObject, version: str) -> dict[str, Any]:
    address = f"/services/data/v{version}/sobjects/{sobject.name}"
    return {
        "name": sobject.name,
        "label": sobject.name,
        "labelPlural": f"{sobject.name}s",
        "keyPrefix": sobject.prefix,
        "custom": False,
        "createable": True,
        "updateable": True,
        "deletable": True,
        "queryable": True,
        "retrieveable": True,
        "undeletable": False,
        "urls": {
            "sobject": address,
            "describe": f"{address}/describe",
            "rowTemplate": address + "/{ID}",
        },
    }


def describe_object(schema: Schema, sobject: SObject, version: str) -> dict[str, Any]:
    children = [
        {"childSObject": child.name, "field": reference.name, "relationshipName": reference.children}
        for child, reference in schema.children(sobject)
    ]
    return {
        **describe_summary(sobject, version),
        "fields": [_describe_field(field) for field in sobject.fields.values()],
        "childRelationships": children,
        "recordTypeInfos": [],
    }


def _describe_field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label or field.name,
        "type": field.type,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "length": field.length,
        "nillable": field.nillable,
        "defaultedOnCreate": field.type == "boolean" or field.name == "OwnerId",
        "createable": not field.computed,
        "updateable": not (field.computed or field.fixed),
        "custom": field.custom,
        "externalId": field.external_id,
        "idLookup": field.lookup,
        "unique": field.unique,
        "caseSensitive": False,
        "filterable": field.type != "textarea",
        "sortable": field.type != "textarea",
        "calculated": False,
        "referenceTo": [field.refers_to] if field.refers_to else [],
        "relationshipName": field.relationship or None,
        "restrictedPicklist": field.restricted,
        "picklistValues": [{"value": value, "label": value, "active": True} for value in field.values],
    }
