"""`portico client`: credentials made, listed, replaced and ended from the command line."""

import json
import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

import asyncpg
import pytest
from joserfc.jwk import OKPKey

from tests.conftest import Database

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def partner(fresh_database: Database) -> str:
    connection = await asyncpg.connect(fresh_database.owner_url)
    identifier = uuid.uuid4()
    await connection.execute(
        "INSERT INTO partners (id, kind, name, country, state)"
        " VALUES ($1, 'RESELLER', 'Noorderlicht', 'NL', 'ACTIVE')",
        identifier,
    )
    await connection.close()
    return f"par_{identifier.hex}"


async def test_a_client_is_made_listed_given_new_credentials_and_ended(
    fresh_database: Database, partner: str, tmp_path: Path
) -> None:
    def portico(*words: str) -> "subprocess.CompletedProcess[str]":
        urls = {"DATABASE_URL": fresh_database.url, "PORTICO_OWNER_URL": fresh_database.owner_url}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
        return subprocess.run(
            [sys.executable, "-m", "cli", "client", *words],
            cwd=ROOT,
            env=kept | urls | {"PORTICO_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    made = portico("create", "--partner", partner, "--scope", "orders:read").stdout
    client, secret = re.findall(r"cli_\w+|pcs_\w+", made)
    second = portico("add-secret", client).stdout
    third = portico("add-secret", client)
    jwk = tmp_path / "key.jwk"
    jwk.write_text(json.dumps({**OKPKey.generate_key("Ed25519").as_dict(private=False), "kid": "ours"}))
    key = portico("add-key", client, str(jwk)).stdout
    listed = portico("list", "--partner", partner).stdout
    (first_secret, _) = re.findall(r"sec_\w+", listed)
    revoked = portico("revoke", first_secret, "--client", client)
    again = portico("revoke", first_secret, "--client", client)

    assert second.startswith("client_secret  pcs_")
    assert (third.returncode, "two live secrets" in third.stderr) == (1, True)
    assert "kid ours" in key
    assert client in listed
    assert secret not in listed
    assert f"{secret[:8]}…, never used" in listed
    assert revoked.stdout == f"{first_secret} is revoked\n"
    assert again.returncode == 1
    assert portico("revoke", client).returncode == 0
    assert ", revoked 20" in portico("list", "--partner", partner).stdout
