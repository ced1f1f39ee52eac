"""A list changes: its changed entries are looked up among all parties, and whom they touch is screened."""

import asyncio
import time
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import structlog

from commerce.listed_changes import changed_positions, gone
from commerce.matching import Index
from commerce.parties import ListedParty, Subject
from commerce.rescreening import touched
from commerce.screening_policies import Workflow
from commerce.screening_questions import informed
from commerce.subject_rows import SubjectRows
from commerce.subjects import partners_as_subjects, subjects_of
from datasources.errors import Conflict
from datasources.postgres.list_rescreenings import Counts, CustomerPage, ListRescreening, OrderKey
from datasources.sources import Sources
from datasources.watchlists import Edition
from datasources.watchlists.past_editions import NotKept, of_snapshot
from resolvers.rescreening_parties import screen_for_changed_lists

EVERY = 30.0
PAGE = 20_000
FIRST = "0" * 32

_last: dict[int, float] = {}
_log = structlog.get_logger(__name__)


async def rescreen_changed_lists(sources: Sources) -> int:
    """Look twice a minute; never asks to be called again at once."""
    now = time.monotonic()
    if now - _last.get(id(sources), -EVERY) >= EVERY:
        _last[id(sources)] = now
        await rescreen(sources, datetime.now(UTC))
    return 0


async def rescreen(sources: Sources, now: datetime) -> Counts | None:
    """Rescreen for the lists in force, if nobody has or does; what it came to.

    The first lists ever seen are where counting begins: whoever was screened was screened by them.
    """
    edition = sources.watchlists.edition
    last = await sources.list_rescreenings.newest()
    if last and last.finished_at and last.snapshot_id == edition.snapshot.id:
        return None
    try:
        run = await sources.list_rescreenings.begin(edition.snapshot, last, now)
    except Conflict:
        return None
    if run is None:
        return None
    counts = await _screened_again(sources, edition, last, now) if last else Counts()
    await sources.list_rescreenings.finish(run, counts, datetime.now(UTC))
    _log.info("lists changed", snapshot=edition.snapshot.id[:12], **asdict(counts))
    return counts


async def _screened_again(sources: Sources, edition: Edition, last: ListRescreening, now: datetime) -> Counts:
    changed, left = await asyncio.to_thread(_changed, sources, edition, last)
    counts = Counts(changed_entries=len(changed))
    keys = await sources.list_rescreenings.orders_matched(left)
    counts = counts.with_page(0, 0, await _held(sources, keys, now))
    if not changed:
        return counts
    floor = await _lowest_review(sources)
    partners = partners_as_subjects(await sources.list_rescreenings.partners())
    found = await asyncio.to_thread(_touched, partners, edition.index, changed, floor)
    keys = await sources.list_rescreenings.orders_of_partners([one.reference for one in found])
    counts = counts.with_page(len(partners), len(found), await _held(sources, keys, now))
    after = FIRST
    while (page := await sources.list_rescreenings.customers_after(after, PAGE)).customers:
        after = page.customers[-1].id
        parties, holders = _parties(page)
        found = await asyncio.to_thread(_touched, parties, edition.index, changed, floor)
        customers = sorted({holders[one.reference] for one in found})
        keys = await sources.list_rescreenings.orders_of_customers(customers)
        counts = counts.with_page(len(parties), len(found), await _held(sources, keys, now))
    return counts


def _changed(
    sources: Sources, edition: Edition, last: ListRescreening
) -> tuple[list[int], list[ListedParty]]:
    """Entries that are new or not as they were, and those that are gone as they were.

    All are new where the lists before cannot be read any more.
    """
    lists = last.lists if last.finished_at else last.previous_lists
    everything = list(range(len(edition.index)))
    if lists is None:
        return everything, []
    try:
        before = of_snapshot(lists, sources.watchlists.home)
    except NotKept:
        _log.warning("the lists before are not kept: everybody is screened again", snapshot=lists.id[:12])
        return everything, []
    old, new = before.index.entries, edition.index.entries
    return changed_positions(old, new), gone(old, new)


async def _lowest_review(sources: Sources) -> float:
    policies = [await sources.screening_policies.in_force(workflow) for workflow in Workflow]
    return min(min(one.review_person_at, one.review_organisation_at) for one in policies)


def _parties(page: CustomerPage) -> tuple[list[Subject], dict[str, str]]:
    """Everybody on a page as screened, and whose customer each is."""
    people = {key: list(group) for key, group in groupby(_by_customer(page), lambda one: one.customer_id)}
    parties: list[Subject] = []
    for customer in page.customers:
        parties += subjects_of(customer, people.get(customer.id, []), [])
    holders = {customer.id: customer.id for customer in page.customers}
    holders |= {contact.id: contact.customer_id for contact in page.contacts}
    parties = informed(parties, page.facts)
    holders |= {one.reference: one.reference.partition("/")[0] for one in parties if "/" in one.reference}
    return parties, holders


def _by_customer(page: CustomerPage) -> list[Any]:
    return sorted(page.contacts, key=lambda contact: contact.customer_id)


def _touched(
    parties: Sequence[Subject], index: Index, changed: Collection[int], floor: float
) -> list[Subject]:
    found = touched(SubjectRows.of(parties), index, changed, floor=floor)
    return [parties[at] for at in sorted(found)]


async def _held(sources: Sources, keys: Sequence[OrderKey], now: datetime) -> int:
    """Screen these orders, one transaction each; against how many something is held."""
    held = 0
    for key in keys:
        try:
            held += await screen_for_changed_lists(sources, key.scope, key.id, now)
        except Conflict:
            _log.warning("an officer or the partner was first", order=key.id)
    return held
