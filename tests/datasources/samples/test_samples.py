"""The sample data: as much as promised, the same every time, true to every rule, nobody real or listed."""

import json
import os
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import chain, islice, pairwise
from pathlib import Path
from types import SimpleNamespace

import asyncpg
import pytest

from commerce.events import order_snapshot
from commerce.money import Money, rounded
from commerce.orders import TRANSITIONS, OrderStatus
from commerce.screening import Decision
from commerce.screening_policies import PARTNER_SELF_SERVICE
from datasources.license_keys import verify
from datasources.postgres.samples import Counts, seed
from datasources.postgres.samples.customers import Customers
from datasources.postgres.samples.listed import LISTED_CUSTOMERS
from datasources.postgres.samples.loading import batches
from datasources.postgres.samples.rows import TABLES, Rows
from datasources.postgres.samples.screenings import subjects_of
from datasources.watchlists import Watchlists

STATUSES_TOLD = {
    *("received", "provisioning", "fulfilled", "on_hold", "denied", "awaiting_partner"),
    *("scheduled", "canceled", "failed"),
}
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ANY_ORDER = SimpleNamespace(
    id="ord_",
    kind="NEW",
    status="FULFILLED",
    status_reason=None,
    customer_id="cus_",
    external_order_reference=None,
    purchase_order_number=None,
    end_customer_purchase_order_number=None,
    total=Money(Decimal(1), "EUR"),
    placed_at=NOW,
    fulfilled_at=NOW,
)


@pytest.fixture(scope="module")
def official_lists():
    """The official lists by PORTICO_WATCHLIST_DIR, or beside the repository where this house keeps them."""
    beside = Path(__file__).parents[4] / "shared" / "watchlists"
    directory = Path(os.environ.get("PORTICO_WATCHLIST_DIR", beside))
    if not directory.is_dir():
        pytest.skip("no official lists: set PORTICO_WATCHLIST_DIR")
    return directory


async def test_there_is_exactly_as_much_as_promised(seeded):
    connection, counts = seeded

    kinds = await connection.fetch("SELECT kind, count(*) FROM partners GROUP BY kind ORDER BY kind")
    written = {
        table: await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608  our own tables
        for table in (*TABLES.values(), "events")
    }

    assert [tuple(row) for row in kinds] == [("DISTRIBUTOR", 12), ("MARKETPLACE", 12), ("RESELLER", 12)]
    assert (written["customers"], written["orders"]) == (2_000, 8_000)
    assert counts == Counts(
        partners=36,
        customers=2_000,
        orders=8_000,
        licenses=written["licenses"],
        events=written["events"],
        rows=sum(written.values()),
    )


async def test_every_order_reached_its_status_by_moves_that_are_allowed(seeded):
    rows = await seeded[0].fetch(
        """
        SELECT orders.id, status, status_since, placed_at, position, from_status, to_status, at
        FROM orders JOIN order_transitions ON order_id = orders.id ORDER BY orders.id, position
        """
    )
    allowed = {(before, after) for before, afters in TRANSITIONS.items() for after in afters}

    history = {}
    for row in rows:
        history.setdefault(row["id"], []).append(row)

    assert len(history) == 8_000
    assert {status for row in rows for status in [row["status"]]} >= {
        *("FULFILLED", "ON_HOLD", "DENIED", "AWAITING_PARTNER", "SCHEDULED", "CANCELED", "FAILED")
    }
    for moves in history.values():
        befores = [None, *(move["to_status"] for move in moves[:-1])]
        assert [move["from_status"] for move in moves] == befores
        assert [move["position"] for move in moves] == list(range(1, len(moves) + 1))
        assert all((move["from_status"], OrderStatus(move["to_status"])) in allowed for move in moves)
        assert moves[0]["at"] == moves[0]["placed_at"]
        assert (moves[-1]["to_status"], moves[-1]["at"]) == (moves[-1]["status"], moves[-1]["status_since"])
        assert all(earlier["at"] <= later["at"] < NOW for earlier, later in pairwise(moves))


async def test_every_licence_verifies_in_its_own_environment_and_in_no_other(seeded, keys):
    rows = await seeded[0].fetch("SELECT file, environment, state FROM licenses")
    key_set = keys.public_key_set()

    own = [
        (
            row["state"],
            str(verify(row["file"], key_set, now=NOW, environment=row["environment"].lower()).code),
        )
        for row in rows
    ]
    other = {
        str(verify(row["file"], key_set, now=NOW).code) for row in rows if row["environment"] == "SANDBOX"
    }

    assert {state for state, _ in own} == {"ACTIVE", "EXPIRED", "REVOKED", "SUPERSEDED"}
    assert {code for state, code in own if state == "ACTIVE"} == {"VALID", "IN_GRACE"}
    assert {code for state, code in own if state == "EXPIRED"} == {"EXPIRED"}
    assert {code for state, code in own if state in {"REVOKED", "SUPERSEDED"}} <= {
        *("VALID", "IN_GRACE", "EXPIRED")
    }
    assert other == {"WRONG_ENVIRONMENT"}


