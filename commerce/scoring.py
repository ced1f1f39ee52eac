"""From the parts of a match to its score: nothing enters a score that the parts do not show."""

from commerce.matches import Evidence, Parts, TokenPair
from commerce.parties import PartyKind

SCREENED_SHARE = 0.5
LISTED_SHARE = 0.5
JOINED = 0.95
INITIAL = 0.4
RESEMBLANCE = 0.8
"""What a word counts that sounds just like another one by chance; see `commerce.assignment`."""
LEAST_RESEMBLANCE = 0.6
MINIMUM_EVIDENCE = 1.0
BELOW_EVIDENCE = 0.45
LEAST_WRITTEN = 0.6
"""Below this coverage no name is found whole letter by letter, slips of the pen included."""
EVIDENCE_WANTED = 2.5
EVIDENCE_SWAY = 0.4
WHOLE = 0.999
LONE = 0.75
LONE_ROOM = 1.2
LEFT_OVER = 0.35
DECIMALS = 4

PERSON_AND_ORGANISATION = 0.85
PARTY_AND_CONVEYANCE = 0.75
WEAK_NAME_FACTOR = 0.85

_CONVEYANCES = (PartyKind.VESSEL, PartyKind.AIRCRAFT)
_EVIDENCE_SHARES = {
    Evidence.EXACT: 1.0,
    Evidence.EDIT: 1.0,
    Evidence.SOUND: 1.0,
    Evidence.JOINED: 1.0,
    Evidence.INITIAL: 0.0,
    Evidence.RESEMBLANCE: 0.0,
}
_SOUND_SHARE_OF_COMPANIES = 0.7


def score_of(parts: Parts) -> float:
    """0 to 1, four decimals: coverage of both names, then factors, then facts besides the name.

    Less than one unit of evidence never reaches review, whatever the coverage: one shared common word is
    not a match.
    """
    name = name_score(parts) * parts.kind_factor * parts.name_factor
    if parts.evidence < MINIMUM_EVIDENCE:
        name = min(name, BELOW_EVIDENCE)
    qualified = name + sum(qualifier.effect for qualifier in parts.qualifiers)
    return round(min(max(qualified, 0.0), 1.0), DECIMALS)


def name_score(parts: Parts) -> float:
    """How much of each name the pairs explain, by weight; less on thin evidence unless both are explained."""
    if not parts.pairs or not parts.screened_total or not parts.listed_total:
        return 0.0
    screened = min(sum(p.similarity * p.screened_weight for p in parts.pairs) / parts.screened_total, 1.0)
    listed = min(sum(p.similarity * p.listed_weight for p in parts.pairs) / parts.listed_total, 1.0)
    covered = SCREENED_SHARE * screened + LISTED_SHARE * listed
    if min(screened, listed) > WHOLE:
        return covered
    return covered * _lone(parts) * swayed(parts.evidence, parts.evidence_wanted)


def swayed(evidence: float, wanted: float) -> float:
    """The factor for evidence that falls short of what is wanted; 1 if nothing is."""
    return 1.0 - EVIDENCE_SWAY * (1.0 - min(evidence / wanted, 1.0)) if wanted else 1.0


def _lone(parts: Parts) -> float:
    """Less for a single word in common when either name has more to say."""
    if len(parts.pairs) > 1:
        return 1.0
    room = max(parts.screened_total, parts.listed_total) > LONE_ROOM * parts.pairs[0].listed_weight
    return LONE if room else 1.0


def evidence_of(
    pairs: tuple[TokenPair, ...], kind: PartyKind, screened_total: float, listed_total: float
) -> float:
    """Units of evidence: the weight of what was found, a company's sounds counting less, initials and
    resemblances nothing.

    A name found whole is one unit at the least, however common its words: letter by letter, or with slips
    of the pen if it has several words. What tells nothing, such as words of a legal form, may be left over.
    """
    units = 0.0
    for pair in pairs:
        share = _EVIDENCE_SHARES[pair.evidence]
        if pair.evidence is Evidence.SOUND and kind is not PartyKind.PERSON:
            share = _SOUND_SHARE_OF_COMPANIES
        units += share * pair.similarity * min(pair.screened_weight, pair.listed_weight)
    left = max(
        screened_total - sum(pair.screened_weight for pair in pairs),
        listed_total - sum(pair.listed_weight for pair in pairs),
    )
    whole = left <= LEFT_OVER
    written = {pair.evidence for pair in pairs}
    if whole and (
        written == {Evidence.EXACT} or (len(pairs) > 1 and written <= {Evidence.EXACT, Evidence.EDIT})
    ):
        return max(units, MINIMUM_EVIDENCE)
    return units


def evidence_wanted(screened: PartyKind) -> float:
    """People share names more than companies do: of a person's name more must be found to be sure."""
    return EVIDENCE_WANTED if screened is PartyKind.PERSON else 0.0


def kind_factor(screened: PartyKind, listed: PartyKind) -> float:
    """Less for a person against a company, least for either against a ship; the unknown may be anything."""
    if screened is listed or PartyKind.UNKNOWN in (screened, listed):
        return 1.0
    return PARTY_AND_CONVEYANCE if listed in _CONVEYANCES else PERSON_AND_ORGANISATION
