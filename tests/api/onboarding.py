"""A newcomer's way from nothing to its first production order, by the API alone."""

import secrets
from dataclasses import dataclass, replace
from typing import Any

from tests.api.compliance import HELD_NAME, Officer, answer, place_for
from tests.api.holder import amendment
from tests.api.listener import listener
from tests.api.world import PLACE, Portal, World, order_input
from tests.receivers import Receiver

PARTNER = """
  partner { id kind name country state territories skuCodes relationship }
  replayed problems { code message path resourceId }
"""
CREATE = f"mutation($input: CreatePartnerInput!) {{ done: createPartner(input: $input) {{ {PARTNER} }} }}"
MOVE = f"mutation($input: MovePartnerInput!) {{ done: movePartner(input: $input) {{ {PARTNER} }} }}"
PRICES = (
    f"mutation($input: SetPartnerPricesInput!) {{ done: setPartnerPrices(input: $input) {{ {PARTNER} }} }}"
)
LIMITS = (
    f"mutation($input: LimitPartnerSalesInput!) {{ done: limitPartnerSales(input: $input) {{ {PARTNER} }} }}"
)
RELATE = f"mutation($input: SetRelationshipInput!) {{ done: setRelationship(input: $input) {{ {PARTNER} }} }}"
CLIENT = """
mutation($input: CreatePartnerClientInput!) {
  done: createPartnerClient(input: $input) { clientId secret replayed problems { code path } }
}
"""
CERTIFICATION = """
query($id: ID) {
  partner(id: $id) {
    state certification { passed results { scenario passed passedAt reason } }
  }
}
"""
LICENSES = """
{
  orders(first: 50) {
    nodes { id status lines { id } licenses { id file } }
  }
}
"""


def key() -> str:
    return f"onboarding-{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Desk:
    """Partner operations at work."""

    portal: Portal
    world: World

    async def do(self, document: str, **given: Any) -> dict[str, Any]:
        return (await self.portal.ask(document, input=given))["done"]

    async def create(self, kind: str = "RESELLER", **changes: Any) -> str:
        given = {"idempotencyKey": key(), "kind": kind, "name": f"Newcomer {key()}", "country": "NL"}
        made = await self.do(CREATE, **(given | changes))
        assert made["problems"] == [], made
        return made["partner"]["id"]

    async def move(self, partner_id: str, state: str) -> dict[str, Any]:
        return await self.do(MOVE, partnerId=partner_id, state=state, reason="as agreed")

    async def price(self, partner_id: str) -> dict[str, Any]:
        name = await self.world.connection.fetchval(
            "SELECT name FROM price_books WHERE id = $1", self.world.market.euro_book
        )
        return await self.do(PRICES, partnerId=partner_id, priceBook=name, discountPercent="10")

    async def client(self, partner_id: str, environment: str) -> Portal:
        """The partner's integration, signed in at /oauth/token with the secret it was shown."""
        given = {"partnerId": partner_id, "environment": environment, "name": "Integration"}
        made = await self.do(CLIENT, idempotencyKey=key(), **given)
        granted = await self.world.http.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": made["clientId"],
                "client_secret": made["secret"],
            },
        )
        assert granted.status_code == 200, granted.text
        token = granted.json()["access_token"]
        return Portal(partner_id, "newcomer", token, self.world.http)

    async def certification(self, partner_id: str) -> dict[str, Any]:
        return (await self.portal.ask(CERTIFICATION, id=partner_id))["partner"]["certification"]


async def certify(world: World, sandbox: Portal, receiver: Receiver) -> None:
    """Do in the sandbox everything that the certification asks for."""
    await listener(sandbox, world, receiver)
    asked = order_input()
    placed = (await sandbox.ask(PLACE, input=asked))["placeOrder"]
    assert placed["problems"] == [], placed
    again = (await sandbox.ask(PLACE, input=asked))["placeOrder"]
    assert again["replayed"]
    await world.provision()
    (order,) = (await sandbox.ask(LICENSES))["orders"]["nodes"]
    assert order["licenses"][0]["file"].startswith("-----BEGIN LICENSE FILE-----")
    back = amendment("return", {"orderLineId": order["lines"][0]["id"], "quantity": 1})
    assert (await sandbox.ask(PLACE, input=back))["placeOrder"]["problems"] == []
    held = await place_for(sandbox, HELD_NAME, "hold")
    officer = Officer("anna", world.staff("COMPLIANCE", "SANDBOX"))
    await officer.ask((await officer.case_of(replace(sandbox)))["id"], "TAX_ID")
    answered = await answer(sandbox, held, "TAX_ID", text="NL001234567B01")
    assert answered["problems"] == [], answered
    await world.provision()
    await world.send_webhooks()
