"""The policy rows: the migration wrote what the code falls back to, and an altered row is no policy."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from commerce.screening_policies import POLICIES
from datasources.errors import SourceUnavailable
from datasources.postgres.database import open_database
from datasources.postgres.screening_policies import ScreeningPolicies
from tests.conftest import Database


@pytest.fixture
async def policies(fresh_database: Database) -> AsyncIterator[ScreeningPolicies]:
    async with open_database(fresh_database.url) as opened:
        yield ScreeningPolicies(opened, remembered_for=0)


async def run(database: Database, *statements: str) -> None:
    connection = await asyncpg.connect(database.owner_url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize("workflow", sorted(POLICIES))
async def test_the_first_version_is_the_one_in_the_code(policies: ScreeningPolicies, workflow: str) -> None:
    assert await policies.in_force(workflow) == POLICIES[workflow]


async def test_an_altered_row_is_no_policy(policies: ScreeningPolicies, fresh_database: Database) -> None:
    await run(fresh_database, "UPDATE screening_policies SET review_organisation_at = 0.99")

    with pytest.raises(SourceUnavailable, match="SCREENING_POLICY_ALTERED"):
        await policies.in_force("ECOMMERCE")


async def test_an_unknown_workflow_is_no_policy(policies: ScreeningPolicies) -> None:
    with pytest.raises(SourceUnavailable, match="NO_SCREENING_POLICY"):
        await policies.in_force("HOPE_FOR_THE_BEST")


async def test_a_version_counts_from_its_time_on(
    policies: ScreeningPolicies, fresh_database: Database
) -> None:
    copied = (
        "INSERT INTO screening_policies SELECT (p).* FROM (SELECT jsonb_populate_record(p,"
        " jsonb_build_object('version', 2, 'in_force_from', now() + interval '1 day'))"
        " AS p FROM screening_policies AS p) AS later"
    )
    await run(fresh_database, copied)

    assert (await policies.in_force("ECOMMERCE")).version == 1
