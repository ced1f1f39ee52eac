"""What an official list is to Portico: its files, where they are published, and how they read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from commerce.parties import ListCode, ListedParty


class MalformedList(ValueError):
    """A file that is not in the format its publisher promises."""


@dataclass(frozen=True, slots=True)
class OfficialFile:
    """`name` is the path below the lists' directory, without `.gz`; `url` is where it is published."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a list's files say. `rows` are the records of the primary file; `errors` name unreadable ones.

    `orphans` counts entries that only a secondary file names.
    """

    entries: tuple[ListedParty, ...]
    rows: int
    published_on: date | None = None
    errors: tuple[str, ...] = ()
    orphans: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """`parse` takes the files' bytes by name and raises MalformedList; `fewest` is a floor for its rows."""

    code: str
    title: str
    lists: tuple[ListCode, ...]
    files: tuple[OfficialFile, ...]
    parse: Callable[[Mapping[str, bytes]], Parsed]
    fewest: int
