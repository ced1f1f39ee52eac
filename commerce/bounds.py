"""How much a listed name could score at most, for all at once: what is below the floor is never weighed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from commerce.assignment import Query
from commerce.name_rows import Ints, NameRows
from commerce.scoring import INITIAL, JOINED, LISTED_SHARE, SCREENED_SHARE
from commerce.tokens import HEAVIEST, INITIAL_WEIGHT

Doubles = NDArray[np.float64]
_ROUNDING = 1e-5


def bounded(query: Query, rows: NameRows, factors: Doubles, floor: float) -> tuple[Ints, Doubles]:
    """Rows whose name could score `floor` or more, and that bound, highest first. `factors` go by kind.

    Every pair an assignment may choose is counted, those that exclude one another together, so that no
    name scores above its bound. A row that only initials touch scores nothing and is left out.
    """
    touched, worth = _contributions(query, rows)
    sums = np.bincount(touched, weights=worth, minlength=len(rows.entry))
    most = INITIAL if query.initials or rows.has_initials else 0.0
    candidates = np.flatnonzero(sums >= max(floor - most - _ROUNDING, _ROUNDING)).astype(np.int32)
    bounds = (sums[candidates] + _of_initials(query, rows, candidates)) * factors[rows.kind[candidates]]
    order = np.argsort(-bounds, kind="stable")
    last = int(np.searchsorted(-bounds[order], -(floor - _ROUNDING), side="right"))
    return candidates[order[:last]], bounds[order[:last]] + _ROUNDING


def _contributions(query: Query, rows: NameRows) -> tuple[Ints, Doubles]:
    """Each place where a screened word may be found, with the most it can be worth there."""
    touched: list[Ints] = [np.empty(0, np.int32)]
    worth: list[Doubles] = [np.empty(0, np.float64)]
    for places, similarity, screened, listed in _places(query, rows):
        of_listed = LISTED_SHARE * listed / rows.total[places].astype(np.float64)
        touched.append(places)
        worth.append(similarity * (SCREENED_SHARE * screened / query.total + of_listed))
    return np.concatenate(touched), np.concatenate(worth)


def _places(query: Query, rows: NameRows) -> Iterator[tuple[Ints, float, float, float]]:
    """Rows, similarity, screened weight and listed weight of every way to pair."""
    for word in query.words:
        for number, (_, similarity) in word.neighbours.items():
            yield rows.postings[number], similarity, word.weight, float(rows.weights[number])
        if len(word.text) > 1:
            yield rows.joined[word.text], JOINED, word.weight, 2 * HEAVIEST
    for at, number in query.joins:
        both = query.words[at].weight + query.words[at + 1].weight
        yield rows.postings[number], JOINED, both, float(rows.weights[number])


def _of_initials(query: Query, rows: NameRows, candidates: Ints) -> Doubles:
    """What initials on either side could add."""
    totals = rows.total[candidates]
    theirs = rows.initials[candidates]
    screened = np.minimum(theirs * HEAVIEST + query.initials * INITIAL_WEIGHT, query.total) / query.total
    listed = np.minimum(theirs * INITIAL_WEIGHT + query.initials * HEAVIEST, totals) / totals
    added = INITIAL * (SCREENED_SHARE * screened + LISTED_SHARE * listed)
    return np.where(theirs + query.initials > 0, added, 0.0)
