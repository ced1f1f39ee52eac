"""The feed: what happened to a partner's records, numbered without a gap, told once, kept for a while."""

from typing import Any

import pytest

from commerce.events import EventType
from tests.api.holder import Customer, amendment
from tests.api.world import Portal, World, bare

FEED = """
query Feed($after: Sequence, $types: [String!], $first: Int, $partnerId: ID) {
  events(after: $after, types: $types, first: $first, partnerId: $partnerId) {
    nextAfter hasMore oldestSequence newestSequence
    nodes {
      id sequence type environment subjectId occurredAt
      subject { __typename id }
      snapshot {
        __typename
        ... on OrderSnapshot { id status total { amount currency } placedAt }
        ... on SubscriptionSnapshot { id seats autoRenew skuId state }
        ... on LicenseSnapshot { id subscriptionId skuCode licenseState: state supersededBy }
        ... on ScreeningSnapshot { orderId decision messages }
      }
    }
  }
}
"""
RENEW = "mutation($id: ID!, $on: Boolean!) { setAutoRenew(input: {subscriptionId: $id, autoRenew: $on}) {"
RENEW += " subscription { autoRenew } problems { code } } }"


async def feed(portal: Portal, **arguments: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await portal.ask(FEED, **arguments))["events"]
    return found


def types(found: dict[str, Any]) -> list[str]:
    return [event["type"] for event in found["nodes"]]


async def test_an_order_is_told_from_its_receipt_to_its_licence(seller: Portal, world: World) -> None:
    order = (await seller.place())["order"]
    await world.provision()

    found = await feed(seller)

    assert types(found) == [
        "order.received",
        "screening.cleared",
        "order.provisioning",
        "subscription.created",
        "license.issued",
        "order.fulfilled",
    ]
    assert [event["sequence"] for event in found["nodes"]] == [1, 2, 3, 4, 5, 6]
    assert (found["nextAfter"], found["hasMore"]) == (6, False)
    assert (found["oldestSequence"], found["newestSequence"]) == (1, 6)
    received, cleared, *_, created, issued, fulfilled = found["nodes"]
    assert received["snapshot"]["status"] == "RECEIVED"
    assert received["subjectId"] == received["subject"]["id"] == order["id"]
    assert cleared["snapshot"] == {
        "__typename": "ScreeningSnapshot",
        "orderId": order["id"],
        "decision": "CLEAR",
        "messages": [],
    }
    assert created["snapshot"]["seats"] == 10
    assert issued["subject"]["__typename"] == "License"
    assert issued["snapshot"]["subscriptionId"] == created["subjectId"]
    assert fulfilled["snapshot"]["total"] == order["total"]


async def test_a_feed_is_read_in_parts_that_join(seller: Portal) -> None:
    for _ in range(3):
        await seller.place()

    first = await feed(seller, first=4)
    second = await feed(seller, after=first["nextAfter"], first=100)
    nothing = await feed(seller, after=second["nextAfter"])

    assert [event["sequence"] for event in first["nodes"] + second["nodes"]] == list(range(1, 10))
    assert (first["hasMore"], second["hasMore"]) == (True, False)
    assert (nothing["nodes"], nothing["nextAfter"]) == ([], 9)


async def test_a_filter_passes_over_what_it_leaves_out(seller: Portal, world: World) -> None:
    await seller.place()
    await world.provision()

    licenses = await feed(seller, types=["license.*"], first=5)
    one = await feed(seller, types=["order.received", "order.fulfilled"], first=1)

    assert types(licenses) == ["license.issued"]
    assert (licenses["nextAfter"], licenses["hasMore"]) == (6, False)
    assert (types(one), one["nextAfter"], one["hasMore"]) == (["order.received"], 1, True)


async def test_switching_the_renewal_is_told_once(customer: Customer, subscription: dict[str, Any]) -> None:
    changed = not subscription["autoRenew"]
    for _ in range(2):
        await customer.seller.ask(RENEW, id=subscription["id"], on=changed)

    found = await feed(customer.seller, types=["subscription.auto_renew_changed"])

    assert [event["snapshot"]["autoRenew"] for event in found["nodes"]] == [changed]


