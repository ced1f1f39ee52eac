"""The account view: orders, licences and the Salesforce account in one query, with the org up and down."""

import time

import pytest

from datasources.errors import SourceUnavailable
from datasources.salesforce.client import SalesforceClient
from tests.api.world import Portal, World, customer_input

VIEW = """
query View($id: ID!) {
  customer(by: {id: $id}) {
    legalName
    orders { nodes { id status } }
    licenses { nodes { id seats } }
    crm {
      account {
        name partnerSourced partnerName
        owner { name email }
        opportunities { orderId stage amount { amount } }
      }
      source { system stale }
    }
  }
}
"""

PAGE = """
{
  customers(first: 50) {
    nodes { crm { account { name owner { name } opportunities { name } cases { number } } } }
  }
}
"""


@pytest.fixture
async def sold(seller: Portal, world: World) -> str:
    """The id of a customer whose order is fulfilled and known to Salesforce."""
    placed = await seller.place()
    await world.provision()
    await world.sync()
    ask = "query($id: ID!) { order(by: {id: $id}) { customer { id } } }"
    return (await seller.ask(ask, id=placed["order"]["id"]))["order"]["customer"]["id"]


async def test_a_rep_sees_the_customer_whole_in_one_query(sold: str, seller: Portal, world: World) -> None:
    customer = (await world.staff("REP").ask(VIEW, id=sold))["customer"]

    crm = customer["crm"]
    assert [order["status"] for order in customer["orders"]["nodes"]] == ["FULFILLED"]
    assert [license_["seats"] for license_ in customer["licenses"]["nodes"]] == [10]
    assert crm["account"]["name"] == customer["legalName"]
    assert (crm["account"]["partnerSourced"], crm["account"]["partnerName"]) == (True, seller.name)
    assert crm["account"]["owner"]["email"]
    deal = {"orderId": customer["orders"]["nodes"][0]["id"], "stage": "Closed Won"}
    assert crm["account"]["opportunities"] == [deal | {"amount": {"amount": "900.00"}}]
    assert crm["source"] == {"system": "salesforce", "stale": False}


async def test_a_partner_does_not_read_the_vendors_notebook(sold: str, seller: Portal) -> None:
    customer = (await seller.ask(VIEW, id=sold))["customer"]

    assert customer["crm"] is None
    assert customer["orders"]["nodes"]


async def test_a_page_of_customers_costs_one_query_per_object(
    seller: Portal, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        await seller.place(customer={"new": customer_input(f"many-{number}")})
    await world.provision()
    await world.sync()
    asked: list[str] = []
    query = SalesforceClient.query

    async def remembering(self: SalesforceClient, soql: str, **options: float) -> object:
        asked.append(soql)
        return await query(self, soql, **options)

    monkeypatch.setattr(SalesforceClient, "query", remembering)
    page = (await world.staff("REP").ask(PAGE))["customers"]["nodes"]

    assert sum(node["crm"]["account"] is not None for node in page) >= 4
    assert [soql.split(" FROM ")[1].split()[0] for soql in asked] == ["Account", "Opportunity", "Case"]


async def test_with_the_org_stopped_the_page_stands_and_one_coded_error_says_why(
    seller: Portal, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = await seller.place()
    ask = "query($id: ID!) { order(by: {id: $id}) { customer { id } } }"
    unknown = (await seller.ask(ask, id=placed["order"]["id"]))["order"]["customer"]["id"]

    async def stopped(*_: object, **__: object) -> None:
        raise SourceUnavailable("salesforce", retryable=True, code="CONNECTION_REFUSED")

    monkeypatch.setattr(SalesforceClient, "_call", stopped)
    began = time.monotonic()
    answer = (await world.staff("REP").post(VIEW, id=unknown)).json()

    assert time.monotonic() - began < 1
    assert answer["data"]["customer"]["crm"] is None
    assert answer["data"]["customer"]["orders"]["nodes"][0]["status"] == "PROVISIONING"
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["customer", "crm"], "SOURCE_UNAVAILABLE")
    ]
