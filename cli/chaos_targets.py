"""What chaos kills: APIs, workers, backends and the postmaster, each brought back at once."""

import os
import random
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Self

from cli.processes import Child, api, open_listener, worker
from datasources.postgres.embedded import EmbeddedPostgres
from datasources.postgres.embedded_cluster import locate
from datasources.postgres.embedded_process import read_postmaster
from datasources.settings import Settings

APIS = 3
WORKERS = 2
PATIENCE_FOR_COMMIT = 0.25


class Target(StrEnum):
    """What is killed, always by SIGKILL."""

    API = "api"
    WORKER = "worker"
    BACKEND = "backend"
    POSTMASTER = "postmaster"


SHARES = {Target.API: 0.4, Target.WORKER: 0.3, Target.BACKEND: 0.2, Target.POSTMASTER: 0.1}


def schedule(kills: int, chance: random.Random, only: Target | None = None) -> list[Target]:
    """The targets by their shares, in an order by chance; every kind is there from ten kills on.

    With `only`, that one every time.
    """
    if only is not None:
        return [only] * kills
    counts = {target: int(kills * share) for target, share in SHARES.items()}
    counts[Target.API] += kills - sum(counts.values())
    targets = [target for target, count in counts.items() for _ in range(count)]
    chance.shuffle(targets)
    return targets


class Targets:
    """A whole Portico of processes over one server: `with Targets(settings, server) as targets`.

    Use from the main thread: the server dies with the thread that started it.
    """

    def __init__(self, settings: Settings, server: EmbeddedPostgres, chance: random.Random) -> None:
        self._settings, self._server, self._chance = settings, server, chance
        self._stack = ExitStack()
        self._listener: socket.socket = self._stack.enter_context(open_listener())
        self._apis = [api(settings, self._listener) for _ in range(APIS)]
        self._workers = [worker(settings) for _ in range(WORKERS)]
        self.hit_commits = 0
        """Kills that came while a transaction was being committed."""

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def __enter__(self) -> Self:
        for child in (*self._apis, *self._workers):
            child.wait()
        return self

    def __exit__(self, *_: object) -> None:
        for child in (*self._apis, *self._workers):
            child.stop()
        self._stack.close()

    def kill(self, target: Target) -> None:
        """Kill one and bring it back. Half of the kills wait for a transaction that is being committed."""
        committing = self._until_commit() if self._chance.random() < 0.5 else None  # noqa: PLR2004
        self.hit_commits += committing is not None
        match target:
            case Target.API:
                self._replace(self._apis, lambda: api(self._settings, self._listener))
            case Target.WORKER:
                self._replace(self._workers, lambda: worker(self._settings))
            case Target.BACKEND:
                victim = committing or self._chance.choice(self._backends() or [0])
                if victim:
                    os.kill(victim, signal.SIGKILL)
            case Target.POSTMASTER:
                self._kill_postmaster()

    def _replace(self, children: list[Child], start: Callable[[], Child]) -> None:
        place = self._chance.randrange(len(children))
        children[place].kill()
        children[place] = start()

    def _kill_postmaster(self) -> None:
        running = read_postmaster(locate(self._server.home))
        if running:
            os.kill(running.pid, signal.SIGKILL)
        self._server.stop()
        self._server.start()

    def _until_commit(self) -> int | None:
        """Wait a little for a backend that is committing; its process id."""
        deadline = time.monotonic() + PATIENCE_FOR_COMMIT
        while time.monotonic() < deadline:
            for pid in self._backends():
                if _title(pid).endswith("COMMIT"):
                    return pid
        return None

    def _backends(self) -> list[int]:
        """The server's processes that serve a client of ours."""
        running = read_postmaster(locate(self._server.home))
        if running is None:
            return []
        try:
            children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        except OSError:
            return []
        return [int(pid) for pid in children if "portico_app" in _title(int(pid))]


def _title(pid: int) -> str:
    """What a backend says it is doing: `postgres: portico_app portico [local] COMMIT`."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0 ").decode(errors="replace")
    except OSError:
        return ""
