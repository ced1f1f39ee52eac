"""The root of every write: each field names its use case."""

from typing import Any

import strawberry

from commerce.access import Permission, Role, staff, writes
from commerce.order_requests import trimmed
from execution.batches import Scope
from execution.fields import root
from resolvers.answer_question import answer_question
from resolvers.ask_partner import ask_partner, resume_case
from resolvers.cancel_order import cancel_order
from resolvers.claim_case import claim_case, unclaim_case
from resolvers.clear_cases import clear_cases
from resolvers.context import Context
from resolvers.decide_clearance import confirm_clearance, revoke_clearance
from resolvers.deny_case import deny_case
from resolvers.place_order import place_order, place_orders
from resolvers.retry_order import retry_order
from resolvers.screening_batches import screen_parties
from resolvers.set_auto_renew import set_auto_renew
from resolvers.update_order_references import References, update_order_references
from schema.dead_letters import OutboxMutations
from schema.license_mutations import LicenseMutations
from schema.order_inputs import (
    CancelOrderInput,
    PlaceOrderInput,
    RetryOrderInput,
    SetAutoRenewInput,
    UpdateOrderReferencesInput,
)
from schema.order_payloads import OrderPayload, PlaceOrderPayload, PlaceOrdersPayload, SubscriptionPayload
from schema.partner_roots import PartnerMutations
from schema.screening_payloads import (
    AnswerQuestionInput,
    AskPartnerInput,
    CaseInput,
    CasePayload,
    CasesPayload,
    ClearanceInput,
    ClearancePayload,
    ClearCasesInput,
    DenyCaseInput,
)
from schema.screening_tools import ScreenPartiesInput, ScreenPartiesPayload
from schema.webhook_roots import WebhookMutations


async def _place_order(context: Context, *, input: PlaceOrderInput) -> Any:
    return await place_order(context, input.to_request())


async def _place_orders(context: Context, *, inputs: list[PlaceOrderInput]) -> Any:
    return await place_orders(context, [one.to_request() for one in inputs])


async def _cancel_order(context: Context, *, input: CancelOrderInput) -> Any:
    return await cancel_order(context, order_id=input.order_id, reason=input.reason)


async def _retry_order(context: Context, *, input: RetryOrderInput) -> Any:
    return await retry_order(context, order_id=input.order_id)


async def _update_order_references(context: Context, *, input: UpdateOrderReferencesInput) -> Any:
    given = References(
        trimmed(input.purchase_order_number),
        trimmed(input.end_customer_purchase_order_number),
        input.allow_duplicate_purchase_order,
    )
    return await update_order_references(context, order_id=input.order_id, given=given)


async def _set_auto_renew(context: Context, *, input: SetAutoRenewInput) -> Any:
    return await set_auto_renew(context, subscription_id=input.subscription_id, auto_renew=input.auto_renew)


async def _claim_case(context: Context, *, input: CaseInput) -> Any:
    return await claim_case(context, case_id=input.case_id)


async def _unclaim_case(context: Context, *, input: CaseInput) -> Any:
    return await unclaim_case(context, case_id=input.case_id)


async def _clear_cases(context: Context, *, input: ClearCasesInput) -> Any:
    return await clear_cases(context, case_ids=input.case_ids, note=input.note, identical=input.identical)


async def _deny_case(context: Context, *, input: DenyCaseInput) -> Any:
    return await deny_case(context, case_id=input.case_id, note=input.note)


async def _ask_partner(context: Context, *, input: AskPartnerInput) -> Any:
    return await ask_partner(context, case_id=input.case_id, field=input.field, message=input.message)


async def _resume_case(context: Context, *, input: CaseInput) -> Any:
    return await resume_case(context, case_id=input.case_id)


async def _confirm_clearance(context: Context, *, input: ClearanceInput) -> Any:
    return await confirm_clearance(context, clearance_id=input.clearance_id)


async def _revoke_clearance(context: Context, *, input: ClearanceInput) -> Any:
    return await revoke_clearance(context, clearance_id=input.clearance_id)


async def _answer_question(context: Context, *, input: AnswerQuestionInput) -> Any:
    answer = input.answer.to_answer()
    return await answer_question(context, order_id=input.order_id, field=input.field, answer=answer)


