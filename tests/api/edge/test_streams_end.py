"""A stream ends with the token that opened it."""

import httpx
from starlette.applications import Starlette

from datasources.sources import Sources
from tests.api.edge.test_following import EVENTS, following, told, until
from tests.api.identity import Client


async def test_a_client_that_was_revoked_is_told_nothing_more(
    address: str, app: Starlette, client: Client, sources: Sources
) -> None:
    token = (await client.ask()).json()["access_token"]
    portal = client.portal(token)

    async def is_refused() -> bool:
        async with httpx.AsyncClient(base_url=address) as http:
            headers = {"Authorization": f"Bearer {token}"}
            answer = await http.post("/graphql", json={"query": "{ viewer { subject } }"}, headers=headers)
        return answer.status_code == 401

    async with following(address, portal, EVENTS) as connection:
        await until(lambda: sources.work.followed)
        await client.seller.place()
        await told(connection, 3)
        await client.revoke(client.id)
        await client.until(is_refused, seconds=10)

        await client.seller.place()
        ended = await connection.receive()
        await connection.subscribe("2", "{ viewer { subject } }")
        refused = await connection.receive()

    for message in (ended, refused):
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert message["payload"][0]["message"] == "This token was revoked."
