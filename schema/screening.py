"""Screening decisions."""

from datetime import datetime
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
