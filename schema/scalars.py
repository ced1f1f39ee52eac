"""Values that travel as text."""

from decimal import Decimal
from typing import NewType

import strawberry

from commerce import events, money
from execution.views import view

Sequence = NewType("Sequence", int)
SEQUENCE = strawberry.scalar(
    name="Sequence",
    description="A place in a feed of events: a whole number from 0 to 9007199254740991.",
    serialize=int,
    parse_value=events.sequence_from,
)


@view(of=money.Money, description="An amount of one currency, exact to its minor unit.")
class Money:
    amount: Decimal = strawberry.field(description='Decimal number as text, such as "1234.50".')
    currency: str = strawberry.field(description='ISO 4217 code, such as "EUR".')
