"""What operations cost: by the published prices, before they run; what is left, and what is given back."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from graphql import build_schema
from starlette.applications import Starlette

from commerce.access import Environment, Viewer
from commerce.rate_limits import Bucket
from datasources.settings import Settings
from edge.errors import Code, RequestRefused
from edge.operations import Operations
from edge.requests import GraphQLRequest
from edge.throttle import Throttle
from schema.sdl import printed, schema
from tests.api.edge.conftest import edge_app, serving
from tests.api.world import Portal, customer_input

SIGNED_IN = Viewer("somebody", Environment.PRODUCTION, partner_id="par_1")


@pytest.fixture(scope="module")
def operations() -> Operations:
    return Operations(schema(), printed())


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ __typename }", {}, 0),
        ("{ viewer { subject } }", {}, 1),
        ("{ a: viewer { subject } b: viewer { subject } }", {}, 2),
        ("{ viewer { subject } ...V ...V } fragment V on Query { viewer { role } }", {}, 1),
        ("{ orders { nodes { id } } }", {}, 21),
        ("{ orders(first: 7) { nodes { id } } }", {}, 8),
        ("{ orders(last: 7) { edges { node { id } } } }", {}, 8),
        ("{ orders(first: 7) { nodes { id } edges { node { id } } } }", {}, 15),
        ("{ orders(first: 7) { pageInfo { hasNextPage } totalCount } }", {}, 2),
        ("{ orders(first: 7) { nodes { total { amount currency } } } }", {}, 8),
        ("query ($n: Int) { orders(first: $n) { nodes { id } } }", {}, 21),
        ("query ($n: Int) { orders(first: $n) { nodes { id } } }", {"n": 3}, 4),
        ("query ($n: Int = 4) { orders(first: $n) { nodes { id } } }", {}, 5),
        ("query ($n: Int = 4) { orders(first: $n) { nodes { id } } }", {"n": None}, 21),
        ("{ orders(first: 10) { nodes { lines { id } } } }", {}, 1 + 10 * (1 + 5)),
        ("{ orders(first: 10) { nodes { customer { id } partner { id } } } }", {}, 1 + 10 * (1 + 1 + 1)),
        (
            "{ customers(first: 10) { nodes { orders(first: 5) { nodes { id } } } } }",
            {},
            1 + 10 * (1 + 1 + 5),
        ),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["a", "b", "c"]}, 3),
        ('{ nodes(ids: ["a", "b"]) { id ... on Order { lines { id } } } }', {}, 2 * (1 + 5)),
        ('{ customer(by: {id: "a"}) { crm { account { name } } } }', {}, 1 + 10),
        ("{ rateLimit { cost } }", {}, 0),
    ],
)
def test_an_operation_costs_what_the_prices_add_up_to(
    operations: Operations, query: str, variables: dict[str, Any], cost: int
) -> None:
    operation = operations.find(GraphQLRequest(query), SIGNED_IN)

    assert operations.price(operation, variables) == cost


def test_the_price_list_is_in_the_schema_that_partners_see() -> None:
    published = build_schema(printed())

    assert published.get_directive("cost") is not None
    assert published.get_directive("listSize") is not None
    assert 'crm: CustomerCrm @access(elseNull: true) @cost(weight: "10")' in printed()


@pytest.mark.parametrize(("handed_in", "points"), [([], 10), ([{}] * 3, 30), ([{}] * 100, 1_000), ({}, 10)])
def test_a_mutation_costs_its_weight_for_each_element_it_is_handed(
    operations: Operations, handed_in: Any, points: int
) -> None:
    text = "mutation ($inputs: [PlaceOrderInput!]!) { placeOrders(inputs: $inputs) { replayed } }"

    operation = operations.find(GraphQLRequest(text), SIGNED_IN)

    assert operations.price(operation, {"inputs": handed_in}) == points


async def test_what_was_handed_in_is_charged_whatever_is_answered(seller: Portal) -> None:
    query = "mutation ($inputs: [PlaceOrderInput!]!) { placeOrders(inputs: $inputs) { replayed } }"
    refused = {"idempotencyKey": "a-key-that-is-long", "details": {"addSeats": {"lines": []}}}

    answer = (await seller.post(query, inputs=[refused] * 3)).json()

    assert answer["extensions"]["cost"]["actualQueryCost"] == 30


def test_doubled_fragments_cost_no_more_time_than_they_are_long(operations: Operations) -> None:
    chain = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(29)]
    text = f"{{ ...F0 }} {' '.join(chain)} fragment F29 on Query {{ viewer {{ subject }} }}"

    operation = operations.find(GraphQLRequest(text), SIGNED_IN)

    assert operations.price(operation, {}) == 1


async def test_what_was_not_used_is_given_back(partner: httpx.AsyncClient, seller: Portal) -> None:
    await seller.place(lines=[{"sku": await _sku(seller), "quantity": 1}] * 2)
    query = "{ orders(first: 50) { nodes { lines { id } } } }"

    cost = (await partner.post("/graphql", json={"query": query})).json()["extensions"]["cost"]

    assert cost["requestedQueryCost"] == 1 + 50 * (1 + 5)
    assert cost["actualQueryCost"] == 1 + 1 + 2
    assert cost["throttleStatus"]["maximumAvailable"] == 40_000


async def test_a_dry_run_prices_an_operation_and_runs_nothing(
    partner: httpx.AsyncClient, counted: Callable[[], Any]
) -> None:
    query = "query ($n: Int!) { rateLimit(dryRun: true) { cost remaining limit used } orders(first: $n) { nodes { id } } }"  # noqa: E501

    with counted() as statements:
        answer = (await partner.post("/graphql", json={"query": query, "variables": {"n": 60}})).json()

    assert answer["data"] == {"rateLimit": {"cost": 61, "remaining": 40_000, "limit": 40_000, "used": 0}}
    assert statements == []


async def test_without_dry_run_the_rest_is_run_and_charged(partner: httpx.AsyncClient) -> None:
    query = "{ rateLimit { cost remaining } viewer { subject } }"

    data = (await partner.post("/graphql", json={"query": query})).json()["data"]

    assert data["rateLimit"] == {"cost": 1, "remaining": 39_999}
    assert data["viewer"]["subject"]


async def test_a_dry_run_prices_even_what_would_be_refused(partner: httpx.AsyncClient) -> None:
    query = (
        "{ rateLimit(dryRun: true) { cost }"
        " customers(first: 100) { nodes { orders(first: 100) { nodes { id } } } } }"
    )

    answer = (await partner.post("/graphql", json={"query": query})).json()

    assert answer["data"]["rateLimit"]["cost"] == 1 + 100 * (1 + 1 + 100)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_refills_steadily_and_never_runs_over() -> None:
    bucket = Bucket(capacity=100, restore_rate=10, points=100, at=0.0).less(80)

    assert bucket.points == 20
    assert bucket.now(3.0).points == 50
    assert bucket.now(60.0).points == 100
    assert bucket.wait_for(70) == 5.0
    assert bucket.less(-500).points == 100


async def test_each_client_has_points_of_its_own() -> None:
    throttle = Throttle(capacity=100, restore_rate=10, clock=Clock())
    await throttle.take("a", 100)

    with pytest.raises(RequestRefused) as refused:
        await throttle.take("a", 1)

    assert refused.value.code is Code.THROTTLED
    assert (await throttle.take("b", 100)).points == 0


@pytest.fixture
async def tight(app: Starlette, settings: Settings, seller: Portal) -> AsyncIterator[httpx.AsyncClient]:
    """An edge where a client may spend 30 points, and gets back one every ten seconds."""
    throttle = Throttle(capacity=30, restore_rate=0.1, clock=Clock())
    async with serving(edge_app(app, settings, throttle=throttle)) as url:
        headers = {"Authorization": f"Bearer {seller.token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers) as client:
            yield client


async def test_a_client_that_has_spent_its_points_is_told_when_to_come_back(
    tight: httpx.AsyncClient,
) -> None:
    dear = {"query": "{ orders(first: 29) { nodes { id } } }"}
    aliased = {"query": "{ " + " ".join(f"a{n}: viewer {{ subject }}" for n in range(10)) + " }"}

    assert (await tight.post("/graphql", json=dear)).status_code == 200
    assert (await tight.post("/graphql", json=aliased)).status_code == 200
    refused = await tight.post("/graphql", json=dear)

    # the first gave back all but the page itself, so 30 - 1 - 10 are left of the 30 that are needed
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "110"
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "THROTTLED"
    assert error["extensions"]["retryable"] is True
    assert error["extensions"]["retryAfterMs"] == 110_000


async def test_so_is_one_who_listens_to_events(tight: httpx.AsyncClient) -> None:
    too_dear = {"query": "{ orders(first: 30) { nodes { id } } }"}

    response = await tight.post("/graphql", json=too_dear, headers={"Accept": "text/event-stream"})

    event, _, rest = response.text.partition("\n\n")
    assert event.startswith('event: next\ndata: {"errors":')
    assert '"code":"THROTTLED"' in event
    assert rest == "event: complete\ndata: \n\n"


async def _sku(seller: Portal) -> str:
    catalog = await seller.ask('{ catalog(currency: "EUR") { sku { code } } }')
    return str(catalog["catalog"][0]["sku"]["code"])


DEAREST = """
query Dearest($n: Int!) {
  orders(first: $n) {
    totalCount
    nodes {
      id environment kind status statusSince statusReason externalOrderReference purchaseOrderNumber currency
      startsOn placedAt updatedAt fulfilledAt
      listTotal { amount currency } discountTotal { amount currency } total { amount currency }
      lines {
        id lineNumber quantity remainingQuantity status reason unitPrice { amount currency }
        listPrice { amount currency } discount { amount currency } net { amount currency }
        sku { id code productCode productName plan termMonths unit features }
      }
      customer { id legalName country address { street city postalCode country } partner { id name } }
      timeline { fromStatus toStatus actor reason at }
    }
  }
}
"""


async def test_the_dearest_operation_allowed_takes_few_statements_and_little_time(
    partner: httpx.AsyncClient, seller: Portal, counted: Callable[[], Any]
) -> None:
    import time

    line = {"sku": await _sku(seller), "quantity": 2}
    mark = customer_input("dearest")
    for number in range(100):
        customer = {"new": mark} if number == 0 else {"externalReference": mark["externalReference"]}
        placed = await seller.place(customer=customer, lines=[line] * 5)
        assert placed["problems"] == []
    size = next(n for n in range(100, 0, -1) if 2 + n * (1 + 10 + 2 + 5) <= 2_000)
    body = {"query": DEAREST, "variables": {"n": size}}
    await partner.post("/graphql", json=body)  # plans it

    with counted() as statements:
        began = time.process_time()
        response = await partner.post("/graphql", json=body)
        spent = time.process_time() - began

    assert len(response.json()["data"]["orders"]["nodes"]) == size
    assert "errors" not in response.json()
    assert len(statements) <= 15
    assert spent <= 0.5
