"""What compliance does besides cases: batches of parties, and what other thresholds would have decided."""

from datetime import datetime

import strawberry

from commerce import screening_batches
from commerce.parties import Address, Identifier, IdentifierKind, PartyKind, Role, Subject
from commerce.screening import Decision
from commerce.screening_policies import Workflow
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import screening_batches as resolvers
from resolvers import simulate_thresholds
from schema.order_payloads import Problem


@strawberry.input(description="A party to screen outside any order.")
class PartyInput:
    name: str = strawberry.field(description="Full or legal name.")
    kind: PartyKind = strawberry.field(default=PartyKind.ORGANISATION, description="What it is.")
    country: str = strawberry.field(default="", description="ISO 3166-1 alpha-2 code.")
    city: str = strawberry.field(default="", description="City.")
    tax_id: str | None = strawberry.field(default=None, description="Tax id.")

    def to_subject(self) -> Subject:
        numbers = (Identifier(IdentifierKind.TAX, self.tax_id, self.country),) if self.tax_id else ()
        address = Address(city=self.city, country=self.country) if self.city else None
        return Subject(self.kind, Role.CUSTOMER, self.name, (), self.country, address, numbers)


@strawberry.input(description="Parties to screen, at most 2,000 in one call.")
class ScreenPartiesInput:
    parties: list[PartyInput] = strawberry.field(description="The parties.")
    batch_id: strawberry.ID | None = strawberry.field(
        default=None, description="The batch to put them in, up to 10,000 in all; a new one without it."
    )
    workflow: Workflow = strawberry.field(
        default=Workflow.PARTNER_SELF_SERVICE, description="The policy to screen a new batch under."
    )


@view(of=screening_batches.BatchParty, description="What was decided on a party of a batch.")
class BatchParty:
    position: int = strawberry.field(description="Its place in the batch, from 1.")
    name: str = strawberry.field(description="Its name.")
    decision: str | None = strawberry.field(description="CLEAR, HOLD or DENY.")
    codes: list[str] = strawberry.field(name="reasons", description="What was found, as codes.")
    best: str | None = strawberry.field(name="nearest", description="The nearest listed name, in a line.")


@view(of=resolvers.BatchCounts, description="How many parties were decided which way.")
class BatchCounts:
    clear: int = strawberry.field(description="Nobody listed was found.")
    hold: int = strawberry.field(description="Somebody should look.")
    deny: int = strawberry.field(description="A listed party.")


@view(
    of=screening_batches.ScreeningBatch, description="Parties screened outside any order, and how far it is."
)
class ScreeningBatch:
    id: strawberry.ID = strawberry.field(description="Opaque, prefixed and stable for ever.")
    workflow: str = strawberry.field(description="The policy that it is screened under.")
    requested_by: str = strawberry.field(description="Who asked for it.")
    requested_at: datetime = strawberry.field(description="When, UTC.")
    parties: int = strawberry.field(description="How many parties it has.")
    done: int = strawberry.field(description="How many of them are screened.")
    finished_at: datetime | None = strawberry.field(description="When all were, UTC; null until then.")
    counts: BatchCounts = batched(
        resolvers.counts_of, scope=Scope.PARENT, description="How those that are screened came out."
    )
    results: list[BatchParty] = batched(
        resolvers.results_of,
        scope=Scope.PARENT,
        description="What was decided, by place.",
        arguments={
            "decisions": "Only these decisions; HOLD and DENY without it.",
            "after_position": "Only places after this one.",
            "first": "How many, at most 500.",
        },
    )


@view(of=resolvers.BatchChange, description="The batch as it now stands.")
class ScreenPartiesPayload:
    batch: ScreeningBatch | None = strawberry.field(description="The batch; null where it was refused.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")


@view(of=simulate_thresholds.SimulatedDecision, description="A decision that would have come out otherwise.")
class SimulatedDecision:
    screening_id: strawberry.ID = strawberry.field(description="The screening.")
    parties: list[str] = strawberry.field(description="Who was screened.")
    before: Decision = strawberry.field(description="What was decided.")
    after: Decision = strawberry.field(description="What would have been.")
    top_score: float = strawberry.field(description="The best score among the candidates, 0 to 1.")


@view(of=simulate_thresholds.Simulation, description="What other thresholds would have decided.")
class Simulation:
    decisions: int = strawberry.field(description="How many decisions were looked at, the newest 2,000.")
    held_before: int = strawberry.field(description="How many were held.")
    held_after: int = strawberry.field(description="How many would have been.")
    denied_before: int = strawberry.field(description="How many were denied.")
    denied_after: int = strawberry.field(description="How many would have been.")
    changed: list[SimulatedDecision] = strawberry.field(description="Those that differ, at most 100.")
