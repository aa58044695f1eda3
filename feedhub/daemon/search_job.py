"""Stories that wait to be indexed -> what a search finds, a batch a transaction: others write in between."""

from __future__ import annotations

import asyncio
from functools import partial

from feedhub.hub import Hub
from feedhub.store import search

#: how often stories are looked for that wait: so long a reader may search in vain for what a feed shows
SEARCH_SECONDS = 1.0


async def index_stories(hub: Hub) -> None:
    """Index every story that waits for it; where another process settles just now, the rest waits for the next time."""

    def is_any_waiting() -> bool:
        with hub.store.read() as connection:
            return search.is_any_waiting(connection)

    while await asyncio.to_thread(is_any_waiting):
        if not await hub.write(partial(search.index_waiting, wait=False)):
            return
