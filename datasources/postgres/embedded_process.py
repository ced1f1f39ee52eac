"""The postmaster as a process: spawned to die with its owner, seen through its pid file, stopped in order."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from datasources.postgres.embedded_cluster import SURROUNDINGS, Programs

PR_SET_PDEATHSIG = 1
POLL = 0.005
PATIENCE_OF_FAST_SHUTDOWN = 15.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What `postmaster.pid` says (line 1 the process, 5 the socket directory, 8 the status)."""

    pid: int
    socket_dir: Path
    ready: bool


def read_postmaster(data: Path) -> Postmaster | None:
    """The server of a data directory, if its pid file names a live process that works there."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not _works_in(pid, data):
        return None
    padded = [*lines, *[""] * 8]
    return Postmaster(pid, Path(padded[4]), padded[7].strip() == "ready")


def spawn(programs: Programs, data: Path, options: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a postmaster. Call from the main thread: the kernel's death signal follows the forking thread."""
    account = programs.account
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603  a program of the provider chain, arguments of ours
            [programs.binaries.program("postgres"), "-D", str(data), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=SURROUNDINGS,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,  # Ctrl-C reaches the application, which stops its server in order
            preexec_fn=dies_with(os.getpid()),  # noqa: PLW1509  before any thread of ours exists
        )


def stop(pid: int, *, wait: Callable[[], object] | None = None) -> None:
    """Fast shutdown; after fifteen seconds the immediate one, from which the next start recovers."""
    for order in (signal.SIGINT, signal.SIGQUIT):
        with suppress(ProcessLookupError):
            os.kill(pid, order)
        deadline = time.monotonic() + PATIENCE_OF_FAST_SHUTDOWN
        while time.monotonic() < deadline:
            if wait is not None and wait() is not None:
                return
            if wait is None and not _alive(pid):
                return
            time.sleep(POLL)


def forget_dead_postmaster(data: Path) -> None:
    """Remove a pid file whose process id now belongs to a stranger, as after a container's restart.

    PostgreSQL refuses to start while any process has that id. The file also guards against backends that
    outlived their postmaster, so it goes only when no process at all works in the directory.
    """
    pid_file = data / "postmaster.pid"
    if pid_file.exists() and sys.platform == "linux" and not _anyone_works_in(data):
        pid_file.unlink(missing_ok=True)


def dies_with(parent: int) -> Callable[[], None]:
    """What a child runs before it becomes its program: SIGINT, an orderly end, when the parent dies.

    For `preexec_fn`, in the main thread: the kernel's signal follows the thread that forked.
    """
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None)

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return arrange


def _works_in(pid: int, data: Path) -> bool:
    """Whether the process is a server of this directory: each of them changes into it."""
    if sys.platform != "linux":
        return _alive(pid)
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False


def _anyone_works_in(data: Path) -> bool:
    return any(_works_in(int(entry.name), data) for entry in Path("/proc").glob("[0-9]*"))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    if sys.platform == "linux":  # a zombie is not alive
        with suppress(OSError):
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True
