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
    slack = INITIAL if query.initials or rows.has_initials else 0.0
    candidates = np.flatnonzero(sums >= max(floor - slack, 0.0) - _ROUNDING)
    candidates = candidates[sums[candidates] > 0.0]
    bounds = (sums[candidates] + _of_initials(query, rows, candidates)) * factors[rows.kind[candidates]]
    order = np.argsort(-bounds, kind="stable")
    last = int(np.searchsorted(-bounds[order], -(floor - _ROUNDING), side="right"))
    return candidates[order[:last]].astype(np.int32), bounds[order[:last]] + _ROUNDING


def _contributions(query: Query, rows: NameRows) -> tuple[Ints, Doubles]:
    """Each row where a screened word may be found, with the most that it can be worth there."""
    touched: list[Ints] = [np.empty(0, np.int32)]
    worth: list[Doubles] = [np.empty(0, np.float64)]
    starts = rows.postings.starts
    for number, similarity, screened in _stand_ins(query):
        first, last = starts[number], starts[number + 1]
        touched.append(rows.postings.values[first:last])
        worth.append(rows.shares[first:last] * (similarity * LISTED_SHARE) + similarity * screened)
    for word in query.words:
        joined = rows.joined[word.text]
        if len(joined):
            listed = LISTED_SHARE * np.minimum(2 * HEAVIEST / rows.total[joined], 1.0)
            touched.append(joined)
            worth.append(JOINED * (SCREENED_SHARE * word.weight / query.total + listed))
    return np.concatenate(touched), np.concatenate(worth)


def _stand_ins(query: Query) -> Iterator[tuple[int, float, float]]:
    """Listed words by number that screened ones may stand for: how surely, and for how much of the name."""
    for word in query.words:
        screened = SCREENED_SHARE * word.weight / query.total
        for number, (_, similarity) in word.neighbours.items():
            yield number, similarity, screened
    for at, number in query.joins:
        both = query.words[at].weight + query.words[at + 1].weight
        yield number, JOINED, SCREENED_SHARE * both / query.total


def _of_initials(query: Query, rows: NameRows, candidates: NDArray[np.intp]) -> Doubles:
    """What initials on either side could add."""
    theirs = rows.initials[candidates]
    if not query.initials and not theirs.any():
        return np.zeros(len(candidates))
    totals = rows.total[candidates]
    screened = np.minimum(theirs * HEAVIEST + query.initials * INITIAL_WEIGHT, query.total) / query.total
    listed = np.minimum(theirs * INITIAL_WEIGHT + query.initials * HEAVIEST, totals) / totals
    added = INITIAL * (SCREENED_SHARE * screened + LISTED_SHARE * listed)
    return np.where(theirs + query.initials > 0, added, 0.0)