async def _screen_parties(context: Context, *, input: ScreenPartiesInput) -> Any:
    return await screen_parties(
        context,
        batch_id=input.batch_id,
        workflow=input.workflow,
        parties=[party.to_subject() for party in input.parties],
    )


OFFICERS = staff(Role.COMPLIANCE)


@strawberry.type(description="Every write.")
class Mutation(LicenseMutations, WebhookMutations, OutboxMutations, PartnerMutations):
    place_order: PlaceOrderPayload | None = root(
        _place_order,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Place an order. It is screened and answered at once, whatever is down behind us; "
        "licences follow within seconds.",
        arguments={"input": "The order."},
    )
    place_orders: PlaceOrdersPayload | None = root(
        _place_orders,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Place up to 100 orders, each with its own key; each is accepted or refused for itself.",
        arguments={"inputs": "The orders."},
    )
    cancel_order: OrderPayload | None = root(
        _cancel_order,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Cancel an order that is not fulfilled yet. It is immediate, and safe to repeat.",
        arguments={"input": "Which order."},
    )
    retry_order: OrderPayload | None = root(
        _retry_order,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Try a failed order again, once what it failed for is put right.",
        arguments={"input": "Which order."},
    )
    update_order_references: OrderPayload | None = root(
        _update_order_references,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Give or correct the purchase order numbers of an order, at any time.",
        arguments={"input": "Which order, and its numbers."},
    )
    set_auto_renew: SubscriptionPayload | None = root(
        _set_auto_renew,
        scope=Scope.VIEWER,
        access=writes(Permission.ORDERS_WRITE),
        description="Switch the automatic renewal of a subscription on or off.",
        arguments={"input": "Which subscription."},
    )
    answer_question: OrderPayload | None = root(
        _answer_question,
        scope=Scope.VIEWER,
        description="Answer a question of compliance about a party of an order. The order is screened again "
        "and goes on, or waits for an officer.",
        arguments={"input": "Which question, and the answer."},
        access=writes(Permission.ORDERS_WRITE),
    )
    claim_screening_case: CasePayload | None = root(
        _claim_case,
        scope=Scope.VIEWER,
        description="Claim a case for half an hour, so that no other officer works on it.",
        arguments={"input": "Which case."},
        access=OFFICERS,
    )
    unclaim_screening_case: CasePayload | None = root(
        _unclaim_case,
        scope=Scope.VIEWER,
        description="Give a case of yours back to the queue.",
        arguments={"input": "Which case."},
        access=OFFICERS,
    )
    clear_screening_cases: CasesPayload | None = root(
        _clear_cases,
        scope=Scope.VIEWER,
        description="The parties are not who is listed: their orders go on, their hits are proposed for the "
        "cleared list. What was denied takes two officers.",
        arguments={"input": "Which cases, and why."},
        access=OFFICERS,
    )
    deny_screening_case: CasePayload | None = root(
        _deny_case,
        scope=Scope.VIEWER,
        description="The party is who is listed: its orders are denied.",
        arguments={"input": "Which case, and why."},
        access=OFFICERS,
    )
    ask_partner: CasePayload | None = root(
        _ask_partner,
        scope=Scope.VIEWER,
        description="Ask the partner for a fact about the party; its orders wait for the answer.",
        arguments={"input": "Which case, and what is wanted."},
        access=OFFICERS,
    )
    resume_screening_case: CasePayload | None = root(
        _resume_case,
        scope=Scope.VIEWER,
        description="Take a question, or the first of two clearances, back.",
        arguments={"input": "Which case."},
        access=OFFICERS,
    )
    confirm_clearance: ClearancePayload | None = root(
        _confirm_clearance,
        scope=Scope.VIEWER,
        description="Be the second officer by whose word a hit is kept out from now on.",
        arguments={"input": "Which entry."},
        access=OFFICERS,
    )
    revoke_clearance: ClearancePayload | None = root(
        _revoke_clearance,
        scope=Scope.VIEWER,
        description="Let a cleared hit count again.",
        arguments={"input": "Which entry."},
        access=OFFICERS,
    )
    screen_parties: ScreenPartiesPayload | None = root(
        _screen_parties,
        scope=Scope.VIEWER,
        description="Screen parties outside any order, up to 10,000 in a batch; `screeningBatch` says how "
        "far it is.",
        arguments={"input": "The parties."},
        access=OFFICERS,
    )
