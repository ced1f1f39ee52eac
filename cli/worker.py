"""`portico worker`: the outbox and the jobs, in a process of their own."""

import asyncio
import signal

from cli.database import database
from cli.migrate import upgrade
from cli.terminal import load_settings, out
from datasources.settings import Settings


def worker() -> None:
    """Provision accepted orders and tell Salesforce and partners, until interrupted.

    Run as many as there is work for, beside `serve` or servers that run without a worker of their own.
    """
    with database(load_settings()) as settings:
        upgrade(settings)
        asyncio.run(until_told(settings))


async def until_told(settings: Settings) -> None:
    """Work until SIGINT or SIGTERM, then finish what is in hand."""
    from worker import run

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for order in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(order, stop.set)
    out.print("The worker runs. Ctrl-C stops it.")
    await run(settings, stop)
