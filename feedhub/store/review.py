"""What a person looks through at the desk: merges, near misses, what waits; every query is bounded."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from feedhub.store import story_bodies, verdicts


def titles_of_copies(connection: Connection, copies: Collection[int]) -> dict[int, str]:
    """Return what the stories of these copies are called now, by copy; of stories that say nothing there is none."""
    homes = verdicts.stories_of(connection, copies)
    said = story_bodies.of(connection, set(homes.values()))
    return {number: said[home].title for number, home in homes.items() if home in said}
