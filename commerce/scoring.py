"""From the parts of a match to its score: nothing enters a score that the parts do not show."""

from commerce.matches import Evidence, Parts, TokenPair

SCREENED_SHARE = 0.62
LISTED_SHARE = 0.38
MINIMUM_EVIDENCE = 1.0
BELOW_EVIDENCE = 0.69
DECIMALS = 4

KIND_FACTOR_PERSON_ORGANISATION = 0.85
KIND_FACTOR_CONVEYANCE = 0.75
WEAK_NAME_FACTOR = 0.85


def score_of(parts: Parts) -> float:
    """0 to 1, four decimals: coverage of both names, then factors, then facts besides the name.

    Less than one unit of informative evidence never reaches review, whatever the coverage: one shared
    common word is not a match.
    """
    name = name_score(parts) * parts.kind_factor * parts.name_factor
    if parts.informative < MINIMUM_EVIDENCE:
        name = min(name, BELOW_EVIDENCE)
    qualified = name + sum(qualifier.effect for qualifier in parts.qualifiers)
    return round(min(max(qualified, 0.0), 1.0), DECIMALS)


def name_score(parts: Parts) -> float:
    """How much of each name the pairs explain, weighted by how telling each token is; 0 to 1."""
    if not parts.screened_total or not parts.listed_total:
        return 0.0
    screened = sum(pair.similarity * pair.screened_weight for pair in parts.pairs) / parts.screened_total
    listed = sum(pair.similarity * pair.listed_weight for pair in parts.pairs) / parts.listed_total
    return SCREENED_SHARE * screened + LISTED_SHARE * listed


def informative(pair: TokenPair) -> bool:
    return pair.evidence is Evidence.EXACT and min(pair.screened_weight, pair.listed_weight) >= 1.0
