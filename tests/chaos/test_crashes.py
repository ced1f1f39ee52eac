"""Killing every process again and again under load loses, doubles and changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("PORTICO_CHAOS_KILLS") or (60 if os.environ.get("CI") else 10))
"""Sixty in CI; ten, of every kind, on a developer's machine."""
ORDERS_PER_KILL = 84
RECOVERY = 60.0
"""Seconds; on a quiet machine it takes two at most."""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_was_acknowledged_survives_every_kill() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "cli", "chaos", "--kills", str(KILLS), "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert run.stdout, run.stderr
    found = json.loads(run.stdout)
    assert sum(found["kills"].values()) == KILLS
    assert all(found["kills"].values())
    assert found["acknowledged"] >= KILLS * ORDERS_PER_KILL
    assert found["wrong"] == dict.fromkeys(found["wrong"], 0)
    assert found["broken"] == {}
    assert found["feeds_torn"] == []
    assert found["events_heard"] > found["acknowledged"]
    assert "INTERNAL_SERVER_ERROR" not in found["answers"]
    assert max(found["recoveries"]) < RECOVERY
    assert run.returncode == 0
