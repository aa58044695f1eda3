"""Processes that do one thing at once with many others like them."""

from __future__ import annotations

import os
import random
import time
from datetime import datetime, timedelta
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier

from sqlalchemy import Engine, event

from feedhub.config import Config
from feedhub.hub import Hub
from feedhub.settle.rules import rules_of
from feedhub.settle.settler import Settler
from feedhub.store import Database, claims
from feedhub.store.claims import Claimant


def settler(config: Config, crowd: Barrier, now: datetime, batch: int) -> None:
    """Settle what waits, so many copies at a time, beside a whole crowd that does the same; statements are slow."""
    chance = random.Random(os.getpid())
    event.listen(Engine, "before_cursor_execute", lambda *_: time.sleep(chance.random() * 0.005))
    store = Database.open(config.database)
    ours = Settler(rules_of(config, config.identity or ""))
    crowd.wait()
    while True:
        part = store.transact(lambda connection: ours.settle(connection, now, limit=batch))
        if part.locked:
            with store.read() as connection:
                ours.judge_ahead(connection, [chance.choice(config.sources).id], now)
            time.sleep(chance.random() * 0.2)
        elif not part.copies:
            break
    store.close()


def claimer(url: str, crowd: Barrier, now: datetime, taken: SimpleQueue[list[str]]) -> None:
    """Claim a few sources at a time until none is left, beside a whole crowd that does the same."""
    store = Database.open(url)
    mine: list[str] = []
    by = Claimant(name=str(os.getpid()))
    crowd.wait()
    while held := store.transact(
        lambda connection: claims.claim(connection, now=now, lease=timedelta(minutes=5), limit=3, by=by)
    ):
        mine += [each.source for each in held]
    store.close()
    taken.put(mine)


async def record_all(config: Config, now: datetime) -> None:
    """Read what every source lists, and settle nothing."""
    async with Hub.open(config, now) as opened:
        for claim in await opened.claim(now, limit=len(config.sources)):
            await opened.poll(claim, now)
