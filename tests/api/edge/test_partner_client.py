"""The guide's client in JavaScript does what it says, against a real server."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.api.edge.node_clients import needs_node, run
from tests.api.world import Portal, World, order_input

GUIDE = Path(__file__).parents[3] / "docs" / "partners"


@pytest.mark.node
@needs_node
async def test_the_guides_client_places_follows_and_reads_the_feed(
    address: str, seller: Portal, world: World, tmp_path: Path
) -> None:
    order = tmp_path / "order.json"
    order.write_text(json.dumps(order_input()))

    async def provisioning() -> None:
        while True:
            await world.provision()
            await asyncio.sleep(0.2)

    worker = asyncio.create_task(provisioning())
    try:
        code, said, complained = await run(
            "node",
            str(GUIDE / "partner.mjs"),
            str(order),
            cwd=tmp_path,
            PORTICO=f"{address}/graphql",
            TOKEN=seller.token,
        )
    finally:
        worker.cancel()

    assert (code, complained) == (0, "")
    assert said.split("\n") == [
        "FULFILLED 10",
        "order.received",
        "order.provisioning",
        "order.fulfilled",
        "INVALID_IDEMPOTENCY_KEY",
        "",
    ]
