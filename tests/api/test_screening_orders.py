"""Orders for listed names: refused or held at once, said in neutral words, and never fulfilled."""

from pathlib import Path

import pytest

from datasources.watchlists import Watchlists
from tests.api.conftest import real_lists
from tests.api.world import Portal, World, customer_input

EVIDENCE = """
query($id: ID!) {
  order(by: {id: $id}) {
    status
    licenses { id }
    screening { decision messages lists matches { list entryId matchedName score } }
  }
}
"""


@pytest.fixture
def real(world: World) -> None:
    """The official lists in force."""
    directory = real_lists()
    if directory is None:
        pytest.skip("no official lists on this machine: set PORTICO_WATCHLIST_DIR")
    _in_force(world, directory)


LOADED: dict[Path, Watchlists] = {}


def _in_force(world: World, directory: Path) -> None:
    if directory not in LOADED:
        LOADED[directory] = Watchlists.load(directory)
    world.sources.watchlists.swap(LOADED[directory].edition)


@pytest.fixture(autouse=True)
def samples_afterwards(world: World) -> object:
    before = world.sources.watchlists.edition
    yield
    world.sources.watchlists.swap(before)


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    "name", ["AEROCARIBBEAN AIRLINES", "Airlines Aero-Caribbean", "aerocaribbean airlines"]
)
async def test_an_order_for_a_name_on_the_sdn_list_is_not_fulfilled_and_says_why(
    seller: Portal, world: World, name: str
) -> None:
    placed = await seller.place(customer={"new": customer_input("listed", legalName=name, country="PA")})
    await world.provision()

    order = placed["order"]
    after = (await seller.ask(EVIDENCE, id=order["id"]))["order"]
    assert after["status"] in {"DENIED", "ON_HOLD"}
    assert after["licenses"] == []
    assert after["screening"]["messages"]
    assert (after["screening"]["matches"], after["screening"]["lists"]) == (None, None)
    assert "OFAC" not in str(after)


@pytest.mark.usefixtures("real")
async def test_a_compliance_officer_reads_the_evidence(seller: Portal, world: World) -> None:
    listed = customer_input("listed", legalName="AEROCARIBBEAN AIRLINES", country="PA")
    order = (await seller.place(customer={"new": listed}))["order"]

    read = (await world.staff("COMPLIANCE").ask(EVIDENCE, id=order["id"]))["order"]["screening"]

    assert read["decision"] == "DENY"
    assert ("OFAC_SDN", "36") in {(match["list"], match["entryId"]) for match in read["matches"]}
    assert any(one.startswith(("OFAC_SDN@", "ofac")) for one in read["lists"])


async def test_a_listed_contact_stops_the_order_of_an_innocent_customer(seller: Portal, world: World) -> None:
    contacts = [
        {"name": "Teodrik Anselm Halvorsen-Dragomir", "email": "t@inno.example", "receivesLicenses": True}
    ]

    order = (await seller.place(customer={"new": customer_input("inno", contacts=contacts)}))["order"]

    assert order["status"] in {"DENIED", "ON_HOLD"}


async def test_no_listed_contact_slips_in_with_the_next_order_of_a_customer_who_was_cleared(
    seller: Portal,
) -> None:
    first = (await seller.place(customer={"new": customer_input("again")}))["order"]
    contacts = [
        {"name": "Teodrik Anselm Halvorsen-Dragomir", "email": "t@again.example", "receivesLicenses": True}
    ]

    second = await seller.place(customer={"new": customer_input("again", contacts=contacts)})

    assert first["status"] == "PROVISIONING"
    assert second["order"] is None
    assert [problem["code"] for problem in second["problems"]] == ["CUSTOMER_REFERENCE_TAKEN"]


async def test_an_embargoed_country_is_denied(seller: Portal) -> None:
    order = (await seller.place(customer={"new": customer_input("cu", country="CU")}))["order"]

    assert (order["status"], order["screening"]["decision"]) == ("DENIED", "DENY")
    assert order["screening"]["messages"] == ["We are unable to supply this destination."]


async def test_a_screening_that_cannot_run_holds_the_order(
    seller: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("index lost")

    monkeypatch.setattr("commerce.matching.Index.search", broken)

    order = (await seller.place())["order"]

    assert (order["status"], order["screening"]["decision"]) == ("ON_HOLD", "HOLD")


async def test_the_api_says_when_it_screens_against_samples(seller: Portal, world: World) -> None:
    order = (await seller.place())["order"]
    ask = "query($id: ID!) { order(by: {id: $id}) { screening { againstSamples } } }"

    assert (await seller.ask(ask, id=order["id"]))["order"]["screening"]["againstSamples"] is True
    assert (await world.http.get("/readyz")).json()["screensAgainstSamples"] is True
