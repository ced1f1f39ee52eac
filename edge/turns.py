"""Turns: how many operations of one client a process runs at once. The others wait in line, in order."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from edge.errors import Code, RequestRefused

AT_ONCE = 12
"""Operations of one client that run at once: fewer than there are connections to the database."""
MOST_WAITING = 100
"""Operations of one client that wait; what comes beyond them is refused."""


@dataclass(slots=True)
class _Line:
    running: int = 0
    waiting: "deque[asyncio.Future[None]]" = field(default_factory=deque)


class Turns:
    """The lines of all clients that have something running."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._lines: dict[str, _Line] = {}

    async def enter(self, client: str) -> None:
        """Wait for the client's turn; `leave` ends it. Raises RequestRefused where too many wait."""
        line = self._lines.get(client)
        if line is None:
            line = self._lines[client] = _Line()
        if line.running < self._at_once:
            line.running += 1
            return
        if len(line.waiting) >= self._most_waiting:
            message = f"{self._at_once} operations of this client are running and {self._most_waiting} wait."
            headers = {"Retry-After": "1"}
            raise RequestRefused(
                Code.TOO_MANY_OPERATIONS, message, headers=headers, also={"retryAfterMs": 1000}
            )
        turn = asyncio.get_running_loop().create_future()
        line.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was given the turn in the moment it was cancelled
                self.leave(client)
            raise

    def leave(self, client: str) -> None:
        """Hand the turn to who waits longest."""
        line = self._lines[client]
        while line.waiting:
            turn = line.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        line.running -= 1
        if not line.running:
            del self._lines[client]
