"""In which order what was paid is given back: the latest term first, so that no money is left behind."""

from typing import Any

from tests.api.holder import Customer, amendment


async def line_of(customer: Customer, asked: dict[str, Any]) -> str:
    """Place and provision an order of one line; the line's id."""
    return (await customer.fulfil(asked))["lines"][0]["id"]


async def test_a_line_is_returned_only_after_the_renewals_that_followed_it(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    bought = (await customer.seller.ask("{ orders { nodes { lines { id } } } }"))["orders"]["nodes"][0]
    first = amendment("return", {"orderLineId": bought["lines"][0]["id"], "quantity": 10})
    renewal = await line_of(customer, amendment("renewal", {"subscriptionId": subscription["id"]}))

    too_early = await customer.refused(first)
    renewal_back = await customer.fulfil(amendment("return", {"orderLineId": renewal, "quantity": 10}))
    first_back = await customer.fulfil(first)

    assert too_early == [("NOT_RETURNABLE", "input.details.return.lines.0.orderLineId")]
    assert [one["total"]["amount"] for one in (renewal_back, first_back)] == ["-900.00", "-900.00"]
    assert [one["status"] for one in (renewal_back, first_back)] == ["FULFILLED", "FULFILLED"]
    (held,) = await customer.held()
    assert (held["seats"], held["state"]) == (0, "CANCELED")


async def test_a_line_that_was_switched_away_says_that_it_is_credited(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    bought = (await customer.seller.ask("{ orders { nodes { lines { id } } } }"))["orders"]["nodes"][0]
    premium = customer.world.market.premium
    await customer.fulfil(amendment("switch", {"subscriptionId": subscription["id"], "sku": premium}))

    refused = await customer.refused(
        amendment("return", {"orderLineId": bought["lines"][0]["id"], "quantity": 1})
    )

    assert refused == [("NOT_RETURNABLE", "input.details.return.lines.0.orderLineId")]
