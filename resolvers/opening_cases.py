"""Opening cases: each party that a screening holds or denies gets one, or joins the one it has."""

from collections.abc import Sequence
from datetime import datetime

from commerce.orders import Order
from commerce.screening_cases import CaseDraft, ScreeningCase
from commerce.screening_policies import Workflow
from datasources.postgres import outbox, screening_audit
from datasources.postgres.database import Transaction
from datasources.postgres.outbox import Destination
from datasources.postgres.screening_audit import Record, canonical
from datasources.sources import Sources

SYSTEM = "SYSTEM"


async def open_cases(
    sources: Sources,
    transaction: Transaction,
    order: Order,
    *,
    screening_id: str,
    drafts: Sequence[CaseDraft],
    at: datetime,
) -> list[ScreeningCase]:
    """Let an order wait for the case of each party; account owners hear of sales-assisted ones."""
    if not drafts:
        return []
    opened = await sources.screening_cases.open(transaction, order, screening_id, drafts, at)
    records = [
        case_record("case.opened" if is_new else "case.joined", case, SYSTEM, at, order=order.id)
        for case, is_new in opened
    ]
    await screening_audit.record(
        transaction, partner_id=order.partner_id, environment=order.environment, records=records
    )
    cases = [case for case, _ in opened]
    await tell_account_owners(transaction, cases)
    return cases


async def tell_account_owners(transaction: Transaction, cases: Sequence[ScreeningCase]) -> None:
    """Leave word for Salesforce of each case that the owner of the account works on."""
    for case in cases:
        if case.workflow == Workflow.SALES_ASSISTED:
            await outbox.tell(
                transaction,
                [Destination.SALESFORCE_CASES],
                partner_id=case.partner_id,
                environment=case.environment,
                key=case.id,
                payload={"case": case.id},
            )


def case_record(kind: str, case: ScreeningCase, actor: str, at: datetime, **facts: object) -> Record:
    """What the trail says of a case: where it stands now, and what was said."""
    body = {
        "asked_for": case.asked_for,
        "decision": case.decision,
        "hits": case.hits,
        "note": case.note,
        "party": case.party_fingerprint,
        "reasons": case.reasons,
        "screening": case.screening_id,
        "state": case.state,
        **facts,
    }
    return Record(kind, case.id, actor, at, canonical(body))
