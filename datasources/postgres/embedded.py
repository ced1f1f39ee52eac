"""PostgreSQL for a checkout: started with the application, gone with it, its data kept under `.portico/`.

One process owns a server: it holds a lock on the home for as long as it lives, and the kernel shuts the
server down when it dies. Any other process with the same home uses that server. There is no TCP port: the
server listens in a directory of its own that nobody else may enter.
"""

import fcntl
import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import Popen
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

from datasources.postgres import embedded_process as process
from datasources.postgres.embedded_account import running_account
from datasources.postgres.embedded_binaries import EmbeddedPostgresError, find_binaries, within_reach
from datasources.postgres.embedded_cluster import (
    APPLICATION,
    DATABASE,
    OWNER,
    REPORTER,
    SUPERUSER,
    Programs,
    locate,
    prepare,
    remove,
)

__all__ = [
    "APPLICATION",
    "DATABASE",
    "OWNER",
    "REPORTER",
    "SUPERUSER",
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
]

PATIENCE = 120.0  # seconds a start may take: recovery after a crash replays what was written
SOCKET_PATH_LIMIT = 107
LOG_LIMIT = 8 * 1024 * 1024

TUNED = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For tests only: a crash of the machine may then lose the data.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class EmbeddedPostgres:
    """The server of a home directory: `with EmbeddedPostgres(home) as server: connect(server.url())`.

    Raises EmbeddedPostgresError, which says what to do, when it cannot be started.
    """

    def __init__(
        self,
        home: Path,
        *,
        pg_bin: Path | None = None,
        pg_user: str | None = None,
        max_connections: int = 100,
        durable: bool = True,
    ) -> None:
        self.home = home.absolute()
        self.log = self.home / "postgres.log"
        self.durable = durable
        self._pg_bin, self._pg_user = pg_bin, pg_user
        self._options = TUNED | {"max_connections": str(max_connections)} | ({} if durable else CARELESS)
        self._lock: IO[bytes] | None = None
        self._child: Popen[bytes] | None = None
        self._socket_dir: Path | None = None

    @property
    def owned(self) -> bool:
        """Whether this object started the server, and so will stop it."""
        return self._child is not None

    @property
    def socket_dir(self) -> Path:
        if self._socket_dir is None:
            raise EmbeddedPostgresError("The embedded PostgreSQL has not been started.")
        return self._socket_dir

    def url(self, database: str = DATABASE, *, role: str = APPLICATION) -> str:
        """A URL that asyncpg, SQLAlchemy and psql all take."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir))}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, or find the one another process runs on this home; return when it accepts."""
        self.home.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self._take_lock():
                try:
                    self._launch(deadline)
                except BaseException:
                    self.stop()
                    raise
                return
            running = process.read_postmaster(locate(self.home))
            if running and running.ready:
                self._socket_dir = running.socket_dir
                return
            time.sleep(process.POLL)
        raise EmbeddedPostgresError(
            f"Another process holds {self.home} and its PostgreSQL did not get ready in {PATIENCE:.0f} s. "
            f"Its log is {self.log}."
        )

    def stop(self) -> None:
        """Stop the server if it is ours. Harmless when it is not, or is gone."""
        if self._child:
            process.stop(self._child.pid, wait=self._child.poll)
            if self._socket_dir:
                with suppress(OSError):
                    self._socket_dir.rmdir()
        if self._lock:
            self._lock.close()
        self._child = self._lock = self._socket_dir = None

    def discard(self) -> None:
        """Delete the data, for good. Raises EmbeddedPostgresError while a process runs on it."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not self._take_lock():
            raise EmbeddedPostgresError(f"Another process runs on the data in {self.home}: stop it first.")
        try:
            if left_over := process.read_postmaster(locate(self.home)):
                process.stop(left_over.pid)
            remove(self.home)
        finally:
            self.stop()

    def _take_lock(self) -> bool:
        lock = (self.home / "postgres.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _launch(self, deadline: float) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise EmbeddedPostgresError(
                "Start the embedded PostgreSQL from the main thread: it dies with its thread."
            )
        programs = self._programs()
        data = prepare(self.home, programs, durable=self.durable)
        if left_over := process.read_postmaster(data):
            process.stop(left_over.pid)  # its owner is dead, or we would not have the lock
        process.forget_dead_postmaster(data)
        socket_dir = self._make_socket_dir(data, programs)
        options = [f"--{name}={value}" for name, value in self._options.items()]
        options.append(f"--unix_socket_directories={socket_dir}")
        self._trim_log()
        self._socket_dir = socket_dir
        self._child = self._until_ready(
            lambda: process.spawn(programs, data, options, self.log), data, deadline
        )

    def _programs(self) -> Programs:
        try:
            account = running_account(self._pg_user)
        except LookupError as missing:
            raise EmbeddedPostgresError(f"{missing}, or name a server by DATABASE_URL.") from missing
        return Programs(within_reach(find_binaries(self._pg_bin), account), account)

    def _until_ready(self, spawn: Callable[[], Popen[bytes]], data: Path, deadline: float) -> Popen[bytes]:
        """Spawn until one stays. After a crash the first may find the old server's backends still leaving."""
        while True:
            said_before = self.log.stat().st_size if self.log.exists() else 0
            child = spawn()
            while child.poll() is None:
                running = process.read_postmaster(data)
                if running and running.pid == child.pid and running.ready:
                    return child
                if time.monotonic() > deadline:
                    process.stop(child.pid, wait=child.poll)
                    raise EmbeddedPostgresError(
                        f"PostgreSQL did not get ready in {PATIENCE:.0f} s: see {self.log}."
                    )
                time.sleep(process.POLL)
            said = self.log.read_bytes()[said_before:].decode(errors="replace")
            still_leaving = "is still in use" in said or "already exists" in said or "Is another" in said
            if not still_leaving or time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"PostgreSQL did not start (its log is {self.log}):\n{said.strip()[-2000:]}"
                )
            time.sleep(0.1)

    def _make_socket_dir(self, data: Path, programs: Programs) -> Path:
        """A short path, whatever the length of the home's: `sun_path` holds 107 bytes."""
        uid, gid = (
            (programs.account.uid, programs.account.gid) if programs.account else (os.getuid(), os.getgid())
        )
        name = f"portico-{uid}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
        directory = Path(tempfile.gettempdir()) / name
        if len(os.fsencode(directory / ".s.PGSQL.5432.lock")) > SOCKET_PATH_LIMIT:
            directory = Path("/tmp") / name  # noqa: S108  made 0700 and checked below
        with suppress(FileExistsError):
            directory.mkdir(mode=0o700)
            os.chown(directory, uid, gid)
        status = directory.lstat()
        if (status.st_uid, status.st_mode & 0o170777) != (uid, 0o040700):
            raise EmbeddedPostgresError(
                f"{directory} is not a private directory of user {uid}: remove it and try again."
            )
        return directory

    def _trim_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
