"""Every field and argument of the schema, asked of a partner by those who may not know of it.

Everything that the victim gave carries a mark that nobody else has, and every id of its is known from the
tables; so whatever of it stands anywhere in an answer to another is a leak.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from commerce.access import Scope
from commerce.ids import Prefix
from datasources.postgres.customers import Customers
from datasources.postgres.licenses import Licenses
from datasources.postgres.order_pages import OrderPages
from datasources.postgres.orders import Orders
from datasources.postgres.partners import Partners
from resolvers.context import Refused
from schema.sdl import schema
from tests.api.compliance import HELD_NAME
from tests.api.leaks import Atlas, Given, Question, coordinates, is_reached
from tests.api.listener import listener
from tests.api.world import Portal, World, bare, customer_input, order_input
from tests.receivers import Receiver

MARK = "Qvxzerloth"
HEX = re.compile(r"[0-9a-f]{32}")

NOT_REACHED = {
    "Stream": "a stream; tests/api/test_events.py asks these",
    "OrderChange": "an event of a stream; tests/api/test_events.py asks these",
    "AccountOwner": "staff read it of Salesforce; no partner has the field (the access matrix)",
    "CrmAccount": "staff read it of Salesforce; no partner has the field (the access matrix)",
    "Opportunity": "staff read it of Salesforce; no partner has the field (the access matrix)",
    "SupportCase": "staff read it of Salesforce; no partner has the field (the access matrix)",
    "Activation": "nothing is activated here; tests/api/test_license_activation.py asks these",
    "ClearedHit": "nothing is cleared here; staff alone have the field",
    "ScreeningBatch": "officers alone have the field (the access matrix)",
    "BatchCounts": "officers alone have the field (the access matrix)",
    "BatchParty": "officers alone have the field (the access matrix)",
    "SimulatedDecision": "officers alone have the field (the access matrix)",
    "DeadLetter": "operators alone have the field (the access matrix)",
    "DeadLetterEdge": "operators alone have the field (the access matrix)",
    "Blocker": "on a held order, which no path by the victim's first order leads to",
    "OrderError": "of several orders one of which is wrong; the one that is asked with is right",
    "OpenQuestion": "on an order with a question, which no path by the victim's first order leads to",
    "Problem": "no problem stands in the answers that lead to this type; the strangers' answers have some",
    "WebhookAttempt": "settled deliveries of tests have been forgotten or not sent yet",
    "WebhookEndpointSnapshot": "on an event of an endpoint switched off",
    "Customer.licenses(after:)": "a cursor belongs to its question; another is refused with the parent",
    "Customer.licenses(before:)": "a cursor belongs to its question; another is refused with the parent",
    "Customer.orders(after:)": "a cursor belongs to its question; another is refused with the parent",
    "Customer.orders(before:)": "a cursor belongs to its question; another is refused with the parent",
    "Customer.subscriptions(after:)": "a cursor belongs to its question; another is refused with the parent",
    "Customer.subscriptions(before:)": "a cursor belongs to its question; another is refused with the parent",
}
"""Types, fields and arguments that no question reaches, each with its reason."""

TABLES = """
SELECT a.attrelid::regclass::text FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE a.attname = 'partner_id' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """A victim with everything a partner can have, and those who ask about it."""

    victim: Portal
    ids: frozenset[str]
    questions: list[Question]
    strangers: dict[str, Portal]
    insiders: dict[str, Portal]

    def leaks(self, question: Question, said: str) -> set[str]:
        """What of the victim's stands in a text, besides what the question itself said."""
        asked = json.dumps(question.variables)
        found = {one for one in HEX.findall(said) if one in self.ids and one not in asked}
        return found | ({MARK} if MARK in said and MARK not in asked else set())


async def everything_of(connection: "asyncpg.Connection[Any]", partner_id: str) -> dict[str, list[str]]:
    """The rows of a partner in every tenant table, as text."""
    tables = [row[0] for row in await connection.fetch(TABLES)]
    found = {}
    for table in tables:
        sql = f"SELECT to_jsonb(t)::text FROM {table} AS t WHERE partner_id = $1"  # noqa: S608  of the catalogue
        found[table] = [row[0] for row in await connection.fetch(sql, bare(partner_id))]
    return found


