"""Values that travel as text."""

from decimal import Decimal

import strawberry

from commerce import money
from execution.views import view


@view(of=money.Money, description="An amount of one currency, exact to its minor unit.")
class Money:
    amount: Decimal = strawberry.field(description='Decimal number as text, such as "1234.50".')
    currency: str = strawberry.field(description='ISO 4217 code, such as "EUR".')
