"""Screening decisions."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from commerce import screenings
from commerce.access import Role, staff
from commerce.screening import Decision
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import screening as resolvers

EVIDENCE = staff(Role.COMPLIANCE, Role.OPERATOR, Role.REP, Role.PARTNER_OPS, else_null=True)
"""Who may know the listed parties; partners are told of their reasons in neutral words."""


@view(of=screenings.ListInForce, description="A denied-party list, as it was when a decision was made.")
class ListInForce:
    source: str = strawberry.field(description="The official file set.")
    sha256: str = strawberry.field(description="Hash of its content: the files are kept under it.")
    entries: int = strawberry.field(description="How many entries it had.")
    published_on: date | None = strawberry.field(description="The day that the list gives itself.")
    checked_at: datetime | None = strawberry.field(
        description="When its publisher was last asked, UTC; null where it was pinned by hand."
    )


@view(of=screenings.MatchedWord, description="A screened word against a listed one.")
class MatchedWord:
    screened: str = strawberry.field(description="The word of the screened name.")
    listed: str = strawberry.field(description="The word of the listed name.")
    evidence: str = strawberry.field(description="EXACT, EDIT, SOUND, JOINED, INITIAL or RESEMBLANCE.")
    similarity: float = strawberry.field(description="0 to 1.")
    screened_weight: float = strawberry.field(description="How telling the screened word is.")
    listed_weight: float = strawberry.field(description="How telling the listed word is.")


@view(of=screenings.MatchedFact, description="A fact besides the name that agrees or differs.")
class MatchedFact:
    kind: str = strawberry.field(description="Which fact, and whether it agrees.")
    effect: float = strawberry.field(description="What it adds to the score.")
    detail: str = strawberry.field(description="The values compared.")


@view(of=screenings.ScoreParts, description="Everything a score is computed from: docs/screening.md.")
class ScoreParts:
    words: list[MatchedWord] = strawberry.field(description="The words that stand for one another.")
    screened_total: float = strawberry.field(description="Weight of the whole screened name.")
    listed_total: float = strawberry.field(description="Weight of the whole listed name.")
    evidence: float = strawberry.field(description="Weight found, on the lighter side.")
    evidence_wanted: float = strawberry.field(description="Weight from which the evidence is full.")
    kind_factor: float = strawberry.field(description="Less than 1 where the kinds of party differ.")
    name_factor: float = strawberry.field(description="Less than 1 for a weak alias.")
    facts: list[MatchedFact] = strawberry.field(description="What is known besides the name.")


@view(of=screenings.ScreeningMatch, description="A listed party that a screened party may be. Staff only.")
class ScreeningMatch:
    list_code: str = strawberry.field(name="list", description="The denied-party list.")
    entry_id: str = strawberry.field(description="The entry's id on that list.")
    entry_name: str = strawberry.field(description="The entry's primary name.")
    matched_name: str = strawberry.field(description="The listed name that matched.")
    screened_name: str = strawberry.field(description="The name that was screened.")
    subject_role: str = strawberry.field(description="What the screened party is to the order.")
    score: Decimal = strawberry.field(description="0 to 1; computed from the parts that are kept with it.")
    weak_name: bool = strawberry.field(description="Whether the list calls the matched name a weak alias.")
    consequence: str = strawberry.field(description="What a true match on this list means for an order.")
    score_parts: ScoreParts = strawberry.field(description="What the score is computed from.")
    programmes: list[str] = strawberry.field(description="The sanctions programmes of the entry.")


@view(of=screenings.Screening, description="The compliance decision on an order.")
class Screening:
    id: strawberry.ID = strawberry.field(description="Opaque, prefixed and stable for ever.")
    decision: Decision = strawberry.field(description="CLEAR, HOLD or DENY.")
    partner_words: list[str] = strawberry.field(
        name="messages", description="What can be said of the reasons, gravest first; empty when clear."
    )
    is_sample: bool = strawberry.field(
        name="againstSamples",
        description="True where synthetic sample lists were in force: nobody is cleared in earnest by them.",
    )
    workflow: str = strawberry.field(description="The workflow policy under which it was decided.")
    policy_version: int = strawberry.field(description="The version of that policy.")
    decided_by: str = strawberry.field(description="Who or what decided.")
    decided_at: datetime = strawberry.field(description="When, UTC.")
    matches: list[ScreeningMatch] | None = batched(
        resolvers.matches_of,
        scope=Scope.VIEWER,
        access=EVIDENCE,
        description="The listed parties it rests on, the nearest first. Staff only; null for partners.",
    )
    lists: list[str] | None = batched(
        resolvers.lists_of,
        scope=Scope.PARENT,
        access=EVIDENCE,
        description="The lists in force, each with its content hash. Staff only; null for partners.",
    )
    list_versions: list[ListInForce] | None = batched(
        resolvers.list_versions_of,
        scope=Scope.PARENT,
        description="The lists in force, each whole. Staff only; null for partners.",
        access=EVIDENCE,
    )
