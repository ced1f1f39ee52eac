"""Names become addresses, in threads of their own: a name server that hangs holds up no other work."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor

THREADS = 128

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Gives the addresses of a host for a port. Raises OSError where there is none."""


class Resolver:
    """The system's resolver, asked by a bounded number of threads.

    The system cannot be told to give up, and a name server that never answers keeps it for half a minute. So
    a name that is being looked up is not looked up beside that again: it costs one thread, however often it
    is asked for.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook-names")
        self._under_way: dict[tuple[str, int], Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        asked = (host, port)
        looking = self._under_way.get(asked)
        if looking is None or looking.done():
            looking = self._under_way[asked] = self._threads.submit(_look_up, host, port)
        try:
            found = await asyncio.shield(asyncio.wrap_future(looking))
        finally:
            if looking.done():
                self._under_way.pop(asked, None)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Look nothing up any more. Does not wait for a name server that hangs."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as refused:  # a label that is empty or too long
        raise OSError(str(refused)) from None
    return [str(address[0]) for *_, address in found]
