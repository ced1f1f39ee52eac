"""Names become addresses, in threads of their own: a name server that hangs holds up no other work."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

THREADS = 16

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Gives the addresses of a host for a port. Raises OSError where there is none."""


class Resolver:
    """The system's resolver, asked by a bounded number of threads."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook-names")

    async def __call__(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _look_up, host, port)
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
