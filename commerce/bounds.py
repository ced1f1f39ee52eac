"""How much a listed name could score at most, for all at once: what is below the floor is never weighed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from commerce.assignment import Query
from commerce.name_rows import Ints, NameRows
from commerce.scoring import (
    BELOW_EVIDENCE,
    EVIDENCE_SWAY,
    INITIAL,
    JOINED,
    LEAST_WRITTEN,
    LISTED_SHARE,
    MINIMUM_EVIDENCE,
    RESEMBLANCE,
    SCREENED_SHARE,
    WHOLE,
)
from commerce.tokens import HEAVIEST, INITIAL_WEIGHT

Doubles = NDArray[np.float64]
_ROUNDING = 1e-5


def bounded(query: Query, rows: NameRows, factors: Doubles, floor: float) -> tuple[Ints, Doubles]:
    """Rows whose name could score `floor` or more, and that bound, highest first. `factors` go by kind.

    Every pair an assignment may choose is counted, those that exclude one another together, so that no
    name scores above its bound. A row that only initials touch scores nothing and is left out.
    """
    touched, worth = _contributions(query, rows)
    sums: Doubles = np.bincount(touched, weights=worth, minlength=len(rows.entry)).astype(
        np.float64, copy=False
    )
    candidates = _candidates(sums, query, rows, _least_found(query, floor) - _ROUNDING)
    found = sums[candidates] + _of_initials(query, rows, candidates)
    evidence = _evidence(query, rows.total[candidates], found)
    covered = resembled(found, evidence) if query.evidence_wanted else found
    evidence = np.where(found < LEAST_WRITTEN, evidence, np.maximum(evidence, MINIMUM_EVIDENCE))
    bounds = covered * _swayed(query, evidence, covered) * factors[rows.kind[candidates]]
    bounds = np.where(evidence < MINIMUM_EVIDENCE, np.minimum(bounds, BELOW_EVIDENCE), bounds)
    order = np.argsort(-bounds, kind="stable")
    last = int(np.searchsorted(-bounds[order], -(floor - _ROUNDING), side="right"))
    return candidates[order[:last]].astype(np.int32), bounds[order[:last]] + _ROUNDING


def resembled(found: Doubles, evidence: Doubles) -> Doubles:
    """With what the words left over could add by resemblance, where there may be a unit of evidence."""
    more = np.maximum(found, found + RESEMBLANCE * (1.0 - found))
    return np.where(evidence >= MINIMUM_EVIDENCE - _ROUNDING, more, found)


def _least_found(query: Query, floor: float) -> float:
    """What must be found before resemblance: the floor, or what of a long name is a unit of evidence."""
    return min(floor, MINIMUM_EVIDENCE / (2.0 * query.total)) if query.evidence_wanted else floor


def _candidates(sums: Doubles, query: Query, rows: NameRows, floor: float) -> NDArray[np.intp]:
    """Rows that reach the floor, or could with what initials add; never those that nothing else touches."""
    within = max(floor - INITIAL, _ROUNDING)
    if query.initials:
        return np.flatnonzero(sums >= within)
    others = np.flatnonzero(sums >= max(floor, _ROUNDING))
    lettered = rows.lettered[sums[rows.lettered] >= within]
    return np.union1d(others, lettered) if len(lettered) else others


def _contributions(query: Query, rows: NameRows) -> tuple[Ints, Doubles]:
    """Each row where a screened word may be found, with the most that it can be worth there."""
    stand_ins = np.array(list(_stand_ins(query)), dtype=np.float64).reshape(-1, 3)
    numbers, similarity, screened = stand_ins[:, 0].astype(np.int64), stand_ins[:, 1], stand_ins[:, 2]
    at, of = _spread(rows.postings.starts[numbers], rows.postings.starts[numbers + 1])
    touched = [rows.postings.values[at]]
    worth = [similarity[of] * (rows.shares[at] * LISTED_SHARE + screened[of])]
    for word in query.words:
        joined = rows.joined[word.text]
        if len(joined):
            listed = LISTED_SHARE * np.minimum(2 * HEAVIEST / rows.total[joined], 1.0)
            touched.append(joined)
            worth.append(JOINED * (SCREENED_SHARE * word.weight / query.total + listed))
    return np.concatenate(touched), np.concatenate(worth)


def _spread(firsts: Ints, lasts: Ints) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every position from each first up to its last, and which of them it belongs to."""
    lengths = lasts - firsts
    of = np.repeat(np.arange(len(lengths)), lengths)
    before = np.cumsum(lengths) - lengths
    return np.arange(len(of)) - before[of] + firsts[of], of


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


def _evidence(query: Query, totals: Doubles, covered: Doubles) -> Doubles:
    """The most evidence there can be under a coverage, but for the unit that a name found whole is at least.

    It is at most the weight found on either side, `screened * query.total` and `listed * total`; for a given
    mean of those two shares the smaller weight is largest where both are equal.
    """
    return 2.0 * covered * query.total * totals / (query.total + totals)


def _swayed(query: Query, evidence: Doubles, covered: Doubles) -> Doubles:
    """The most that evidence leaves of a coverage."""
    if not query.evidence_wanted:
        return np.ones(len(covered))
    factor = 1.0 - EVIDENCE_SWAY * (1.0 - np.minimum(evidence / query.evidence_wanted, 1.0))
    return np.where(covered > WHOLE - _ROUNDING, 1.0, factor)
