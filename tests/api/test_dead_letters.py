"""Dead letters: seen by operators, tried again, and written down."""

from typing import Any

import pytest

from tests.api.world import Portal, World, bare

DEAD = """
query Dead($first: Int, $after: String, $destination: String) {
  deadLetters(first: $first, after: $after, destination: $destination) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id destination partnerId key attempts lastError deadAt }
  }
  outboxQueues { destination waiting dead oldestDueAt }
}
"""
RETRY = """
mutation Retry($input: RetryDeadLettersInput!) {
  retryDeadLetters(input: $input) { retried problems { code path } }
}
"""


@pytest.fixture
async def operator(world: World) -> Portal:
    await world.connection.execute("DELETE FROM outbox")
    return world.staff("OPERATOR")


async def buried(world: World, seller: Portal, count: int) -> None:
    """Orders whose message to Salesforce was given up."""
    for _ in range(count):
        await seller.place()
    await world.connection.execute(
        "UPDATE outbox SET dead_at = now(), attempts = 3, last_error = 'FIELD_INTEGRITY_EXCEPTION'"
        " WHERE partner_id = $1 AND destination = 'salesforce'",
        bare(seller.id),
    )


async def test_an_operator_sees_what_was_given_up(operator: Portal, seller: Portal, world: World) -> None:
    await buried(world, seller, 3)

    found = await operator.ask(DEAD, first=2)
    after = found["deadLetters"]["pageInfo"]["endCursor"]
    rest = await operator.ask(DEAD, first=2, after=after, destination=None)

    letters = found["deadLetters"]["nodes"] + rest["deadLetters"]["nodes"]
    assert (found["deadLetters"]["totalCount"], found["deadLetters"]["pageInfo"]["hasNextPage"]) == (3, True)
    assert len({letter["id"] for letter in letters}) == 3
    assert {letter["lastError"] for letter in letters} == {"FIELD_INTEGRITY_EXCEPTION"}
    assert {letter["partnerId"] for letter in letters} == {seller.id}
    queues = {queue["destination"]: queue for queue in found["outboxQueues"]}
    assert (queues["salesforce"]["dead"], queues["salesforce"]["waiting"]) == (3, 0)
    assert (queues["provisioning"]["dead"], queues["provisioning"]["waiting"]) == (0, 3)
    assert queues["provisioning"]["oldestDueAt"] is not None


async def test_what_is_tried_again_arrives_and_is_written_down(
    operator: Portal, seller: Portal, world: World
) -> None:
    await buried(world, seller, 2)
    first, _ = (await operator.ask(DEAD))["deadLetters"]["nodes"]

    retried = (await operator.ask(RETRY, input={"ids": [first["id"]]}))["retryDeadLetters"]
    await world.sync()

    assert retried == {"retried": [first["id"]], "problems": []}
    left = "SELECT count(*) FROM outbox WHERE partner_id = $1 AND destination = 'salesforce'"
    assert await world.connection.fetchval(left, bare(seller.id)) == 1
    written = "SELECT details FROM audit_log WHERE action = 'outbox.retried' ORDER BY id DESC LIMIT 1"
    assert '"count": "1"' in await world.connection.fetchval(written)


async def test_all_of_a_destination_can_be_tried_again(
    operator: Portal, seller: Portal, world: World
) -> None:
    await buried(world, seller, 3)

    retried = (await operator.ask(RETRY, input={"destination": "salesforce"}))["retryDeadLetters"]

    assert len(retried["retried"]) == 3
    assert (await operator.ask(DEAD))["deadLetters"]["totalCount"] == 0


async def test_what_is_no_dead_letter_is_said(operator: Portal, seller: Portal) -> None:
    await seller.place()

    retried = (await operator.ask(RETRY, input={"ids": ["msg_1", "nonsense"]}))["retryDeadLetters"]

    assert retried["retried"] == []
    assert [problem["code"] for problem in retried["problems"]] == ["DEAD_LETTER_NOT_FOUND"]


@pytest.mark.parametrize("given", [{}, {"ids": ["msg_1"], "destination": "salesforce"}])
async def test_one_way_of_naming_them_is_given(operator: Portal, given: dict[str, Any]) -> None:
    errors = await operator.errors(RETRY, input=given)

    assert errors[0]["extensions"]["code"] == "INVALID_ARGUMENT"


async def test_letters_of_the_sandbox_are_seen_in_the_sandbox(
    operator: Portal, seller: Portal, world: World
) -> None:
    await buried(world, seller, 1)

    assert (await world.staff("OPERATOR", "SANDBOX").ask(DEAD))["deadLetters"]["totalCount"] == 0
