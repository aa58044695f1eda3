"""One round over all sources that are due: poll, read pages, settle, read the pages that decide, settle again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from feedhub.allocator import return_free_memory
from feedhub.errors import EnvironmentFailed
from feedhub.hub.round_report import RoundReport, SettleSummary, summarise
from feedhub.ingest.source_report import SourceReport, report_of_bug
from feedhub.store.claims import Claim

if TYPE_CHECKING:
    from feedhub.hub.hub import Hub

T = TypeVar("T")

log = logging.getLogger("feedhub.hub")

#: seconds between the starts of the first polls of a round
_STAGGER = 0.002
#: entries from which on a round's memory is worth some milliseconds between its stages
_LARGE = 100


async def run_round(
    hub: Hub, now: datetime, *, everything: bool, progress: Callable[[SourceReport], None]
) -> RoundReport:
    """Run one round over the sources that are due (`everything`: over all); `progress` hears of each."""
    claimed = await hub.claim(now, limit=max(len(hub.sources), 1), everything=everything)
    renewing = asyncio.create_task(hub.renew_until_done())
    try:
        reports = await _poll_all(hub, claimed, now, progress)
        await read_pages(hub, now)
        if sum(report.new + report.edited for report in reports) >= _LARGE:
            # documents leave holes that settling would not fill
            await asyncio.to_thread(return_free_memory)
        settled = await hub.settle_summarised(now)
        settled += await _decide_by_pages(hub, now)
        await hub.save_counts(now)
    finally:
        renewing.cancel()
    await hub.forget()
    await hub.release_idle_hosts()
    waiting = await asyncio.to_thread(hub.held_back, now)
    return summarise(reports, settled, waiting)


async def _poll_all(
    hub: Hub, claimed: Sequence[Claim], now: datetime, progress: Callable[[SourceReport], None]
) -> list[SourceReport]:
    done: dict[str, SourceReport] = {}
    left = {claim.source: claim for claim in claimed}
    waiting = iter(claimed)

    async def some(number: int) -> None:
        # one after the other: two hundred first requests in one turn of the loop would hold it up
        await asyncio.sleep(number * _STAGGER)
        for claim in waiting:
            try:
                report = await hub.poll(claim, now)
                del left[claim.source]
            except EnvironmentFailed:
                raise
            except Exception as bug:
                # Ours, and no reason to leave the others unpolled.
                log.exception("poll broke", extra={"source": claim.source})
                report = report_of_bug(claim.source, bug)
            done[claim.source] = report
            progress(report)

    # so many at once, not a task a source: thousands that start in one turn would stall the loop
    at_once = min(hub.config.polling.concurrency, len(claimed))
    try:
        await run_all(some(number) for number in range(at_once))
    finally:
        if left:
            await asyncio.shield(hub.release(list(left.values())))
    return list(done.values())


async def read_pages(hub: Hub, now: datetime) -> bool:
    """Read every article's page that is due, some at a time; return whether there was one."""
    some = False
    while claimed := await hub.claim_pages(now):
        some = True
        try:
            await run_all(hub.read_page(each, now) for each in claimed)
        finally:
            await asyncio.shield(hub.release_pages(claimed))
    return some


async def _decide_by_pages(hub: Hub, now: datetime) -> list[SettleSummary]:
    """Read the pages that settling asked for and settle again, until it asks for none that is due."""
    settled: list[SettleSummary] = []
    while await read_pages(hub, now):
        settled += await hub.settle_summarised(now)
    return settled


async def run_all(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run works side by side and return what they return, in their order.

    The first error that one raises is raised once the others are cancelled and have ended: none of them goes on with
    clients and threads that are being closed.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except BaseExceptionGroup as error:
        raise _first(error) from None
    return [task.result() for task in tasks]


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