async def test_the_event_log_of_each_partner_has_no_gap_and_runs_in_time(column):
    faults = await column(
        """
        SELECT count(*) FROM (
            SELECT sequence, lag(sequence, 1, 0::bigint) OVER log AS before,
                occurred_at, lag(occurred_at, 1, '-infinity') OVER log AS earlier
            FROM events WINDOW log AS (PARTITION BY partner_id, environment ORDER BY sequence)
        ) AS log WHERE sequence <> before + 1 OR occurred_at < earlier
        """,
    )
    last = await column(
        """
        SELECT count(*) FROM event_sequences WHERE last <> (
            SELECT max(sequence) FROM events AS event
            WHERE event.partner_id = event_sequences.partner_id
                AND event.environment = event_sequences.environment
        )
        """,
    )
    repeated = await column("SELECT count(*) - count(DISTINCT id) FROM events")

    assert (faults, last, repeated) == ([0], [0], [0])
    assert set(await column("SELECT DISTINCT type FROM events")) == {
        *(f"order.{status}" for status in STATUSES_TOLD),
        *("subscription.created", "subscription.changed", "subscription.canceled"),
        *("license.issued", "license.superseded", "license.revoked"),
        *("screening.cleared", "screening.held", "screening.denied"),
    }


async def test_an_event_carries_the_snapshot_that_the_record_itself_would_give(seeded):
    connection, _ = seeded
    orders = await connection.fetch(
        """
        SELECT orders.*, snapshot FROM events
        JOIN orders ON subject_id = 'ord_' || replace(orders.id::text, '-', '')
        WHERE type = 'order.fulfilled' AND external_order_reference IS NOT NULL LIMIT 500
        """
    )

    for row in orders:
        amount = str(rounded(row["total"], row["currency"]))
        snapshot = json.loads(row["snapshot"])
        assert snapshot["id"] == f"ord_{row['id'].hex}"
        assert snapshot["customerId"] == f"cus_{row['customer_id'].hex}"
        assert snapshot["total"] == {"amount": amount, "currency": row["currency"]}
        assert datetime.fromisoformat(snapshot["placedAt"]) == row["placed_at"]
        assert set(snapshot) == set(order_snapshot(ANY_ORDER))
    assert len(orders) == 500


async def test_names_come_in_many_scripts_and_no_mail_leaves_the_house(column):
    names = await column("SELECT legal_name FROM customers UNION SELECT name FROM contacts")
    emails = await column("SELECT email FROM contacts")

    scripts = {unicodedata.name(letter).split()[0] for name in names for letter in name if letter.isalpha()}

    assert scripts >= {
        *("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "DEVANAGARI", "THAI", "CJK", "HANGUL", "KATAKANA")
    }
    assert all(email.endswith(".example") and email.isascii() for email in emails)
    assert len(await column("SELECT DISTINCT country FROM customers")) == 26


async def test_whoever_resembles_a_listed_party_is_held_or_denied_and_says_why(seeded):
    rows = await seeded[0].fetch(
        """
        SELECT DISTINCT legal_name, status, decision, status_reason,
            EXISTS (SELECT FROM screening_matches WHERE screening_id = screenings.id) AS has_matches
        FROM orders JOIN customers ON customers.id = customer_id JOIN screenings ON order_id = orders.id
        WHERE legal_name = ANY($1)
        """,
        list(LISTED_CUSTOMERS.values()),
    )
    decisions = {row["legal_name"]: row["decision"] for row in rows}

    assert len(decisions) == len(LISTED_CUSTOMERS)
    assert decisions["Zarkova Trading House LLC"] == "DENY"
    assert set(decisions.values()) >= {"DENY", "HOLD"}
    assert all(row["has_matches"] and row["status_reason"] for row in rows if row["decision"] != "CLEAR")


async def test_indexes_and_references_are_all_back(column, database_url):
    described = """
        SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT conrelid::regclass || conname || pg_get_constraintdef(oid) || convalidated FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    """
    untouched = await asyncpg.connect(database_url)

    expected = sorted(row[0] for row in await untouched.fetch(described))
    await untouched.close()

    assert sorted(await column(described)) == expected
    assert len(expected) > 100


async def test_a_second_seed_is_refused_and_changes_nothing(seeded, sockets, keys, screen):
    connection, counts = seeded
    name = await connection.fetchval("SELECT current_database()")

    with pytest.raises(asyncpg.UniqueViolationError):
        await seed(f"postgresql://portico@/{name}?host={sockets}", keys=keys, screen=screen, as_of=NOW.date())

    assert await connection.fetchval("SELECT count(*) FROM orders") == counts.orders
    assert await connection.fetchval("SELECT count(*) FROM pg_constraint WHERE contype = 'f'") > 20


def test_the_same_arguments_make_the_same_rows_and_a_larger_scale_only_adds(keys, screen):
    first = list(islice(batches(1, NOW, keys, screen), 4))  # the catalogue, then 250 customers each

    larger = list(islice(batches(2, NOW, keys, screen), len(first)))

    assert larger == first
    assert sum(len(rows) for batch in first for _, _, rows in batch) > 30_000


def test_nobody_resembles_a_listed_party_by_accident(keys, screen):
    assert not_cleared(screen) == []


@pytest.mark.slow
def test_against_the_official_lists_nobody_is_denied_and_hardly_anybody_held(official_lists):
    lists = Watchlists.load(official_lists)

    found = not_cleared(partial(lists.screen, policy=PARTNER_SELF_SERVICE))

    assert not lists.is_sample
    assert [name for name, decision in found if decision is Decision.DENY] == []
    assert len(found) <= 37  # one in a hundred of some 3,700 names; the lists change every week


def not_cleared(screen):
    """Customers and contacts, other than those called so on purpose, whom a screening does not clear."""
    customers = Customers(Rows(), NOW)
    buyers = (customers.make(number)[0] for number in range(2_000))
    ordinary = (buyer for buyer in buyers if buyer.number not in LISTED_CUSTOMERS)
    once = {subject.name: subject for subject in chain.from_iterable(map(subjects_of, ordinary))}
    decisions = ((name, screen([subject]).decision) for name, subject in once.items())
    return [(name, decision) for name, decision in decisions if decision is not Decision.CLEAR]
