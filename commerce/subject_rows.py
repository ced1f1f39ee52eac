"""The parties we know, by the words of their names: what a changed list entry is looked up in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commerce.name_rows import KINDS, Hashed, Ints, Layout
from commerce.names import tokens_of
from commerce.parties import PartyKind, Subject
from commerce.qualifiers import most_added
from commerce.romanisation import readings
from commerce.tokens import least_weight

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SubjectRows:
    """One row for each way that a name of a party is read. Built once for all lists, and never changed.

    `owner` is the party of each row, by its position in `subjects`; `kind` and `added` are that party's kind
    and the most that what is known of it adds to a score. `identifiers` are the parties by their identifiers;
    `least` is what each word weighs at least that is near no listed one.
    """

    subjects: Sequence[Subject]
    layout: Layout
    owner: Ints
    kind: NDArray[np.int8]
    added: Doubles
    identifiers: Hashed
    least: Doubles

    @classmethod
    def of(cls, subjects: Sequence[Subject]) -> "SubjectRows":
        """Linear in the names; about 20 µs each."""
        owners: list[int] = []
        names: list[tuple[str, ...]] = []
        for number, subject in enumerate(subjects):
            for tokens in _names(subject):
                owners.append(number)
                names.append(tokens)
        owner = np.array(owners, dtype=np.int32)
        kinds = np.array([KINDS.index(subject.kind) for subject in subjects], dtype=np.int8)
        added = np.array([most_added(subject) for subject in subjects], dtype=np.float64)
        keys = ((each.key(), number) for number, one in enumerate(subjects) for each in one.identifiers)
        layout = Layout.of(names)
        least = np.array([least_weight(word) for word in layout.words], dtype=np.float64)
        return cls(subjects, layout, owner, kinds[owner], added[owner], Hashed.of(keys), least)

    def __len__(self) -> int:
        return len(self.owner)


def _names(subject: Subject) -> Iterable[tuple[str, ...]]:
    """The names as `Index.search` compares them."""
    person = subject.kind is PartyKind.PERSON
    for name in (subject.name, *subject.aliases):
        for reading in readings(name):
            yield tokens_of(reading, person=person)
