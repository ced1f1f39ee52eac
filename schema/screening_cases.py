"""The review queue of compliance officers."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from commerce import case_records, cleared_hits, screening_cases
from commerce.access import Environment
from commerce.parties import PartyKind
from commerce.screening import Decision
from commerce.screening_cases import CaseState
from commerce.screening_questions import QuestionField
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import screening_cases as resolvers
from schema.partners import Partner
from schema.screening import Screening, ScreeningMatch

if TYPE_CHECKING:
    from schema.orders import Order


@view(of=cleared_hits.ClearedHit, description="A hit on the cleared list: this party is not that entry.")
class ClearedHit:
    id: strawberry.ID = strawberry.field(description="Opaque, prefixed and stable for ever.")
    party_name: str = strawberry.field(description="The party, as it was screened.")
    list_code: str = strawberry.field(name="list", description="The denied-party list.")
    entry_id: str = strawberry.field(description="The entry's id on that list.")
    entry_hash: str = strawberry.field(
        description="The entry's content: any change of it ends the clearance."
    )
    entry_name: str = strawberry.field(description="The entry's primary name.")
    note: str = strawberry.field(description="Why it is somebody else.")
    proposed_by: str = strawberry.field(description="The officer who cleared the case.")
    proposed_at: datetime = strawberry.field(description="When, UTC.")
    confirmed_by: str | None = strawberry.field(
        description="The second officer, by whose word it counts; null while it does not count yet."
    )
    expires_at: datetime = strawberry.field(description="When it ends by itself, UTC.")
    revoked_by: str | None = strawberry.field(description="The officer who took it back.")


@view(of=screening_cases.ScreenedParty, description="A party as it was screened.")
class ScreenedParty:
    kind: PartyKind = strawberry.field(description="What it is.")
    role: str = strawberry.field(description="What it is to its orders.")
    name: str = strawberry.field(description="Its name.")
    aliases: list[str] = strawberry.field(description="Its other names.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code; empty where it is not known.")
    address: str = strawberry.field(description="Its address in one line.")
    identifiers: list[str] = strawberry.field(description="Its numbers, each with its kind.")
    date_of_birth: str | None = strawberry.field(description="Its date of birth, where it is known.")


@view(of=case_records.CaseRecord, description="Something done to a case.")
class CaseRecord:
    kind: str = strawberry.field(description="What: case.opened, case.claimed, case.cleared and so on.")
    actor: str = strawberry.field(description="Who; SYSTEM where nobody had to.")
    at: datetime = strawberry.field(description="When, UTC.")
    note: str | None = strawberry.field(description="What was said.")


@view(of=screening_cases.ScreeningCase, description="A party that screening held or denied, to be reviewed.")
class ScreeningCase:
    id: strawberry.ID = strawberry.field(description="Opaque, prefixed and stable for ever.")
    environment: Environment = strawberry.field(description="Production or sandbox.")
    state: CaseState = strawberry.field(description="Where it stands.")
    decision: Decision = strawberry.field(description="HOLD or DENY: a denial takes two officers to clear.")
    workflow: str = strawberry.field(description="The workflow policy that the party was screened under.")
    party_name: str = strawberry.field(description="Who it is about.")
    party_role: str = strawberry.field(description="What the party is to its orders.")
    party: ScreenedParty = strawberry.field(description="The party as it was screened.")
    reasons: list[str] = strawberry.field(description="What screening found, as codes.")
    lists: list[str] = strawberry.field(description="The denied-party lists that it may be on.")
    hits: str = strawberry.field(
        description="Equal for cases that rest on the very same entries and reasons."
    )
    top_score: float = strawberry.field(description="The best score among its matches, 0 to 1.")
    opened_at: datetime = strawberry.field(description="When it was opened, UTC.")
    due_at: datetime = strawberry.field(description="When an officer should have decided, UTC.")
    is_overdue: bool = batched(
        resolvers.are_overdue, scope=Scope.PARENT, description="Whether it waits for an officer beyond that."
    )
    claimed_by: str | None = strawberry.field(description="The officer who works on it.")
    claimed_until: datetime | None = strawberry.field(description="When the claim ends by itself, UTC.")
    first_officer: str | None = strawberry.field(
        description="The officer who has cleared a denial, while another is still needed."
    )
    note: str | None = strawberry.field(description="What the officer who decided says.")
    asked_for: QuestionField | None = strawberry.field(description="The fact that the partner is asked for.")
    question: str | None = strawberry.field(description="The question as the partner reads it.")
    asked_at: datetime | None = strawberry.field(description="Since when the partner is asked, UTC.")
    closed_by: str | None = strawberry.field(description="Who closed it; SYSTEM where no officer had to.")
    closed_at: datetime | None = strawberry.field(description="When, UTC; null while it is open.")
    partner: Partner | None = batched(
        resolvers.partners_of, scope=Scope.VIEWER, description="The partner whose orders wait for it."
    )
    orders: list[Annotated["Order", strawberry.lazy("schema.orders")]] = batched(
        resolvers.orders_of, scope=Scope.VIEWER, description="The orders that wait, or waited, for it."
    )
    screening: Screening | None = batched(
        resolvers.screenings_of, scope=Scope.VIEWER, description="The newest screening that found the party."
    )
    matches: list[ScreeningMatch] = batched(
        resolvers.matches_of, scope=Scope.VIEWER, description="The listed parties that the party may be."
    )
    cleared_hits: list[ClearedHit] = batched(
        resolvers.cleared_hits_of, scope=Scope.VIEWER, description="What clearing it put on the cleared list."
    )
    history: list[CaseRecord] = batched(
        resolvers.histories_of, scope=Scope.VIEWER, description="Everything done to it, the first first."
    )
