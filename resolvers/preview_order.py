"""Previewing an order: placing it without committing. The same path decides, and nothing is written."""

from dataclasses import dataclass

from commerce.money import Money
from commerce.order_requests import OrderRequest
from commerce.ordering import accepted
from commerce.orders import OrderKind, OrderLine, OrderStatus
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import problems_of
from commerce.screening import Decision
from datasources.identifiers import new_id
from resolvers.context import Context
from resolvers.deciding import Decided, Rejected, decide

MISSING = frozenset({ProblemCode.REQUIRED, ProblemCode.LICENSE_CONTACT_MISSING})


@dataclass(frozen=True, slots=True)
class ScreeningPreview:
    """What screening would decide, and what may be said of it."""

    decision: Decision
    partner_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PricedOrder:
    """An order as it would be written, without an identity."""

    kind: OrderKind
    status: OrderStatus
    currency: str
    list_total: Money
    discount_total: Money
    credit_total: Money
    total: Money
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What placing the same input now would answer."""

    quote: PricedOrder | None
    screening: ScreeningPreview | None
    problems: tuple[Problem, ...]

    @property
    def missing_fields(self) -> list[str]:
        """The paths of what is still to be given."""
        return [".".join(map(str, problem.path)) for problem in self.problems if problem.code in MISSING]


async def preview_order(context: Context, request: OrderRequest) -> Preview:
    """Decide on an order without placing it. Raises Refused."""
    scope = context.scope
    problems = [problem for problem in problems_of(request) if not _is_about_the_key(problem)]
    if problems:
        return Preview(None, None, tuple(problems))
    decided = await decide(context, scope, request)
    if isinstance(decided, Rejected):
        return Preview(None, None, decided.problems)
    outcome = decided.outcome
    screening = ScreeningPreview(outcome.decision, outcome.partner_words)
    return Preview(_priced(request, decided), screening, ())


def _priced(request: OrderRequest, decided: Decided) -> PricedOrder:
    acceptance = accepted(
        request,
        decided.facts,
        decided.quote,
        decided.status,
        customer=decided.customer,
        contacts=decided.contacts,
        new_id=new_id,
        effective_on=decided.effective_on,
    )
    order = acceptance.order
    return PricedOrder(
        kind=order.kind,
        status=order.status,
        currency=order.currency,
        list_total=order.list_total,
        discount_total=order.discount_total,
        credit_total=order.credit_total,
        total=order.total,
        lines=acceptance.lines,
    )


def _is_about_the_key(problem: Problem) -> bool:
    """A preview uses no key up, so that any will do."""
    return problem.code is ProblemCode.INVALID_IDEMPOTENCY_KEY