async def test_a_licence_in_place_of_another_is_told_with_it(
    customer: Customer, subscription: dict[str, Any]
) -> None:
    await customer.fulfil(amendment("addSeats", {"subscriptionId": subscription["id"], "quantity": 2}))

    found = await feed(customer.seller, types=["license.*"])

    assert types(found) == ["license.issued", "license.superseded", "license.issued"]
    old, superseded, new = found["nodes"]
    assert superseded["subjectId"] == old["subjectId"]
    assert superseded["snapshot"]["supersededBy"] == new["subjectId"]
    assert superseded["snapshot"]["licenseState"] == "SUPERSEDED"


async def test_partners_read_no_feed_but_their_own(seller: Portal, world: World) -> None:
    stranger = await world.partner()
    await stranger.place()

    own = await feed(seller)
    errors = await seller.errors(FEED, partnerId=stranger.id)
    unknown = await seller.errors(FEED, partnerId=f"par_{'0' * 32}")

    assert (own["nodes"], own["newestSequence"]) == ([], 0)
    assert errors[0]["message"] == unknown[0]["message"]
    assert errors[0]["extensions"]["code"] == "INVALID_ARGUMENT"


async def test_production_and_sandbox_have_a_feed_each(world: World, seller: Portal) -> None:
    await seller.place()
    token = world.token(partner=seller.id, environment="SANDBOX")
    sandbox = Portal(seller.id, seller.name, token, world.http)

    assert (await feed(sandbox))["newestSequence"] == 0


async def test_staff_say_whose_feed_they_read(world: World, seller: Portal) -> None:
    await seller.place()
    operator = world.staff("OPERATOR")

    found = await feed(operator, partnerId=seller.id)
    errors = await operator.errors(FEED)

    assert len(found["nodes"]) == 3
    assert errors[0]["extensions"]["code"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"after": 1}, "INVALID_ARGUMENT"),
        ({"after": -1}, "BAD_USER_INPUT"),
        ({"after": 2**53}, "BAD_USER_INPUT"),
        ({"after": "nonsense"}, "BAD_USER_INPUT"),
        ({"after": True}, "BAD_USER_INPUT"),
        ({"types": ["order.fulfiled"]}, "INVALID_ARGUMENT"),
        ({"types": ["order.re*"]}, "INVALID_ARGUMENT"),
        ({"first": 0}, "INVALID_PAGINATION"),
        ({"first": 101}, "INVALID_PAGINATION"),
    ],
)
async def test_what_cannot_be_served_is_refused(seller: Portal, arguments: dict[str, Any], code: str) -> None:
    errors = await seller.errors(FEED, **arguments)

    assert errors[0]["extensions"]["code"] == code


async def test_a_sequence_may_come_as_text(seller: Portal) -> None:
    await seller.place()

    found = await feed(seller, after="2")

    assert types(found) == ["order.provisioning"]


async def test_older_events_lack_what_snapshots_have_today(seller: Portal, world: World) -> None:
    await seller.place()
    await world.provision()
    await world.connection.execute(
        "UPDATE events SET snapshot = snapshot - ARRAY['skuId', 'autoRenew', 'skuCode', 'supersededBy']"
        " WHERE partner_id = $1",
        bare(seller.id),
    )

    found = await feed(seller, types=["subscription.*", "license.*"])

    assert [event["snapshot"].get("autoRenew") for event in found["nodes"]] == [None, None]
    assert found["nodes"][0]["snapshot"]["seats"] == 10


async def test_every_type_is_listed_with_its_meaning(world: World) -> None:
    listed = (await world.anonymous().ask("{ eventTypes { type meaning } }"))["eventTypes"]

    assert [one["type"] for one in listed] == list(EventType)
    assert all(one["meaning"].endswith(".") for one in listed)


async def test_what_is_kept_no_longer_is_said_with_where_to_go_on(seller: Portal, world: World) -> None:
    await seller.place()
    await world.connection.execute(
        "UPDATE event_sequences SET expired_through = 2 WHERE partner_id = $1", bare(seller.id)
    )

    (error,) = await seller.errors(FEED, after=1)
    at_the_edge = await feed(seller, after=2)
    begun = await feed(seller)

    assert error["extensions"]["code"] == "EVENTS_EXPIRED"
    assert error["extensions"]["oldestSequence"] == 3
    assert types(at_the_edge) == types(begun) == ["order.provisioning"]
    assert begun["oldestSequence"] == 3
