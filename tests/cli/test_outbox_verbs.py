"""`portico outbox`: what waits, what was given up, and trying it again, from the command line."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import Database

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def dead_letter(fresh_database: Database) -> str:
    """A message that Salesforce refused for good, of a partner, beside one that waits."""
    connection = await asyncpg.connect(fresh_database.owner_url)
    partner, order = uuid.uuid4(), uuid.uuid4()
    await connection.execute("SELECT set_config('app.partner', $1, false)", str(partner))
    await connection.execute("SELECT set_config('app.environment', 'PRODUCTION', false)")
    await connection.execute(
        "INSERT INTO partners (id, kind, name, country, state)"
        " VALUES ($1, 'RESELLER', 'Noorderlicht', 'NL', 'ACTIVE')",
        partner,
    )
    write = (
        "INSERT INTO outbox (partner_id, environment, destination, key, payload, dead_at, last_error)"
        " VALUES ($1, 'PRODUCTION', 'salesforce', $2, '{}', CASE WHEN $3 THEN now() END, 'FIELD_INTEGRITY')"
        " RETURNING id"
    )
    await connection.fetchval(write, partner, order, False)
    dead = await connection.fetchval(write, partner, order, True)
    await connection.close()
    return f"msg_{dead}"


def test_a_dead_letter_is_shown_and_tried_again(
    fresh_database: Database, dead_letter: str, tmp_path: Path
) -> None:
    def portico(*words: str) -> "subprocess.CompletedProcess[str]":
        urls = {"DATABASE_URL": fresh_database.url, "PORTICO_OWNER_URL": fresh_database.owner_url}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
        return subprocess.run(
            [sys.executable, "-m", "cli", "outbox", *words],
            cwd=ROOT,
            env=kept | urls | {"PORTICO_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    def row(text: str) -> list[str]:
        return next(line.split() for line in text.splitlines() if line.startswith("salesforce"))

    before = row(portico("status").stdout)
    (shown,) = json.loads(portico("dead", "--json").stdout)
    unnamed = portico("retry")
    wrong = portico("retry", "order_1")
    tried = portico("retry", dead_letter)
    after = row(portico("status").stdout)
    again = portico("retry", dead_letter)

    assert (before[1], before[-1]) == ("1", "1")
    assert (shown["id"], shown["last_error"]) == (dead_letter, "FIELD_INTEGRITY")
    assert (unnamed.returncode, wrong.returncode) == (1, 1)
    assert "order_1" in wrong.stderr
    assert (tried.returncode, tried.stdout) == (0, "1 of them will be tried again.\n")
    assert (after[1], after[-1]) == ("2", "0")
    assert (again.returncode, again.stdout) == (1, "There was nothing to try again.\n")
