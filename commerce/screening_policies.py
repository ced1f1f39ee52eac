"""What a screening result means: thresholds, territories and consequences as versioned data."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from json import dumps
from types import MappingProxyType

from commerce.matches import CONSEQUENCES, Consequence
from commerce.parties import ListCode, PartyKind, Role
from commerce.screening_questions import QuestionField


class Workflow(StrEnum):
    """How a hold is worked; the decision itself is the same in each."""

    PARTNER_SELF_SERVICE = "PARTNER_SELF_SERVICE"
    SALES_ASSISTED = "SALES_ASSISTED"
    ECOMMERCE = "ECOMMERCE"


class ReasonCode(StrEnum):
    LISTED_PARTY = "LISTED_PARTY"
    LISTED_IDENTIFIER = "LISTED_IDENTIFIER"
    POSSIBLE_MATCH = "POSSIBLE_MATCH"
    LICENSE_REQUIRED = "LICENSE_REQUIRED"
    RED_FLAG = "RED_FLAG"
    SECTORAL_REVIEW = "SECTORAL_REVIEW"
    EMBARGOED_TERRITORY = "EMBARGOED_TERRITORY"
    EMBARGOED_LOCALITY = "EMBARGOED_LOCALITY"
    COUNTRY_MISSING = "COUNTRY_MISSING"
    COUNTRY_UNREADABLE = "COUNTRY_UNREADABLE"
    NAME_UNSCREENABLE = "NAME_UNSCREENABLE"
    LISTS_STALE = "LISTS_STALE"
    LIST_MISSING = "LIST_MISSING"
    SCREENING_UNAVAILABLE = "SCREENING_UNAVAILABLE"


_REVIEWED = (
    "A routine compliance review is in progress. No action is needed from you; we will update the order."
)

PARTNER_WORDS: Mapping[ReasonCode, str] = MappingProxyType(
    {
        ReasonCode.LISTED_PARTY: "We are unable to process this order.",
        ReasonCode.LISTED_IDENTIFIER: "We are unable to process this order.",
        ReasonCode.EMBARGOED_TERRITORY: "We are unable to supply this destination.",
        ReasonCode.POSSIBLE_MATCH: _REVIEWED,
        ReasonCode.LICENSE_REQUIRED: _REVIEWED,
        ReasonCode.RED_FLAG: _REVIEWED,
        ReasonCode.SECTORAL_REVIEW: _REVIEWED,
        ReasonCode.EMBARGOED_LOCALITY: "Please confirm the full address, including region and postal code.",
        ReasonCode.COUNTRY_MISSING: "Please give the country of the address.",
        ReasonCode.COUNTRY_UNREADABLE: "Please give the country of the address as a two-letter ISO code.",
        ReasonCode.NAME_UNSCREENABLE: "Please give the full legal name.",
        ReasonCode.LISTS_STALE: _REVIEWED,
        ReasonCode.LIST_MISSING: _REVIEWED,
        ReasonCode.SCREENING_UNAVAILABLE: _REVIEWED,
    }
)
"""All that a partner may be told: never a list, an entry or a score."""

BLOCKED_KINDS = frozenset({"NEW", "ADD_SEATS", "SWITCH"})

MISSING_FACTS: Mapping[ReasonCode, QuestionField] = MappingProxyType(
    {
        ReasonCode.COUNTRY_MISSING: QuestionField.COUNTRY,
        ReasonCode.COUNTRY_UNREADABLE: QuestionField.COUNTRY,
        ReasonCode.EMBARGOED_LOCALITY: QuestionField.ADDRESS,
        ReasonCode.NAME_UNSCREENABLE: QuestionField.LEGAL_NAME,
        ReasonCode.POSSIBLE_MATCH: QuestionField.TAX_ID,
    }
)
"""Which fact would decide a hold, where the buyer is asked for it at once."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One row of the policy table. `fingerprint` goes into every decision made under it.

    `review_within` is how long a case may wait for an officer, `cleared_for` how long a cleared hit holds;
    `asks` names the fact that the buyer is asked for at once. `partner_words` are all a partner may be told.
    """

    workflow: Workflow
    version: int = 1
    review_person_at: float = 0.55
    review_organisation_at: float = 0.60
    deny_at: float = 0.92
    keep_at: float = 0.50
    keep_matches: int = 20
    consequences: Mapping[ListCode, Consequence] = field(
        default_factory=lambda: MappingProxyType(CONSEQUENCES)
    )
    required_lists: frozenset[ListCode] = frozenset({ListCode.OFAC_SDN})
    embargoed: frozenset[str] = frozenset({"CU", "IR", "KP", "UA-43", "UA-40", "UA-14", "UA-09"})
    country_required_of: frozenset[Role] = frozenset({Role.CUSTOMER, Role.END_USER, Role.SHIP_TO})
    max_list_age: timedelta = timedelta(hours=36)
    hold_blocks: frozenset[str] = BLOCKED_KINDS
    review_within: timedelta = timedelta(hours=4)
    cleared_for: timedelta = timedelta(days=365)
    asks: Mapping[ReasonCode, QuestionField] = field(default_factory=lambda: MappingProxyType({}))
    partner_words: Mapping[ReasonCode, str] = field(default_factory=lambda: PARTNER_WORDS)
    _fingerprint: str = field(default="", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rules = {item.name: _plain(getattr(self, item.name)) for item in fields(self) if item.init}
        digest = sha256(dumps(rules, sort_keys=True).encode()).hexdigest()
        object.__setattr__(self, "_fingerprint", digest)

    def __hash__(self) -> int:
        return hash(self._fingerprint)

    def review_threshold(self, kind: PartyKind) -> float:
        """The score from which a person looks; an unknown kind is looked at soonest."""
        if kind is PartyKind.ORGANISATION:
            return self.review_organisation_at
        return self.review_person_at

    def fingerprint(self) -> str:
        """64 hex digits over every rule of the row."""
        return self._fingerprint


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return value.total_seconds() if isinstance(value, timedelta) else value


PARTNER_SELF_SERVICE = Policy(Workflow.PARTNER_SELF_SERVICE)
SALES_ASSISTED = Policy(Workflow.SALES_ASSISTED)
ECOMMERCE = Policy(Workflow.ECOMMERCE, review_within=timedelta(hours=1), asks=MISSING_FACTS)

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {policy.workflow.value: policy for policy in (PARTNER_SELF_SERVICE, SALES_ASSISTED, ECOMMERCE)}
)
"""Version 1 of each policy, as the migration writes it; what holds where the rows cannot be read."""
