"""Word of commits, among the tasks of a process and between processes: haste, while polling is the truth.

A transaction remembers whose feeds it has added to and that it has left work; after its commit those who
wait here are woken. Other processes hear of it by one `NOTIFY` every few milliseconds, sent on a connection
of its own: inside the transactions it would serialise their commits behind one lock.
"""

import asyncio
import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import asyncpg
import structlog

from commerce.access import Environment, Scope

CHANNEL = "portico_commits"
TOGETHER = 0.01
"""Seconds in which what a process has to say is gathered into one notification."""
MOST_NAMED = 150
"""Feeds that a notification names; PostgreSQL takes 8,000 bytes. More is told as `everything`."""
AGAIN_AFTER = 5.0
"""Seconds until a connection that was lost is opened again."""
_IDLE_CHECK = 30.0
_SETTINGS = {"application_name": "portico signals", "synchronous_commit": "off"}
"""A word need not survive a crash: it waits for no disk."""

Feed: TypeAlias = tuple[str, str]
"""Whose feed: 32 hex digits of the partner's id, and the environment."""
WORK = ("", "")
"""Stands for the outbox, which is nobody's feed."""
EVERYTHING = ("*", "*")

_log = structlog.get_logger(__name__)


def feed_of(scope: Scope) -> Feed:
    """The feed of a scope that names one partner."""
    return named_feed(scope.partner_id or "", scope.environment)


def named_feed(partner_id: str, environment: Environment) -> Feed:
    return partner_id[-32:], environment.value


class Listener:
    """Somebody who waits for word. What is heard between two waits ends the next one at once."""

    def __init__(self) -> None:
        self._heard = asyncio.Event()

    def hear(self) -> None:
        self._heard.set()

    async def wait(self, seconds: float) -> bool:
        """Wait until something is heard, or so long. Whether something was."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._heard.wait()
        heard = self._heard.is_set()
        self._heard.clear()
        return heard


class Signals:
    """Who waits in this process, and what it has to say to the others."""

    def __init__(self) -> None:
        self._listeners: dict[Feed, set[Listener]] = {}
        self._unsaid: set[Feed] = set()
        self._stirred = asyncio.Event()
        self._name = secrets.token_hex(8)
        self._relaying = False

    @property
    def followed(self) -> list[Feed]:
        """The feeds that somebody in this process follows."""
        return [feed for feed in self._listeners if feed != WORK]

    @contextmanager
    def listening(self, feed: Feed = WORK) -> Iterator[Listener]:
        """Hear of one feed; or of everything that a worker may have to do."""
        listener = Listener()
        self._listeners.setdefault(feed, set()).add(listener)
        try:
            yield listener
        finally:
            self._listeners[feed].discard(listener)
            if not self._listeners[feed]:
                del self._listeners[feed]

    def tell(self, feeds: Collection[Feed]) -> None:
        """Say what was committed: at once in this process, soon in the others."""
        self.wake(feeds)
        if self._relaying:
            self._unsaid.update(feeds)
            self._stirred.set()

    def set(self) -> None:
        """Say that there is work, where no commit of this process says so."""
        self.tell([WORK])

    def wake(self, feeds: Iterable[Feed]) -> None:
        """Wake who listens in this process; a worker is woken by whatever happens."""
        named = set(feeds)
        heard = self._listeners if EVERYTHING in named else {WORK, *named}
        for feed in heard:
            for listener in self._listeners.get(feed, ()):
                listener.hear()

    async def relay(self, url: str) -> None:
        """Speak to the other processes and listen to them, until cancelled; a lost connection is replaced."""
        while True:
            try:
                await self._relay(url)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as lost:
                _log.warning("other processes are not heard for now", reason=type(lost).__name__)
            self._relaying = False
            await asyncio.sleep(AGAIN_AFTER)

    async def _relay(self, url: str) -> None:
        connection: asyncpg.Connection[Any] = await asyncpg.connect(
            url, timeout=5, command_timeout=10, server_settings=_SETTINGS
        )
        try:
            await connection.add_listener(CHANNEL, self._hear)
            connection.add_termination_listener(lambda _: self._stirred.set())
            self._relaying = True
            self.wake([EVERYTHING])  # something may have been said while nobody listened
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_IDLE_CHECK):
                        await self._stirred.wait()
                await asyncio.sleep(TOGETHER)
                self._stirred.clear()
                unsaid, self._unsaid = self._unsaid, set()
                await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, self._said(unsaid))
        finally:
            connection.terminate()

    def _said(self, feeds: Collection[Feed]) -> str:
        named = feeds if len(feeds) <= MOST_NAMED else [EVERYTHING]
        return " ".join([self._name, *(f"{partner}/{environment}" for partner, environment in named)])

    def _hear(self, _connection: Any, _process: int, _channel: str, payload: object) -> None:
        name, *named = str(payload).split(" ")
        if name != self._name and named:
            self.wake(
                (partner, environment) for partner, _, environment in (one.partition("/") for one in named)
            )
