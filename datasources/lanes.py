"""Work that goes on beside its job: a bounded number of tasks, none of which waits for another."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

GRACE = 5.0
"""Seconds that tasks have to end once they are told to. What is cancelled then is done again by another."""


class Lanes:
    """At most so many tasks at once. Each calls `freed` when it ends."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()
        self.closing = False
        """Whether tasks should end where they can."""

    @property
    def free(self) -> int:
        """How many more tasks can be started."""
        return self._most - len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None], freed: Callable[[], None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)

        def ended(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            freed()

        task.add_done_callback(ended)

    async def idle(self) -> None:
        """Return when no task runs."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Let the tasks end; those that take too long are cancelled."""
        self.closing = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=GRACE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
