"""At which prices a partner buys: a price book for each currency, and a discount."""

from decimal import Decimal

from commerce.problems import Problem, ProblemCode
from datasources.postgres import partner_changes
from resolvers.context import Context
from resolvers.partner_changes import NO_PARTNER, PartnerChange, audited, held

WHOLE = Decimal(100)
CENTS = Decimal("0.01")


async def set_partner_prices(
    context: Context, *, partner_id: str, price_book: str, discount_percent: Decimal
) -> PartnerChange:
    """Sell to a partner from a price book, in its currency, in place of the one before."""
    wrong = not discount_percent.is_finite() or not 0 <= discount_percent <= WHOLE
    if wrong or discount_percent != discount_percent.quantize(CENTS):
        message = "A discount is 0 to 100 percent, with at most two decimals."
        problem = Problem(ProblemCode.INVALID_DISCOUNT, message, ("input", "discountPercent"))
        return PartnerChange(None, (problem,))
    async with held(context, partner_id) as found:
        if found is None:
            return PartnerChange(None, (NO_PARTNER,))
        transaction, partner = found
        currency = await partner_changes.set_prices(transaction, partner.id, price_book, discount_percent)
        if currency is None:
            message = "There is no such price book."
            problem = Problem(ProblemCode.PRICE_BOOK_NOT_FOUND, message, ("input", "priceBook"))
            return PartnerChange(partner, (problem,))
        details = {"priceBook": price_book, "currency": currency, "discountPercent": discount_percent}
        await audited(context, transaction, partner, "partner.prices_set", **details)
    return PartnerChange(partner)
