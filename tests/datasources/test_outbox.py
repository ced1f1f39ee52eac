"""Taking from the outbox: whole batches for remotes, by one worker at a time for each destination."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from commerce.access import Environment
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.postgres import outbox
from datasources.postgres.database import Database, open_database
from datasources.postgres.outbox import Destination
from tests.conftest import Database as Clone

LEASE = timedelta(minutes=2)


@pytest.fixture
async def database(fresh_database: Clone) -> AsyncIterator[Database]:
    async with open_database(fresh_database.url) as opened:
        yield opened


@pytest.fixture
async def partner(fresh_database: Clone) -> str:
    partner_id = new_id(Prefix.PARTNER)
    owner = await asyncpg.connect(fresh_database.owner_url)
    await owner.execute(
        "INSERT INTO partners (id, kind, name, country, state)"
        " VALUES ($1, 'RESELLER', 'Brightwater', 'NL', 'ACTIVE')",
        partner_id[-32:],
    )
    await owner.close()
    return partner_id


async def tell(database: Database, partner: str, *destinations: Destination) -> str:
    key = new_id(Prefix.ORDER)
    async with database.system() as transaction:
        await outbox.tell(
            transaction,
            destinations,
            partner_id=partner,
            environment=Environment.PRODUCTION,
            key=key,
            payload={},
        )
    return key[-32:]


async def test_one_worker_at_a_time_takes_for_a_destination(database: Database, partner: str) -> None:
    told = [await tell(database, partner, Destination.SALESFORCE, Destination.MAIL) for _ in range(3)]

    async with database.system() as first, database.system() as second:
        taken = await outbox.take(first, Destination.SALESFORCE, 2, LEASE)
        meanwhile = await outbox.take(second, Destination.SALESFORCE, 2, LEASE)
        elsewhere = await outbox.take(second, Destination.MAIL, 5, LEASE)
    async with database.system() as third:
        after = await outbox.take(third, Destination.SALESFORCE, 5, LEASE)

    assert [message.key for message in taken] == told[:2]
    assert meanwhile == []
    assert [message.key for message in elsewhere] == told
    assert [message.key for message in after] == told[2:], "the rest; what was taken is leased"


async def test_what_a_dead_worker_took_is_taken_again_when_its_lease_ends(
    database: Database, partner: str
) -> None:
    told = await tell(database, partner, Destination.SALESFORCE)

    async with database.system() as transaction:
        (taken,) = await outbox.take(transaction, Destination.SALESFORCE, 5, timedelta(0))
    async with database.system() as transaction:
        (again,) = await outbox.take(transaction, Destination.SALESFORCE, 5, LEASE)

    assert (taken.key, again.key) == (told, told)
    assert (taken.attempts, again.attempts) == (0, 1)
