"""The API and the worker in processes of their own, which benches, chaos and tests start and kill.

They are forked from a process that has imported everything once, so that one is ready within a tenth of a
second. All APIs of a run share the listening socket that its parent opened: when one dies, those who wait to
be accepted are served by another.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Any

from datasources.postgres.embedded_process import dies_with
from datasources.settings import Settings

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["cli.processes", "cli.serve", "server", "worker"])

PATIENCE = 60.0
LOG = "processes.log"


class Child:
    """A process of ours: to be waited for until it is ready, and to be killed."""

    def __init__(self, work: Any, *arguments: Any) -> None:
        self._said, say = _FORKS.Pipe(duplex=False)
        self._process: ForkServerProcess = _FORKS.Process(target=work, args=(*arguments, say), daemon=True)
        self._process.start()
        say.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None  # noqa: S101  it was started
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def wait(self) -> None:
        """Return when it serves. Raises RuntimeError where it ended or was not ready in time."""
        if not self._said.poll(PATIENCE):
            raise RuntimeError(f"process {self.pid} was not ready in {PATIENCE:.0f} s")
        try:
            self._said.recv()
        except EOFError:
            raise RuntimeError(f"process {self.pid} ended before it was ready") from None

    def kill(self) -> None:
        """End it as a crash would: SIGKILL, without a last word."""
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        """End it in order, or by force where that takes too long."""
        self._process.terminate()
        self._process.join(15)
        if self.alive:
            self.kill()


def api(settings: Settings, listener: socket.socket) -> Child:
    """An API without a worker, accepting from the listener."""
    return Child(_serve, settings, listener)


def worker(settings: Settings) -> Child:
    """A worker: provisioning and every other job."""
    return Child(_work, settings)


def open_listener() -> socket.socket:
    """A listening socket on a free port of the loopback."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    return listener


def _serve(settings: Settings, listener: socket.socket, say: Connection) -> None:
    from cli.serve import run

    quietly(settings)
    run(settings, listener, lambda: say.send("ready"))


def _work(settings: Settings, say: Connection) -> None:
    from worker import run

    quietly(settings)

    async def until_told() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        say.send("ready")
        await run(settings, stop)

    asyncio.run(until_told())


def quietly(settings: Settings) -> None:
    """Leave the terminal to the parent, log to a file in its home, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log = os.open(settings.home / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    dies_with(os.getppid())()
