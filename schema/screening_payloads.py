"""What officers and partners send over a case, and what they get back."""

from datetime import date

import strawberry

from commerce import parties
from commerce import screening_cases as cases
from commerce.screening import Decision
from commerce.screening_cases import CaseState
from commerce.screening_policies import Workflow
from commerce.screening_questions import Answer, QuestionField
from execution.views import view
from resolvers import case_changes, clear_cases, decide_clearance
from schema.order_inputs import OwnerInput
from schema.order_payloads import Problem
from schema.screening_cases import ClearedHit, ScreeningCase


@strawberry.input(description="Which cases to list: every part that is given must hold.")
class ScreeningCaseFilter:
    states: list[CaseState] | None = strawberry.field(default=None, description="In one of these states.")
    decisions: list[Decision] | None = strawberry.field(default=None, description="HOLD, DENY or both.")
    workflows: list[Workflow] | None = strawberry.field(default=None, description="Of these workflows.")
    lists: list[str] | None = strawberry.field(default=None, description="Matching one of these lists.")
    partner_id: strawberry.ID | None = strawberry.field(default=None, description="Of this partner.")
    claimed_by: str | None = strawberry.field(default=None, description="Claimed by this officer now.")
    party_name: str | None = strawberry.field(
        default=None, description="Whose party's name contains this, in any case."
    )
    overdue: bool = strawberry.field(default=False, description="Only those that an officer is late with.")
    unclaimed: bool = strawberry.field(default=False, description="Only those that nobody has claimed.")

    def to_filter(self) -> cases.CaseFilter:
        return cases.CaseFilter(
            states=tuple(self.states) if self.states is not None else None,
            decisions=tuple(self.decisions) if self.decisions is not None else None,
            workflows=tuple(self.workflows) if self.workflows is not None else None,
            lists=tuple(self.lists) if self.lists is not None else None,
            partner_id=self.partner_id,
            claimed_by=self.claimed_by,
            party_name=self.party_name,
            overdue=self.overdue,
            unclaimed=self.unclaimed,
        )


@strawberry.input(description="Which case.")
class CaseInput:
    case_id: strawberry.ID = strawberry.field(description="The case.")


@strawberry.input(description="Cases that are about somebody else than who is listed.")
class ClearCasesInput:
    case_ids: list[strawberry.ID] = strawberry.field(description="The cases, at most 500.")
    note: str = strawberry.field(description="Why the party is not who is listed, up to 2,000 characters.")
    identical: bool = strawberry.field(
        default=False, description="All open cases that rest on the very same entries as well."
    )


@strawberry.input(description="A case that is about who is listed.")
class DenyCaseInput:
    case_id: strawberry.ID = strawberry.field(description="The case.")
    note: str = strawberry.field(description="Why the party is who is listed, up to 2,000 characters.")


@strawberry.input(description="A question to the partner.")
class AskPartnerInput:
    case_id: strawberry.ID = strawberry.field(description="The case.")
    field: QuestionField = strawberry.field(description="The fact that is wanted.")
    message: str | None = strawberry.field(
        default=None, description="The question in words that a partner may read; ours without it."
    )


@strawberry.input(description="Which entry of the cleared list.")
class ClearanceInput:
    clearance_id: strawberry.ID = strawberry.field(description="The entry.")


@strawberry.input(description="An address.")
class AddressInput:
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    street: str = strawberry.field(default="", description="Street and number.")
    city: str = strawberry.field(default="", description="City.")
    region: str = strawberry.field(default="", description="State, province or region.")
    postal_code: str = strawberry.field(default="", description="Postal code.")

    def to_address(self) -> parties.Address:
        return parties.Address(self.street, self.city, self.region, self.postal_code, self.country)


@strawberry.input(description="An answer: the part that the question's `field` names.")
class AnswerInput:
    text: str | None = strawberry.field(default=None, description="A name, a number, a country or a text.")
    address: AddressInput | None = strawberry.field(default=None, description="An address.")
    born_on: date | None = strawberry.field(default=None, description="A date of birth.")
    owners: list[OwnerInput] | None = strawberry.field(default=None, description="Owners, at most 20.")

    def to_answer(self) -> Answer:
        return Answer(
            text=(self.text or "").strip(),
            address=self.address.to_address() if self.address else None,
            born_on=self.born_on,
            owners=tuple(owner.to_owner() for owner in self.owners or ()),
        )


@strawberry.input(description="The answer to an open question of an order.")
class AnswerQuestionInput:
    order_id: strawberry.ID = strawberry.field(description="The order.")
    field: QuestionField = strawberry.field(description="The fact that was asked for.")
    answer: AnswerInput = strawberry.field(description="What you know.")


@view(of=case_changes.CaseChange, description="The case as it now stands, and what kept it from changing.")
class CasePayload:
    case: ScreeningCase | None = strawberry.field(description="The case; null where there is none.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")


@view(of=clear_cases.CaseChanges, description="Several cases, each changed or not for itself.")
class CasesPayload:
    changes: list[CasePayload] = strawberry.field(
        description="In the order of the ids, then those with identical hits."
    )
    problems: list[Problem] = strawberry.field(description="What was wrong with the whole request.")


@view(of=decide_clearance.ClearanceChange, description="An entry of the cleared list as it now stands.")
class ClearancePayload:
    clearance: ClearedHit | None = strawberry.field(description="The entry; null where there is none.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")
