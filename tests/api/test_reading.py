"""Reading: what a viewer sees, in how many statements, page by page."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.world import Portal, World, customer_input

PAGE = """
query Page($first: Int) {
  orders(first: $first) {
    nodes {
      id status total { amount }
      lines { quantity sku { code } }
      customer { legalName }
      partner { name }
      licenses { id seats }
      screening { decision }
      timeline { toStatus }
    }
  }
}
"""

BELOW_CUSTOMERS = """
query Below($first: Int) {
  customers(first: 20) {
    nodes {
      legalName
      orders(first: $first) { totalCount nodes { placedAt } pageInfo { hasNextPage } }
      subscriptions(first: $first) { totalCount nodes { seats sku { code } } }
      licenses(first: $first) { totalCount totalCountIsExact nodes { id } }
    }
  }
}
"""

IDS = """
query Ids($first: Int, $after: String) {
  orders(first: $first, after: $after) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage endCursor }
    totalCount
  }
}
"""

BACK = """
query($before: String) {
  orders(last: 3, before: $before) { nodes { id } pageInfo { hasPreviousPage } }
}
"""

FOUND = """
query($after: String) {
  customers(search: "Quittenhof", first: 2, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } }
}
"""

SORTED = """
query($after: String, $sort: OrderSort!) {
  orders(sort: $sort, first: 1, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } }
}
"""

CATALOG = """
{
  catalog(currency: "EUR") { discountPercent sku { code termMonths } tiers { minQuantity unitPrice } }
}
"""


async def some_orders(seller: Portal, world: World, count: int) -> list[str]:
    """Ids of orders placed and fulfilled, the newest first."""
    ids = [(await seller.place())["order"]["id"] for _ in range(count)]
    await world.provision()
    return ids[::-1]


@pytest.mark.parametrize("count", [1, 7])
async def test_a_page_with_everything_below_costs_a_number_of_statements_that_its_size_does_not_change(
    seller: Portal, world: World, counted: Callable[[], Any], count: int
) -> None:
    await some_orders(seller, world, count)

    with counted() as statements:
        page = (await seller.ask(PAGE, first=50))["orders"]["nodes"]

    assert len(page) == count
    assert page[0]["licenses"][0]["seats"] == 10
    assert len(statements) == 8, "page, lines, SKUs, customers, partners, licences, screenings, timelines"


@pytest.mark.parametrize("count", [1, 3])
async def test_pages_below_customers_cost_one_statement_each(
    seller: Portal, world: World, counted: Callable[[], Any], count: int
) -> None:
    for _ in range(count):
        customer = {"new": customer_input(f"c{_}")}
        for _again in range(3):
            await seller.place(customer=customer)
    await world.provision()

    with counted() as statements:
        nodes = (await seller.ask(BELOW_CUSTOMERS, first=2))["customers"]["nodes"]

    assert [len(node["orders"]["nodes"]) for node in nodes] == [2] * count
    assert [node["licenses"]["totalCount"] for node in nodes] == [3] * count
    assert all(node["orders"]["pageInfo"]["hasNextPage"] for node in nodes)
    assert len(statements) == 8, "customers; a page and a count of each of three lists; SKUs"


async def test_pages_forwards_and_backwards_meet(seller: Portal, world: World) -> None:
    ids = await some_orders(seller, world, 5)

    first = (await seller.ask(IDS, first=2))["orders"]
    second = (await seller.ask(IDS, first=2, after=first["pageInfo"]["endCursor"]))["orders"]
    third = (await seller.ask(IDS, first=2, after=second["pageInfo"]["endCursor"]))["orders"]
    back = await seller.ask(BACK, before=third["edges"][0]["cursor"])

    pages = [[edge["node"]["id"] for edge in page["edges"]] for page in (first, second, third)]
    assert pages == [ids[0:2], ids[2:4], ids[4:5]]
    assert [page["pageInfo"]["hasNextPage"] for page in (first, second, third)] == [True, True, False]
    assert first["totalCount"] == 5
    assert [node["id"] for node in back["orders"]["nodes"]] == ids[1:4]
    assert back["orders"]["pageInfo"]["hasPreviousPage"] is True


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("first: 0", "first"),
        ("first: 101", "first"),
        ("first: 1, last: 1", "last"),
        ('first: 1, before: "x"', "before"),
        ('after: "not a cursor"', "after"),
        ('after: "WyJ4Il0"', "after"),
    ],
)
async def test_a_page_that_cannot_be_served_says_which_argument(
    seller: Portal, arguments: str, says: str
) -> None:
    errors = await seller.errors(f"{{ orders({arguments}) {{ nodes {{ id }} }} }}")

    assert [error["extensions"]["code"] for error in errors] == ["INVALID_PAGINATION"]
    assert errors[0]["message"].startswith(f"{says}:")


async def test_a_cursor_of_another_sort_is_refused(seller: Portal, world: World) -> None:
    await some_orders(seller, world, 2)
    cursor = (await seller.ask(IDS, first=1))["orders"]["pageInfo"]["endCursor"]

    errors = await seller.errors(
        f'{{ orders(sort: UPDATED_AT_ASC, after: "{cursor}") {{ nodes {{ id }} }} }}'
    )

    assert errors[0]["extensions"]["code"] == "INVALID_PAGINATION"


@pytest.mark.parametrize("sort", ["PLACED_AT_DESC", "PLACED_AT_ASC", "UPDATED_AT_DESC", "UPDATED_AT_ASC"])
async def test_every_sort_walks_all_orders_once(seller: Portal, world: World, sort: str) -> None:
    ids = await some_orders(seller, world, 4)
    seen, after, more = [], None, True
    while more:
        page = (await seller.ask(SORTED, after=after, sort=sort))["orders"]
        seen += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert sorted(seen) == sorted(ids)
    if sort.startswith("PLACED"):
        assert seen == (ids if sort.endswith("DESC") else ids[::-1])


async def test_filters_are_joined_by_and(seller: Portal, world: World) -> None:
    wanted = (await seller.place(externalOrderReference="ref-1", purchaseOrderNumber="PO-1"))["order"]
    await seller.place()
    found = "query($f: OrderFilter) { orders(filter: $f) { nodes { id } totalCount } }"

    async def ids(**filter_: Any) -> list[str]:
        return [node["id"] for node in (await seller.ask(found, f=filter_))["orders"]["nodes"]]

    assert await ids(reference="ref-1") == [wanted["id"]]
    assert await ids(reference="PO-1", statuses=["PROVISIONING"]) == [wanted["id"]]
    assert await ids(reference="PO-1", statuses=["FULFILLED"]) == []
    assert await ids(kinds=["RETURN"]) == []
    assert await ids(placedBefore="2020-01-01T00:00:00+00:00") == []
    assert len(await ids(placedFrom="2020-01-01T00:00:00+00:00")) == 2


async def test_a_filter_by_what_is_no_customer_id_is_refused(seller: Portal) -> None:
    errors = await seller.errors('{ orders(filter: {customerId: "cus_nonsense"}) { nodes { id } } }')

    assert [error["extensions"]["code"] for error in errors] == ["INVALID_ARGUMENT"]


async def test_a_customer_is_found_by_words_near_its_name_domain_or_reference(seller: Portal) -> None:
    await seller.place(
        customer={"new": customer_input("a1", legalName="Zeppelin Uhrenfabrik GmbH", domain="zepp.example")}
    )
    await seller.place(customer={"new": customer_input("b2", legalName="Ganz Andere AG")})
    find = "query($s: String!) { customers(search: $s) { nodes { legalName } totalCount } }"

    for words in ("zeppelin", "Uhrenfabrk", "zepp.example", "customer-a1", "UHREN"):
        found = (await seller.ask(find, s=words))["customers"]
        assert found["nodes"][0]["legalName"] == "Zeppelin Uhrenfabrik GmbH", words
    assert found["totalCount"] == 1


async def test_a_search_is_paged_without_losing_or_repeating_anybody(seller: Portal) -> None:
    for number in range(5):
        await seller.place(
            customer={"new": customer_input(f"n{number}", legalName=f"Quittenhof {'x' * number} AG")}
        )

    seen, after, more = [], None, True
    while more:
        page = (await seller.ask(FOUND, after=after))["customers"]
        seen += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert len(seen) == len(set(seen)) == 5


async def test_nodes_answer_for_each_id_and_null_for_what_is_not_there(seller: Portal) -> None:
    order = (await seller.place())["order"]
    ask = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Order { status } } }"

    nodes = (await seller.ask(ask, ids=[seller.id, "ord_" + "0" * 32, order["id"], "nonsense"]))["nodes"]

    assert [node and node["__typename"] for node in nodes] == ["Partner", None, "Order", None]
    assert nodes[2]["status"] == "PROVISIONING"


async def test_the_catalogue_shows_tiers_and_discount(seller: Portal, world: World) -> None:
    items = (await seller.ask(CATALOG))["catalog"]

    standard = next(item for item in items if item["sku"]["code"] == world.market.standard)
    assert standard["discountPercent"] == "10.00"
    assert [(tier["minQuantity"], tier["unitPrice"]) for tier in standard["tiers"]] == [
        (1, "100.00"),
        (50, "90.00"),
    ]
