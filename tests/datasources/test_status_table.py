"""The database's table of moves is the rules' own."""

from typing import Any

import asyncpg

from commerce.orders import TRANSITIONS


async def test_the_database_allows_the_moves_that_the_rules_allow(
    connection: "asyncpg.Connection[Any]",
) -> None:
    rows = await connection.fetch("SELECT from_status, to_status FROM order_status_transitions")

    allowed = {(before, after) for before, moves in TRANSITIONS.items() if before for after in moves}
    assert {(row["from_status"], row["to_status"]) for row in rows} == allowed
