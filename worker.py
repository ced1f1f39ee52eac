"""The second entry: takes what the outbox holds and does it. Any number of workers share the work."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from datasources.logs import configure_logs
from datasources.postgres.signals import EVERYTHING
from datasources.settings import Settings
from datasources.sources import Sources, open_sources
from jobs.deliver_licenses import deliver_licenses
from jobs.deliver_webhooks import deliver_webhooks
from jobs.end_terms import end_terms
from jobs.follow_commits import follow_commits
from jobs.forget_webhooks import forget_webhooks
from jobs.keep_events import keep_events
from jobs.learn_durations import learn_durations
from jobs.provision_orders import provision_orders
from jobs.refresh_watchlists import keep_lists_fresh
from jobs.rescreen_changed_lists import rescreen_changed_lists
from jobs.rescreen_held_orders import rescreen_held_orders
from jobs.screen_batches import screen_batches
from jobs.sync_cases import sync_cases
from jobs.sync_salesforce import sync_salesforce
from jobs.turn_licenses import turn_licenses

Job = Callable[[Sources], Awaitable[int]]

JOBS: tuple[Job, ...] = (
    provision_orders,
    deliver_licenses,
    deliver_webhooks,
    sync_salesforce,
    sync_cases,
    rescreen_held_orders,
    rescreen_changed_lists,
    screen_batches,
    end_terms,
    turn_licenses,
    learn_durations,
    forget_webhooks,
    keep_events,
)
LONGEST_PAUSE = 30.0

_log = structlog.get_logger(__name__)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Work until told to stop, on sources of its own."""
    configure_logs(settings)
    async with open_sources(settings) as sources, asyncio.TaskGroup() as group:
        group.create_task(follow_commits(sources, settings, stop))
        group.create_task(keep_lists_fresh(sources.watchlists, settings, stop))
        group.create_task(work(sources, settings, stop))


async def work(sources: Sources, settings: Settings, stop: asyncio.Event) -> None:
    """Every job in a loop of its own, so that a slow one holds up no other."""
    async with asyncio.TaskGroup() as group:
        for job in JOBS:
            group.create_task(_repeat(job, sources, settings.worker_poll_interval, stop), name=job.__name__)
        group.create_task(_wake_to_stop(sources, stop))


async def _repeat(job: Job, sources: Sources, pause: float, stop: asyncio.Event) -> None:
    """Run a job whenever it is woken, and at least every `pause` seconds; back off while it fails."""
    failures = 0
    with sources.work.listening() as listener:
        while not stop.is_set():
            try:
                handled = await job(sources)
                failures = 0
            except Exception:  # noqa: BLE001  a job must outlive any fault of one run
                failures += 1
                handled = 0
                _log.exception("job failed", job=job.__name__, failures=failures)
            if not handled:
                await listener.wait(min(pause * 2**failures, LONGEST_PAUSE) if failures else pause)


async def _wake_to_stop(sources: Sources, stop: asyncio.Event) -> None:
    await stop.wait()
    sources.work.wake([EVERYTHING])
