"""What a partner believes, beside what is so."""

import strawberry

from commerce import reconciliation
from commerce.reconciliation import DifferenceKind
from execution.views import view
from schema.scalars import Sequence


@strawberry.input(description="What you believe of one order or subscription.")
class ReconcileEntry:
    reference: str = strawberry.field(
        description="Your externalOrderReference of an order; or the id of an order or of a subscription."
    )
    status: str | None = strawberry.field(
        default=None, description="The status you have it in, as Order.status or Subscription.state names it."
    )
    seats: int | None = strawberry.field(
        default=None,
        description="The seats you have: those left of an order after returns, or held by a subscription.",
    )

    def to_entry(self) -> reconciliation.Entry:
        return reconciliation.Entry(self.reference, self.status, self.seats)


@view(of=reconciliation.Difference, description="One thing that is not as you believe.")
class Difference:
    kind: DifferenceKind = strawberry.field(description="How it differs.")
    reference: str | None = strawberry.field(description="As your entry names it, else your reference of it.")
    id: strawberry.ID | None = strawberry.field(description="Our id; null where there is nothing here.")
    status_there: str | None = strawberry.field(description="The status that you gave.")
    status_here: str | None = strawberry.field(description="The status that it has.")
    seats_there: int | None = strawberry.field(description="The seats that you gave.")
    seats_here: int | None = strawberry.field(description="The seats that there are.")
    reason: str = strawberry.field(description="What differs, in a sentence.")
    fix: str = strawberry.field(description="What to do about it.")


@view(of=reconciliation.Reconciliation, description="Everything that differs.")
class Reconciliation:
    agrees: bool = strawberry.field(description="Whether nothing differs.")
    differences: list[Difference] = strawberry.field(
        description="What differs, in the order of your entries; then what you do not list."
    )
    differences_omitted: int = strawberry.field(description="How many more there are than fit the answer.")
    compared: int = strawberry.field(description="How many entries were compared.")
    as_of_sequence: Sequence = strawberry.field(
        description="Once the differences are settled, go on with the feed behind this."
    )
