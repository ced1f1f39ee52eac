"""A match and the parts its score is made of: the score can always be computed again from them."""

from dataclasses import dataclass
from enum import StrEnum

from commerce.parties import ListCode, PartyKind, Role


class Consequence(StrEnum):
    """What a true match on a list means for an order."""

    BLOCK = "BLOCK"
    LICENSE_REQUIRED = "LICENSE_REQUIRED"
    RED_FLAG = "RED_FLAG"
    SECTORAL = "SECTORAL"
    REVIEW = "REVIEW"


class Evidence(StrEnum):
    """How a token of the screened name was found in a listed name."""

    EXACT = "EXACT"
    EDIT = "EDIT"
    SOUND = "SOUND"
    JOINED = "JOINED"
    INITIAL = "INITIAL"
    RESEMBLANCE = "RESEMBLANCE"


class QualifierKind(StrEnum):
    COUNTRY_AGREES = "COUNTRY_AGREES"
    COUNTRY_DIFFERS = "COUNTRY_DIFFERS"
    ADDRESS_AGREES = "ADDRESS_AGREES"
    BIRTH_AGREES = "BIRTH_AGREES"
    BIRTH_DIFFERS = "BIRTH_DIFFERS"
    IDENTIFIER_AGREES = "IDENTIFIER_AGREES"
    NUMBER_DIFFERS = "NUMBER_DIFFERS"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """One token against one token. `weight`s are informativeness (idf scaled by class); similarity 0 to 1."""

    screened: str
    listed: str
    evidence: Evidence
    similarity: float
    screened_weight: float
    listed_weight: float


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A fact besides the name; `effect` is added to the name score."""

    kind: QualifierKind
    effect: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the score depends on; see `commerce.scoring.score_of`."""

    pairs: tuple[TokenPair, ...] = ()
    screened_total: float = 0.0
    listed_total: float = 0.0
    evidence: float = 0.0
    evidence_wanted: float = 0.0
    kind_factor: float = 1.0
    name_factor: float = 1.0
    qualifiers: tuple[Qualifier, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryKey:
    """An entry in the form it had: a cleared hit is remembered against this."""

    list: ListCode
    entry_id: str
    entry_hash: str


@dataclass(frozen=True, slots=True)
class Match:
    """One listed party that a screened party may be. `score` is 0 to 1."""

    list: ListCode
    entry_id: str
    entry_hash: str
    entry_kind: PartyKind
    entry_name: str
    matched_name: str
    screened_name: str
    subject_role: Role
    subject_reference: str
    score: float
    parts: Parts
    weak_name: bool
    provisional: bool
    programmes: tuple[str, ...]
    consequence: Consequence

    @property
    def key(self) -> EntryKey:
        return EntryKey(self.list, self.entry_id, self.entry_hash)

    def has(self, *kinds: QualifierKind) -> bool:
        return any(qualifier.kind in kinds for qualifier in self.parts.qualifiers)


CONSEQUENCES: dict[ListCode, Consequence] = {
    ListCode.OFAC_SDN: Consequence.BLOCK,
    ListCode.UN_SC: Consequence.BLOCK,
    ListCode.EU_FSF: Consequence.BLOCK,
    ListCode.UK_OFSI: Consequence.BLOCK,
    ListCode.BIS_DPL: Consequence.BLOCK,
    ListCode.BIS_ENTITY: Consequence.LICENSE_REQUIRED,
    ListCode.BIS_MILITARY_END_USER: Consequence.LICENSE_REQUIRED,
    ListCode.BIS_UNVERIFIED: Consequence.RED_FLAG,
    ListCode.STATE_ISN: Consequence.REVIEW,
    ListCode.STATE_DEBARRED: Consequence.REVIEW,
    ListCode.OFAC_FSE: Consequence.REVIEW,
    ListCode.OFAC_SSI: Consequence.SECTORAL,
    ListCode.OFAC_CMIC: Consequence.SECTORAL,
    ListCode.OFAC_CAPTA: Consequence.SECTORAL,
    ListCode.OFAC_MBS: Consequence.SECTORAL,
    ListCode.OFAC_PLC: Consequence.SECTORAL,
    ListCode.OFAC_CONSOLIDATED: Consequence.SECTORAL,
}
