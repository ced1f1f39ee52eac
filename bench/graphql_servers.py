"""The servers of `bench graphql`, each a process of its own on a core that it shares with nobody measured.

The server under load has the first core; clients and PostgreSQL share the second. Where a machine has but
one, nothing is pinned and the figures are worth less.
"""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from datasources.postgres.embedded_process import dies_with

PEERS = Path(__file__).parent / "graphql_peers"
POOL = 16
"""Connections to PostgreSQL that each server may open."""
PATIENCE = 90.0

SERVER_CORE, OTHER_CORE = 0, 1


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it listens, and its process."""

    port: int
    pid: int


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def node(script: str) -> list[str]:
    """A script of `graphql_peers`, by the Node that its packages carry; they are installed when missing."""
    if not (PEERS / "node_modules" / "mercurius").is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=PEERS, check=True)  # noqa: S607  whichever npm there is
    programs = sorted(PEERS.glob("node_modules/node-*/bin/node"))
    if not programs:
        raise RuntimeError(f"npm installed no Node for this machine in {PEERS.name}")
    return [str(programs[0]), str(PEERS / script)]


@contextmanager
def running(
    commands: Mapping[str, Sequence[str]], environment: Mapping[str, str]
) -> Iterator[dict[str, Server]]:
    """All servers, started together, pinned once they say on which port they listen, stopped at the end."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            started[name] = subprocess.Popen(  # noqa: S603  commands of ours
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                env=os.environ | environment,
                preexec_fn=dies_with(os.getpid()),  # noqa: PLW1509  before any thread of ours exists
            )
        servers = {name: Server(_port(name, child), child.pid) for name, child in started.items()}
        for server in servers.values():
            pin(server.pid, SERVER_CORE)
        yield servers
    finally:
        for child in started.values():
            child.terminate()
        for child in started.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(10)
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()


@contextmanager
def aside() -> Iterator[None]:
    """Keep this process, and what it starts, off the server's core."""
    if not hasattr(os, "sched_getaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    pin(os.getpid(), OTHER_CORE)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pin(pid: int, core: int) -> None:
    """Keep every thread of a process to one core, where the machine has two."""
    if sys.platform == "linux" and (os.cpu_count() or 1) > OTHER_CORE:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(int(thread.name), {core})


def _port(name: str, child: subprocess.Popen[bytes]) -> int:
    """The port that a server prints as its first line. Raises RuntimeError where it does not in time."""
    assert child.stdout is not None  # noqa: S101  it is a pipe
    deadline = time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while time.monotonic() < deadline:
            if selector.select(deadline - time.monotonic()):
                line = child.stdout.readline()
                if line.strip().isdigit():
                    return int(line)
                if not line:
                    break
    raise RuntimeError(f"{name} did not say on which port it listens")
