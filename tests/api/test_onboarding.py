"""Partner operations set partners up without code: made, priced, limited, certified, taken live, ended."""

import time

import pytest

from tests.api.onboarding import CLIENT, CREATE, LIMITS, PRICES, RELATE, Desk, certify, key
from tests.api.test_audit_log import log
from tests.api.world import PLACE, Portal, World, bare, order_input
from tests.receivers import Receiver


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world.staff("PARTNER_OPS"), world)


async def problems(portal: Portal, **changes: object) -> list[tuple[str, str]]:
    found = (await portal.place(**changes))["problems"]
    return [(one["code"], ".".join(one["path"])) for one in found]


async def test_a_newcomer_goes_from_nothing_to_its_first_production_order_by_the_api_alone(
    desk: Desk, world: World, receiver: Receiver
) -> None:
    began = time.monotonic()
    partner_id = await desk.create()
    await desk.price(partner_id)
    await desk.move(partner_id, "SANDBOX")
    sandbox = await desk.client(partner_id, "SANDBOX")
    early = await desk.move(partner_id, "ACTIVE")
    await certify(world, sandbox, receiver)

    certified = await desk.certification(partner_id)
    live = await desk.move(partner_id, "ACTIVE")
    production = await desk.client(partner_id, "PRODUCTION")
    placed = (await production.ask(PLACE, input=order_input()))["placeOrder"]
    seconds = time.monotonic() - began

    assert [one["code"] for one in early["problems"]] == ["CERTIFICATION_INCOMPLETE"]
    assert [one["reason"] for one in certified["results"]] == [None] * 6
    assert (certified["passed"], live["partner"]["state"]) == (True, "ACTIVE")
    assert (placed["order"]["status"], placed["problems"]) == ("PROVISIONING", [])
    assert seconds < 60


async def test_what_is_missing_of_a_certification_is_said_scenario_by_scenario(desk: Desk) -> None:
    partner_id = await desk.create()
    await desk.price(partner_id)
    await desk.move(partner_id, "SANDBOX")
    sandbox = await desk.client(partner_id, "SANDBOX")
    await sandbox.place()

    seen = (await desk.certification(partner_id))["results"]

    assert [one["passed"] for one in seen] == [False] * 6
    assert seen[0] == {
        "scenario": "ORDER_FULFILLED",
        "passed": False,
        "passedAt": None,
        "reason": "No NEW order was placed and fulfilled.",
    }


@pytest.mark.parametrize(
    ("state", "to", "codes"),
    [
        ("ONBOARDING", "ACTIVE", ["PARTNER_STATE_NOT_REACHABLE"]),
        ("ACTIVE", "SUSPENDED", []),
        ("SUSPENDED", "ACTIVE", []),
        ("ACTIVE", "TERMINATED", []),
        ("TERMINATED", "ACTIVE", ["PARTNER_STATE_NOT_REACHABLE"]),
        ("ACTIVE", "SANDBOX", ["PARTNER_STATE_NOT_REACHABLE"]),
        ("ACTIVE", "ACTIVE", []),
    ],
)
async def test_a_partner_moves_by_the_table_of_states(
    desk: Desk, world: World, state: str, to: str, codes: list[str]
) -> None:
    partner = await world.partner(state=state)

    moved = await desk.move(partner.id, to)

    assert [one["code"] for one in moved["problems"]] == codes
    assert moved["partner"]["state"] == (state if codes else to)


async def test_a_suspended_partner_orders_nothing(desk: Desk, seller: Portal) -> None:
    await desk.move(seller.id, "SUSPENDED")

    assert await problems(seller) == [("PARTNER_NOT_ACTIVE", "")]


