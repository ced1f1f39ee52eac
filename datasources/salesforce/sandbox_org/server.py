"""The org on a port of its own: `async with running(database_url) as url`."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from datasources.salesforce.sandbox_org.app import LOCK_WAIT, create_app
from datasources.salesforce.sandbox_org.org import Credentials

KEEP_ALIVE = 75  # seconds; node's clients see resets with uvicorn's 5
_BACKLOG = 128


class _Server(uvicorn.Server):
    """Tells when it is up, and leaves signals to whoever runs the org."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit as leaving:  # uvicorn would end the whole process
            raise OSError("the sandbox org did not start; the log says why") from leaving
        self.up.set()


def _listening(host: str, port: int) -> socket.socket:
    """Name the protocol: asyncio sets TCP_NODELAY on no other socket, and answers would wait 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


@asynccontextmanager
async def running(
    database_url: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    credentials: Credentials | None = None,
    controls: bool = True,
    lock_wait: float = LOCK_WAIT,
) -> AsyncIterator[str]:
    """Serve the org in this event loop while the context lasts; yield its address. Port 0 picks a free one.

    Raises `OSError` when the port is taken, or when the org cannot open its tables.
    """
    app = create_app(database_url, credentials=credentials, controls=controls, lock_wait=lock_wait)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=1,
        lifespan="on",
    )
    with _listening(host, port) as listener:
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="sandbox org")
        up = asyncio.create_task(server.up.wait())
        await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        if serving.done():
            await serving
        try:
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
