"""What a change of the schema means to those who use it, and what every element of it must have.

Nothing is removed or narrowed without notice: what breaks since the last release must be listed, with the
date it was announced, in `schema-changes.yml`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from graphql import GraphQLSchema, build_schema, find_breaking_changes
from graphql.type import is_specified_directive, is_specified_scalar_type

DEPRECATION = re.compile(r"Use .+\. Removal on (\d{4}-\d{2}-\d{2})\.")

_LISTED = re.compile(r'^- date: (\d{4}-\d{2}-\d{2})\n  change: "?(.+?)"?$', re.MULTILINE)


def breaking_changes(before: str, after: str) -> list[str]:
    """What would break for a client of the SDL `before`, in graphql-core's words, sorted."""
    changes = find_breaking_changes(build_schema(before), build_schema(after))
    return sorted(change.description for change in changes)


def listed(text: str) -> dict[str, date]:
    """The changes that `schema-changes.yml` lists, by what graphql-core says of them, with their dates."""
    return {change: date.fromisoformat(day) for day, change in _LISTED.findall(text)}


def unannounced(before: str, after: str, announced: Mapping[str, date]) -> list[str]:
    """The breaking changes that are not listed."""
    return [change for change in breaking_changes(before, after) if change not in announced]


def faults(sdl: str) -> list[str]:
    """What is wrong with a schema's texts: a description missing, or a deprecation that names no way out."""
    found = []
    for coordinate, element in _elements(build_schema(sdl)):
        if not element.description:
            found.append(f"{coordinate}: no description")
        reason = getattr(element, "deprecation_reason", None)
        if reason is not None and not DEPRECATION.fullmatch(reason):
            found.append(
                f"{coordinate}: the reason must read `Use X. Removal on YYYY-MM-DD.`, not `{reason}`"
            )
    return found


def _elements(schema: GraphQLSchema) -> Iterator[tuple[str, Any]]:
    """Every element of our own, by its coordinate."""
    for name, named in sorted(schema.type_map.items()):
        if name.startswith("__") or is_specified_scalar_type(named):
            continue
        yield name, named
        for member, element in (*_members(named, "fields"), *_members(named, "values")):
            yield f"{name}.{member}", element
            for argument, given in getattr(element, "args", {}).items():
                yield f"{name}.{member}({argument}:)", given
    for directive in schema.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive


def _members(named: object, kind: str) -> list[tuple[str, Any]]:
    found: Mapping[str, Any] = getattr(named, kind, {})
    return list(found.items())
