"""`portico serve`: the whole of Portico in one command, with everything it talks to."""

import asyncio
import errno
import socket
import time
from collections.abc import Callable
from typing import Annotated

import uvicorn
from cyclopts import Parameter
from starlette.applications import Starlette

from cli.database import database, embedded
from cli.migrate import upgrade
from cli.sandbox_org import sandbox_org
from cli.seed import fill_when_empty
from cli.terminal import Refusal, load_settings, tell
from cli.welcome import welcome
from datasources.settings import Settings

KEEP_ALIVE = 75  # seconds; node's clients reuse a connection that uvicorn's default of 5 has just closed
DRAIN = 10  # seconds that requests in flight have when the server is told to stop


def serve(
    *,
    port: Annotated[int | None, Parameter(help="Port to listen on; else PORTICO_PORT.")] = None,
    host: Annotated[str | None, Parameter(help="Address to listen on; else PORTICO_HOST.")] = None,
    fresh: Annotated[bool, Parameter(negative="", help="Delete the embedded database first.")] = False,
    samples: Annotated[bool, Parameter(help="Fill an empty database with sample data.")] = True,
) -> None:
    """Run the API and the worker, with an embedded PostgreSQL and a sandbox Salesforce org unless settings
    name others, and print what to try first.
    """
    began = time.monotonic()
    settings = load_settings(port=port, host=host, worker_in_process=True)
    listener = listen(settings)  # before anything is started or deleted: a second serve must disturb nothing
    if fresh:
        start_over(settings)
    tell("Starting PostgreSQL and the sandbox org")
    with listener, database(settings) as stored, sandbox_org(stored) as (complete, org):
        for title in upgrade(complete):
            tell(f"Migrated: {title}")
        if samples:
            fill_when_empty(complete)
        if org:
            org.wait()
        tell("Starting the API")
        run(complete, listener, lambda: welcome(complete, seconds=time.monotonic() - began))


def listen(settings: Settings) -> socket.socket:
    """The server's socket. Raises Refusal, with a way out, when the port cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(1)
    except OSError as refused:
        listener.close()
        raise Refusal(_why_not(settings, refused)) from None
    return listener


def start_over(settings: Settings) -> None:
    if settings.database_url:
        raise Refusal(
            "--fresh deletes the embedded database; yours is named by DATABASE_URL. Empty it yourself."
        )
    embedded(settings).discard()
    tell("The embedded database was deleted")


def run(settings: Settings, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve Portico until SIGINT or SIGTERM, then let what is in flight end."""
    from server import create_app

    serve_app(create_app(settings), listener, announce)


def serve_app(app: Starlette, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve an application as Portico is served."""
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=DRAIN,
    )
    AnnouncingServer(config, announce).run(sockets=[listener])


class AnnouncingServer(uvicorn.Server):
    """Says that it is ready when it is, not before."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await asyncio.to_thread(self._announce)


def _why_not(settings: Settings, refused: OSError) -> str:
    port = settings.port
    if refused.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is taken, perhaps by another portico. Choose another: "
            f"./portico serve --port {port + 1}\n"
            "Two of them share the data in PORTICO_HOME unless you give each a directory of its own."
        )
    if refused.errno == errno.EACCES:
        return f"Port {port} needs rights that you lack. Choose one above 1023: ./portico serve --port 8000"
    return f"Cannot listen on {settings.host} port {port}: {refused.strerror}. Choose another --host."