async def test_the_same_key_makes_one_partner_and_another_input_is_refused(desk: Desk, world: World) -> None:
    given = {"idempotencyKey": key(), "kind": "RESELLER", "name": "Once Only", "country": "NL"}

    first = await desk.do(CREATE, **given)
    again = await desk.do(CREATE, **given)
    other = await desk.do(CREATE, **(given | {"country": "BE"}))

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["partner"] == first["partner"]
    assert [one["code"] for one in other["problems"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert await world.connection.fetchval("SELECT count(*) FROM partners WHERE name = 'Once Only'") == 1


async def test_a_secret_is_shown_once_and_a_repeated_call_makes_no_second_client(
    desk: Desk, seller: Portal, world: World
) -> None:
    given = {"idempotencyKey": key(), "partnerId": seller.id, "environment": "SANDBOX", "name": "Once"}

    first = await desk.do(CLIENT, **given)
    again = await desk.do(CLIENT, **given)
    other = await desk.do(CLIENT, **(given | {"name": "Another"}))

    assert first["secret"]
    assert (again["clientId"], again["secret"], again["replayed"]) == (first["clientId"], None, True)
    assert [one["code"] for one in other["problems"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert await world.rows("api_clients", seller.id) == 1


async def test_limits_of_skus_and_territories_are_kept(desk: Desk, seller: Portal, world: World) -> None:
    market = world.market
    limits = {"partnerId": seller.id, "territories": ["BE"], "skus": [market.premium]}

    set_ = await desk.do(LIMITS, **limits)

    assert set_["partner"]["territories"] == ["BE"]
    assert await problems(seller) == [
        ("SKU_NOT_ALLOWED", "input.details.new.lines.0.sku"),
        ("TERRITORY_NOT_ALLOWED", "input.details.new.customer"),
    ]
    await desk.do(LIMITS, partnerId=seller.id)
    assert await problems(seller) == []


async def test_a_discount_and_a_price_book_are_checked(desk: Desk, seller: Portal) -> None:
    wrong = await desk.do(PRICES, partnerId=seller.id, priceBook="no such", discountPercent="10")
    above = await desk.do(PRICES, partnerId=seller.id, priceBook="any", discountPercent="100.01")

    assert [one["code"] for one in wrong["problems"]] == ["PRICE_BOOK_NOT_FOUND"]
    assert [one["code"] for one in above["problems"]] == ["INVALID_DISCOUNT"]


async def test_a_distributor_orders_for_resellers_of_its_own_while_they_are_bound(
    desk: Desk, world: World
) -> None:
    distributor, reseller = await world.partner("DISTRIBUTOR"), await world.partner()
    bond = {"resellerId": reseller.id, "distributorId": distributor.id}
    unknown = [("TRADING_PARTNER_NOT_FOUND", "input.tradingPartnerId")]
    suspended = [("TRADING_PARTNER_NOT_ACTIVE", "input.tradingPartnerId")]
    resellers = "{ partner { resellers { id name relationship } } }"
    seen = []

    async def orders_for() -> list[tuple[str, str]]:
        own = (await distributor.ask(resellers))["partner"]["resellers"]
        seen.append([one["relationship"] for one in own])
        return await problems(distributor, tradingPartnerId=reseller.id)

    assert await orders_for() == unknown
    for relationship, expected in [
        ("ACTIVE", []),
        ("SUSPENDED", suspended),
        ("ACTIVE", []),
        ("ENDED", unknown),
    ]:
        await desk.do(RELATE, **bond, relationship=relationship)
        assert await orders_for() == expected
    assert seen == [[], ["ACTIVE"], ["SUSPENDED"], ["ACTIVE"], []]


async def test_another_ones_reseller_answers_as_if_it_did_not_exist(desk: Desk, world: World) -> None:
    distributor, rival = await world.partner("DISTRIBUTOR"), await world.partner("DISTRIBUTOR")
    reseller = await world.partner(parent=rival.id)
    nowhere = "par_" + "0" * 32

    assert await problems(distributor, tradingPartnerId=reseller.id) == await problems(
        distributor, tradingPartnerId=nowhere
    )


async def test_a_distributor_does_not_see_what_its_reseller_pays(world: World) -> None:
    distributor = await world.partner("DISTRIBUTOR")
    reseller = await world.partner(parent=distributor.id)
    catalog = "query($id: ID) { catalog(partnerId: $id) { discountPercent } }"

    (theirs,) = await distributor.errors(catalog, id=reseller.id)
    (nobodys,) = await distributor.errors(catalog, id="par_" + "0" * 32)

    assert theirs["message"] == nobodys["message"]


async def test_a_reseller_is_bound_to_a_distributor_alone(desk: Desk, world: World) -> None:
    reseller, other = await world.partner(), await world.partner()

    bound = await desk.do(RELATE, resellerId=reseller.id, distributorId=other.id, relationship="ACTIVE")

    assert [one["code"] for one in bound["problems"]] == ["NOT_A_DISTRIBUTOR"]


async def test_everything_that_partner_operations_do_is_in_the_audit_log(desk: Desk, world: World) -> None:
    partner_id = await desk.create()
    await desk.price(partner_id)
    await desk.do(LIMITS, partnerId=partner_id, territories=["NL"])
    await desk.move(partner_id, "SANDBOX")
    await desk.do(
        CLIENT, idempotencyKey=key(), partnerId=partner_id, environment="PRODUCTION", name="Integration"
    )

    told = await log(world.staff("OPERATOR"), filter={"partnerId": partner_id})

    made = {"client_secret.created", "client.created"}  # within one millisecond
    assert {entry["action"] for entry in told[:2]} == made
    assert [entry["action"] for entry in told[2:]] == [
        "partner.sandbox",
        "partner.limits_set",
        "partner.prices_set",
        "partner.created",
    ]
    assert {entry["role"] for entry in told} == {"PARTNER_OPS"}
    rows = "SELECT count(*) FROM audit_log WHERE details::text LIKE '%secret%' AND partner_id = $1"
    assert await world.connection.fetchval(rows, bare(partner_id)) == 0