def ids_in(texts: Iterable[str]) -> set[str]:
    return {one for text in texts for one in HEX.findall(text.replace("-", ""))}


def marked_order(number: int, **changes: Any) -> dict[str, Any]:
    """An order of the victim's, with its mark in every text that can be given."""
    mark = f"{MARK}-{number}"
    customer = customer_input(mark, legalName=f"{MARK} Handel {number}", street=f"{MARK} Straat 1") | {
        "externalReference": f"customer-{mark}",
        "contacts": [{"name": f"{MARK} Femke", "email": f"femke@{mark}.example", "receivesLicenses": True}],
    }
    given = {"customer": {"new": customer}, "externalOrderReference": f"order-{mark}"}
    return order_input(**(given | {"purchaseOrderNumber": f"po-{mark}"} | changes))


async def victim_of(world: World, receiver: Receiver) -> Portal:
    """A partner with orders, a held one, licences, webhooks that were sent, and a client."""
    victim = await world.partner("DISTRIBUTOR", name=f"{MARK} Distribution")
    await world.partner(parent=victim.id, name=f"{MARK} Reseller")
    await listener(victim, world, receiver, description=f"{MARK} endpoint")
    held = marked_order(2)
    held["details"]["new"]["customer"]["new"]["legalName"] = HELD_NAME
    for asked in (marked_order(1), held):
        payload = await victim.ask(
            "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { problems { code } } }",
            input=asked,
        )
        assert payload["placeOrder"]["problems"] == [], payload
    await world.connection.execute("UPDATE partners SET sandbox_since = now() WHERE id = $1", bare(victim.id))
    await world.provision()
    await world.send_webhooks()
    return victim


KINDS = {
    "subscription": ("subscriptions", Prefix.SUBSCRIPTION),
    "customer": ("customers", Prefix.CUSTOMER),
    "license": ("licenses", Prefix.LICENSE),
    "endpoint": ("webhook_endpoints", Prefix.WEBHOOK_ENDPOINT),
    "delivery": ("webhook_deliveries", Prefix.WEBHOOK_DELIVERY),
    "event": ("events", Prefix.EVENT),
    "case": ("screening_cases", Prefix.CASE),
    "order": ("orders", Prefix.ORDER),
}


async def given_of(world: World, victim: Portal) -> Given:
    """What the questions name: ids of the victim's records, and texts of its."""
    ids = {"partner": victim.id, "reseller": victim.id, "distributor": victim.id}
    for kind, (table, prefix) in KINDS.items():
        sql = f"SELECT id FROM {table} WHERE partner_id = $1 ORDER BY id LIMIT 1"  # noqa: S608  names of this file
        found = await world.connection.fetchval(sql, bare(victim.id))
        ids[kind] = f"{prefix}_{found.hex}"
    texts = {
        "idempotency": f"key of {MARK} 0123456789",
        "orderreference": f"order-{MARK}-1",
        "reference": f"customer-{MARK}-1",
        "search": f"{MARK} Handel",
        "currency": "EUR",
        "sku": world.market.standard,
        "country": "NL",
    }
    return Given(ids, texts)


async def stranger(world: World, **changes: Any) -> Portal:
    """A partner with an order of its own, so that lists are not empty."""
    portal = await world.partner(**changes)
    if changes.get("environment") != "SANDBOX":
        await portal.place()
    return portal


@pytest.fixture
async def scene(world: World, receiver: Receiver) -> Scene:
    victim = await victim_of(world, receiver)
    await world.sync()
    atlas = Atlas(schema()._schema, await given_of(world, victim))
    above = await world.partner("DISTRIBUTOR")
    strangers = {
        "rival": await stranger(world),
        "rival's sandbox": await stranger(world, environment="SANDBOX"),
        "distributor": above,
        "its reseller": await stranger(world, parent=above.id),
        "anonymous": world.anonymous(),
    }
    roles = ("REP", "COMPLIANCE", "PARTNER_OPS", "OPERATOR")
    insiders = {"victim": victim} | {role: world.staff(role) for role in roles}
    await world.provision()
    rows = await everything_of(world.connection, victim.id)
    others = [await everything_of(world.connection, one.id) for one in strangers.values() if one.id]
    shared = {one for rows_ in others for texts in rows_.values() for one in ids_in(texts)}
    own = {one for texts in rows.values() for one in ids_in(texts)} - shared
    return Scene(victim, frozenset(own), list(atlas.questions()), strangers, insiders)


