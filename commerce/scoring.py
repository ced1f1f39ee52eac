"""From the parts of a match to its score: nothing enters a score that the parts do not show."""

from commerce.matches import Evidence, Parts, TokenPair
from commerce.parties import PartyKind

SCREENED_SHARE = 0.62
LISTED_SHARE = 0.38
JOINED = 0.95
INITIAL = 0.4
LONE = 0.9
MINIMUM_EVIDENCE = 1.0
BELOW_EVIDENCE = 0.69
DECIMALS = 4
THIN = 0.5

PERSON_AND_ORGANISATION = 0.85
PARTY_AND_CONVEYANCE = 0.75
WEAK_NAME_FACTOR = 0.85

_CONVEYANCES = (PartyKind.VESSEL, PartyKind.AIRCRAFT)
_EVIDENCE_SHARES = {
    Evidence.EXACT: 1.0,
    Evidence.EDIT: 1.0,
    Evidence.SOUND: 0.8,
    Evidence.JOINED: 1.0,
    Evidence.INITIAL: 0.0,
}
_SOUND_SHARE_OF_ORGANISATIONS = 0.55


def score_of(parts: Parts) -> float:
    """0 to 1, four decimals: coverage of both names, then factors, then facts besides the name.

    Less than one unit of evidence never reaches review, whatever the coverage: one shared common word is
    not a match.
    """
    name = (
        name_score(parts.pairs, parts.screened_total, parts.listed_total)
        * parts.kind_factor
        * parts.name_factor
    )
    if parts.evidence < MINIMUM_EVIDENCE:
        name = min(name, BELOW_EVIDENCE)
    qualified = name + sum(qualifier.effect for qualifier in parts.qualifiers)
    return round(min(max(qualified, 0.0), 1.0), DECIMALS)


def name_score(pairs: tuple[TokenPair, ...], screened_total: float, listed_total: float) -> float:
    """How much of each name the pairs explain, by weight; less if either is explained thinly. 0 to 1."""
    if not pairs or not screened_total or not listed_total:
        return 0.0
    screened = min(sum(pair.similarity * pair.screened_weight for pair in pairs) / screened_total, 1.0)
    listed = min(sum(pair.similarity * pair.listed_weight for pair in pairs) / listed_total, 1.0)
    thinnest = min(screened, listed, THIN) / THIN
    lone = (
        LONE if len(pairs) == 1 and max(screened_total, listed_total) > pairs[0].listed_weight * 1.2 else 1.0
    )
    return (SCREENED_SHARE * screened + LISTED_SHARE * listed) * (0.85 + 0.15 * thinnest) * lone


def evidence_of(pairs: tuple[TokenPair, ...], kind: PartyKind, *, whole: bool) -> float:
    """Units of evidence: the weight of what was found, sounds counting less, initials nothing.

    A name found whole is one unit at the least, however common its words: letter by letter, or with slips
    of the pen if it has several words.
    """
    sound = _EVIDENCE_SHARES[Evidence.SOUND] if kind is PartyKind.PERSON else _SOUND_SHARE_OF_ORGANISATIONS
    units = 0.0
    for pair in pairs:
        share = sound if pair.evidence is Evidence.SOUND else _EVIDENCE_SHARES[pair.evidence]
        units += share * pair.similarity * min(pair.screened_weight, pair.listed_weight)
    written = {pair.evidence for pair in pairs}
    if whole and (
        written == {Evidence.EXACT} or (len(pairs) > 1 and written <= {Evidence.EXACT, Evidence.EDIT})
    ):
        return max(units, MINIMUM_EVIDENCE)
    return units


def kind_factor(screened: PartyKind, listed: PartyKind) -> float:
    """Less for a person against a company, least for either against a ship; the unknown may be anything."""
    if screened is listed or PartyKind.UNKNOWN in (screened, listed):
        return 1.0
    return PARTY_AND_CONVEYANCE if listed in _CONVEYANCES else PERSON_AND_ORGANISATION
