"""Searches that were made before: partners, and customers who order again, are not searched for anew.

What an index finds for a party never changes, so that a search is remembered for as long as the edition is in
force. A search that fails is not remembered.
"""

from functools import lru_cache

from commerce.matches import Match
from commerce.matching import Index
from commerce.parties import Subject

REMEMBERED = 8_192
"""Parties of one edition; some 10 MB."""


class Searches:
    """The searches of one edition."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._known = lru_cache(most)(_found)

    def of(self, index: Index, subject: Subject, *, floor: float, limit: int) -> tuple[Match, ...]:
        """What the index finds for a party, best first."""
        return self._known(index, subject, floor, limit)


def _found(index: Index, subject: Subject, floor: float, limit: int) -> tuple[Match, ...]:
    return tuple(index.search(subject, floor=floor, limit=limit))
