"""The listed parties of an index: kept packed, unpacked when first looked at, hashed as packed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from json import dumps, loads
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries by position. `starts` are the offsets of each in `packed`, and the end."""

    packed: bytes
    starts: NDArray[np.int64]
    _known: dict[int, ListedParty] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, entries: Iterable[ListedParty]) -> "Entries":
        pieces = [packed(entry) for entry in entries]
        starts = np.zeros(len(pieces) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, pieces), dtype=np.int64, count=len(pieces)), out=starts[1:])
        return cls(b"".join(pieces), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> ListedParty:
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = unpacked(self._piece(number))
        return known

    def __iter__(self) -> Iterator[ListedParty]:
        return (unpacked(self._piece(number)) for number in range(len(self)))

    def pieces(self) -> Iterator[bytes]:
        """Each entry as packed."""
        return map(self._piece, range(len(self)))

    def content_hash(self, number: int) -> str:
        return sha256(self._piece(number)).hexdigest()

    def _piece(self, number: int) -> bytes:
        return self.packed[self.starts[number] : self.starts[number + 1]]


def packed(entry: ListedParty) -> bytes:
    """JSON of the fields in their order: equal entries pack equally, on any machine."""
    return dumps(
        (
            entry.list,
            entry.entry_id,
            entry.kind,
            [(name.text, int(name.weak)) for name in entry.names],
            entry.programmes,
            entry.countries,
            [(a.street, a.city, a.region, a.postal_code, a.country) for a in entry.addresses],
            [(i.kind, i.value, i.country) for i in entry.identifiers],
            [(b.year, b.month, b.day, int(b.circa)) for b in entry.births],
            entry.remarks,
            int(entry.provisional),
        ),
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode("utf-8", "surrogatepass")


def unpacked(piece: bytes) -> ListedParty:
    fields: list[Any] = loads(piece.decode("utf-8", "surrogatepass"))
    (
        code,
        entry_id,
        kind,
        names,
        programmes,
        countries,
        addresses,
        identifiers,
        births,
        remarks,
        provisional,
    ) = fields
    return ListedParty(
        list=ListCode(code),
        entry_id=entry_id,
        kind=PartyKind(kind),
        names=tuple(ListedName(text, bool(weak)) for text, weak in names),
        programmes=tuple(programmes),
        countries=tuple(countries),
        addresses=tuple(Address(*address) for address in addresses),
        identifiers=tuple(
            Identifier(IdentifierKind(of), value, country) for of, value, country in identifiers
        ),
        births=tuple(BirthDate(year, month, day, bool(circa)) for year, month, day, circa in births),
        remarks=remarks,
        provisional=bool(provisional),
    )


def content_hash(entry: ListedParty) -> str:
    """Changes with anything the list says about the party; 64 hex digits."""
    return sha256(packed(entry)).hexdigest()
