"""The command line: every verb explains itself, and a refusal says what to do."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from cli import check, run_tests
from cli.__main__ import app
from cli.sandbox_org import free_port

ROOT = Path(__file__).parents[2]
VERBS = ["serve", "worker", "migrate", "seed", "token", "psql", "schema", "license", "bench", "check", "test"]


def portico(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PORTICO_")}
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=ROOT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = app([verb, "--help"])

    shown = capsys.readouterr().out
    assert not status
    assert shown.startswith(f"Usage: portico {verb}")


def test_the_overview_lists_every_verb_with_its_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    app(["--help"])

    shown = [line.strip("│ ").split() for line in capsys.readouterr().out.splitlines()]
    described = {words[0] for words in shown if len(words) > 2}
    assert described.issuperset(VERBS)


def test_a_taken_port_is_refused_with_another_to_choose_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        run = portico("serve", "--port", str(port), PORTICO_HOME=str(tmp_path / "home"))

    assert run.returncode == 1
    assert f"Port {port} is taken" in run.stderr
    assert f"./portico serve --port {port + 1}" in run.stderr
    assert not (tmp_path / "home").exists()


def test_a_wrong_setting_is_named_without_its_value(tmp_path: Path) -> None:
    run = portico("psql", DATABASE_URL="mysql://app:hunter2@db", PORTICO_HOME=str(tmp_path))

    assert run.returncode == 1
    assert "DATABASE_URL: " in run.stderr
    assert "docs/operators.md" in run.stderr
    assert "hunter2" not in run.stdout + run.stderr


def test_a_misspelt_setting_is_reported(tmp_path: Path) -> None:
    run = portico("psql", PORTICO_PROT="9000", PORTICO_HOME=str(tmp_path))

    assert "PORTICO_PROT sets nothing" in run.stderr


def test_psql_names_the_variable_rather_than_print_a_password() -> None:
    run = portico("psql", DATABASE_URL="postgresql://app:hunter2@db.example/portico")

    assert (run.returncode, run.stdout) == (0, 'psql "$DATABASE_URL"\n')


def test_psql_without_a_server_says_how_to_start_one(tmp_path: Path) -> None:
    run = portico("psql", PORTICO_HOME=str(tmp_path))

    assert run.returncode == 1
    assert "./portico serve" in run.stderr


def test_fresh_never_empties_a_database_that_is_not_embedded() -> None:
    run = portico(
        "serve", "--port", str(free_port()), "--fresh", DATABASE_URL="postgresql://app@db.example/d"
    )

    assert run.returncode == 1
    assert "Empty it yourself" in run.stderr


def test_migrations_run_once(owner_url: str) -> None:
    run = portico("migrate", DATABASE_URL=owner_url)

    assert (run.returncode, run.stdout) == (0, "Nothing to migrate.\n")


@pytest.mark.parametrize(("given", "named"), [(("--partner", "nobody"), "par_"), (("--role", "king"), "rep")])
def test_a_token_is_for_somebody_who_can_exist(given: tuple[str, str], named: str) -> None:
    run = portico("token", *given)

    assert run.returncode in {1, 2}
    assert run.stdout == ""
    assert given[1] in run.stderr
    assert named in run.stderr
    assert "Traceback" not in run.stderr


def test_a_token_is_for_a_partner_or_a_role_and_not_both() -> None:
    runs = [portico("token"), portico("token", "--partner", "par_1", "--role", "rep")]

    assert [run.returncode for run in runs] == [1, 1]
    assert all("Name either --partner" in run.stderr for run in runs)


def test_tests_run_on_two_processes_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _program, words: ran.append(words[3:]))

    app(["test"])
    app(["test", "--", "-n", "4", "tests/commerce"])
    app(["test", "-k", "prorated"])

    grouped = ["--dist", "loadfile"]
    assert ran == [
        ["-n", "2", *grouped],
        [*grouped, "-n", "4", "tests/commerce"],
        ["-n", "2", *grouped, "-k", "prorated"],
    ]
    assert run_tests.ROOT == ROOT


def test_an_unknown_check_is_refused_with_those_that_exist() -> None:
    run = portico("check", "spelling")

    assert run.returncode == 1
    assert "There is no check spelling" in run.stderr
    assert ", ".join(check.CHECKS) in run.stderr


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty tree for a check to find a fault in."""
    monkeypatch.setattr(check, "ROOT", tmp_path)
    return tmp_path


def test_a_file_of_four_hundred_and_one_lines_fails_the_check(planted: Path) -> None:
    (planted / "short.py").write_text("x = 1\n" * 400)
    assert check.lengths() == check.Outcome(passed=True, said="")

    (planted / "long.py").write_text("x = 1\n" * 401)

    assert check.lengths() == check.Outcome(passed=False, said="long.py: 401 lines")


def test_an_address_in_the_lock_fails_the_check(planted: Path) -> None:
    (planted / "pyproject.toml").write_text('dependencies = [\n    "rich==15.0.0",\n]\n')
    (planted / "requirements.lock").write_text("rich==15.0.0 \\\n    --hash=sha256:00\n")
    assert check.lock().passed

    with (planted / "requirements.lock").open("a") as lock:
        lock.write("--index-url https://packages.example/simple\n")

    assert not check.lock().passed
    assert "holds an address" in check.lock().said


def test_a_pin_that_the_lock_lacks_fails_the_check(planted: Path) -> None:
    (planted / "pyproject.toml").write_text('dependencies = [\n    "rich==15.0.0",\n]\n')
    (planted / "requirements.lock").write_text("rich==15.0.01 \\\n    --hash=sha256:00\n")

    assert check.lock() == check.Outcome(passed=False, said="rich==15.0.0 is not in requirements.lock")
