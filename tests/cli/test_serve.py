"""`./portico serve` from nothing: what it prints is pasted into a shell, and then everything is killed.

One server for the file; its last two tests kill it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.sandbox_org import free_port
from datasources.postgres.embedded_cluster import locate, remove
from datasources.postgres.embedded_process import read_postmaster

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
LAST_WORDS = "As an account rep"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(not shutil.which("curl"), reason="the printed commands are for curl"),
]


class Serving:
    """A `portico serve` with a home and a port of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.said = home / "said.txt"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PORTICO_") and name != "DATABASE_URL"
        } | {"PORTICO_HOME": str(home), "no_proxy": "127.0.0.1"}
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        with self.said.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "cli", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
            )

    def restart(self) -> None:
        self.process = self._start()
        self.wait()

    def wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while LAST_WORDS not in self.said.read_text() or not self.commands(LAST_WORDS):
            assert self.process.poll() is None, self.said.read_text()
            assert time.monotonic() < deadline, self.said.read_text()
            time.sleep(0.05)

    def commands(self, title: str) -> list[str]:
        """The command printed under a title."""
        lines = self.said.read_text().splitlines()
        under = [lines[number + 2 :] for number, line in enumerate(lines) if line.startswith(title)]
        return under[0][:1] if under and under[0] else []

    def paste(self, title: str, **also: str) -> str:
        (command,) = self.commands(title)
        done = subprocess.run(  # noqa: S602  it is meant to be pasted into a shell
            command,
            shell=True,
            cwd=ROOT,
            env=self.environment | also,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr, done.stderr
        return done.stdout

    def ask(self, title: str) -> dict[str, Any]:
        answer = json.loads(self.paste(title))
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    def end(self, order: signal.Signals) -> int:
        self.process.send_signal(order)
        return self.process.wait(timeout=60)


@pytest.fixture(scope="module")
def portico() -> Iterator[Serving]:
    home = Path(tempfile.mkdtemp(prefix="portico-serve-"))
    home.chmod(0o755)
    serving = Serving(home, free_port())
    try:
        serving.wait()
        yield serving
    finally:
        if serving.process.poll() is None:
            serving.end(signal.SIGTERM)
        remove(home)
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def placed(portico: Serving) -> dict[str, Any]:
    """The first order's payload, as the first paste answers it."""
    payload: dict[str, Any] = portico.ask("Place an order")["placeOrder"]
    return payload


def followed(portico: Serving) -> dict[str, Any]:
    """The order once it has left PROVISIONING."""
    deadline = time.monotonic() + 30
    while True:
        order: dict[str, Any] = portico.ask("Follow it")["order"]
        if order["status"] != "PROVISIONING" or time.monotonic() > deadline:
            return order
        time.sleep(0.05)


def test_the_first_order_is_accepted(placed: dict[str, Any]) -> None:
    assert placed["problems"] == []
    assert placed["replayed"] is False
    assert placed["order"]["screening"]["decision"] == "CLEAR"


def test_it_is_fulfilled_within_seconds(
    portico: Serving, placed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()

    order = followed(portico)

    assert order["status"] == "FULFILLED"
    assert [step["toStatus"] for step in order["timeline"]] == [
        "RECEIVED",
        "SCREENING",
        "PROVISIONING",
        "FULFILLED",
    ]
    assert [license_["seats"] for license_ in order["licenses"]] == [25]
    with capsys.disabled():
        print(f"\nfulfilled {time.monotonic() - began:.2f} s after the answer")  # noqa: T201  a figure to read


def test_the_same_paste_again_answers_with_the_same_order(portico: Serving, placed: dict[str, Any]) -> None:
    again = portico.ask("Place an order")["placeOrder"]

    assert again["order"]["id"] == placed["order"]["id"]
    assert again["replayed"] is True


def test_its_licence_verifies_and_not_with_one_byte_changed(
    portico: Serving, placed: dict[str, Any], tmp_path: Path
) -> None:
    fetch, _, _ = portico.commands("Fetch its licence")[0].rpartition(" > first.lic && ")
    text = subprocess.run(  # noqa: S602  it is meant to be pasted into a shell
        fetch, shell=True, env=portico.environment, capture_output=True, text=True, check=True
    ).stdout
    middle = len(text) // 2
    changed = text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]

    verdicts = []
    for content in (text, changed):
        file = tmp_path / "first.lic"
        file.write_text(content)
        keys = f"http://127.0.0.1:{portico.port}/.well-known/license-keys.json"
        words = [sys.executable, "-m", "cli", "license", "verify", str(file), "--keys", keys]
        verdicts.append(subprocess.run(words, cwd=ROOT, capture_output=True, check=False).returncode)

    assert verdicts == [0, 1]


def test_an_order_for_a_listed_name_is_not_fulfilled(portico: Serving) -> None:
    order = portico.ask("An order for a listed name")["placeOrder"]["order"]

    assert order["screening"]["decision"] in {"HOLD", "DENY"}
    assert order["status"] in {"ON_HOLD", "DENIED"}
    assert order["screening"]["messages"]


def test_a_rep_sees_orders_licences_and_the_salesforce_account_in_one_answer(
    portico: Serving, placed: dict[str, Any]
) -> None:
    deadline = time.monotonic() + 30
    while True:
        (customer,) = portico.ask("As an account rep")["customers"]["nodes"]
        if (customer["crm"] and customer["crm"]["account"]) or time.monotonic() > deadline:
            break
        time.sleep(0.2)

    assert [order["id"] for order in customer["orders"]["nodes"]] == [placed["order"]["id"]]
    assert [license_["seats"] for license_ in customer["licenses"]["nodes"]] == [25]
    assert customer["crm"]["account"]["name"] == "Halbmond Werkzeugbau GmbH"


def test_a_second_serve_on_the_port_disturbs_nothing(portico: Serving) -> None:
    words = [sys.executable, "-m", "cli", "serve", "--port", str(portico.port), "--fresh"]
    second = subprocess.run(
        words, cwd=ROOT, env=portico.environment, capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert f"./portico serve --port {portico.port + 1}" in second.stderr
    assert portico.ask("Follow it")["order"]["status"] == "FULFILLED"


def test_everything_acknowledged_survives_a_kill_of_server_and_database_at_once(
    portico: Serving, placed: dict[str, Any]
) -> None:
    postmaster = read_postmaster(locate(portico.home))
    assert postmaster
    follow = portico.commands("Follow it")[0]

    os.kill(postmaster.pid, signal.SIGKILL)
    portico.end(signal.SIGKILL)
    portico.restart()

    answer = subprocess.run(  # noqa: S602  it is meant to be pasted into a shell
        follow, shell=True, env=portico.environment, capture_output=True, text=True, check=True
    ).stdout
    assert json.loads(answer)["data"]["order"]["status"] == "FULFILLED"


def test_sigterm_ends_everything_that_serve_started(portico: Serving) -> None:
    status = portico.end(signal.SIGTERM)

    assert status == 143
    assert read_postmaster(locate(portico.home)) is None
    assert not _processes_naming(str(portico.home))


def _processes_naming(text: str) -> list[str]:
    """Command lines that name the home, be it as data directory or socket."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if text in words:
            found.append(words)
    return found