async def said(portal: Portal, question: Question) -> str:
    """Everything that an answer says: its headers and its body."""
    answer = await portal.post(question.document, **question.variables)
    return json.dumps(dict(answer.headers)) + answer.text


async def found_by(scene: Scene, portals: Iterable[Portal], questions: Iterable[Question]) -> list[str]:
    asked = list(questions)
    return [
        f"{portal.name}: {question.coordinates[0]}: {leak}"
        for portal in portals
        for question in asked
        for leak in scene.leaks(question, await said(portal, question))
    ]


async def reached_by(portals: Iterable[Portal], questions: Iterable[Question]) -> set[str]:
    """The fields and arguments that those reach who may; each is asked until it is."""
    asked: list[Question] = list(questions)
    reached: set[str] = set()
    for portal in portals:
        for question in [one for one in asked if not reached.issuperset(one.coordinates)]:
            answer = (await portal.post(question.document, **question.variables)).json()
            if is_reached(answer.get("data"), question.path):
                reached |= set(question.coordinates)
    return reached


def has_reason(coordinate: str) -> bool:
    return coordinate in NOT_REACHED or coordinate.partition(".")[0] in NOT_REACHED


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_every_field_and_argument_is_reached_and_nothing_leaks_to_strangers(
    scene: Scene, world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()

    leaks = await found_by(scene, scene.strangers.values(), scene.questions)
    logged = capfd.readouterr()
    theirs = [one for one in scene.strangers.values() if one.id]
    rows = {one.name: await everything_of(world.connection, one.id) for one in theirs}
    reads = [one for one in scene.questions if one.document.startswith("query")]
    writes = [one for one in scene.questions if one not in reads]
    insiders = scene.insiders.values()
    reached = await reached_by(insiders, reads) | await reached_by(insiders, writes)

    assert leaks == []
    assert MARK not in logged.out + logged.err
    assert [name for name, tables in rows.items() if ids_in(flat(tables)) & scene.ids] == []
    assert len(reached) > 550
    unreached = coordinates(schema()._schema) - reached
    missing = sorted(one for one in unreached if not has_reason(one))
    assert not missing, "\n".join(missing)


def flat(tables: dict[str, list[str]]) -> list[str]:
    """All rows of a partner: what its events and webhooks say is made of them."""
    return [text for texts in tables.values() for text in texts]


def widened(source: type, method: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A read that forgets whose rows it may reach."""
    read = getattr(source, method)

    async def forgetful(self: Any, scope: Scope, *arguments: Any, **named: Any) -> Any:
        return await read(self, Scope(None, scope.environment), *arguments, **named)

    return lambda patch: patch.setattr(source, method, forgetful)


async def telling(self: Any, scope: Scope, ids: Any, *_: Any) -> Any:
    """A refusal that says whose it is."""
    if scope.partner_id is not None:
        raise Refused("FORBIDDEN", f"{MARK} Handel is another partner's customer.")
    return {}


PLANTED: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "orders by id": (widened(Orders, "by_id"), "Order.externalOrderReference"),
    "a page of orders": (widened(OrderPages, "page"), "OrderConnection.nodes"),
    "customers by id": (widened(Customers, "by_id"), "Customer.legalName"),
    "a page of customers": (widened(Customers, "page"), "CustomerConnection.nodes"),
    "licences by id": (widened(Licenses, "by_id"), "License.licensee"),
    "a page of licences": (widened(Licenses, "page"), "LicenseConnection.nodes"),
    "partners by id": (widened(Partners, "by_id"), "Partner.name"),
    "an error that names": (lambda patch: patch.setattr(Orders, "by_id", telling), "Order.status"),
}
"""Faults that show a partner what is another's, each with a field by which it is found."""


async def test_every_planted_leak_is_found(scene: Scene) -> None:
    rival = [scene.strangers["rival"]]
    missed = []
    for fault, (plant, where) in PLANTED.items():
        questions = [one for one in scene.questions if where in one.coordinates]
        assert questions
        before = await found_by(scene, rival, questions)
        with pytest.MonkeyPatch.context() as patch:
            plant(patch)
            found = await found_by(scene, rival, questions)
        missed += [fault] if before or not found else []

    assert missed == []
