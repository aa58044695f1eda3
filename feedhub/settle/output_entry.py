"""Stories -> the outputs that take them: each as it changes; all there are where an output is new or takes others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from feedhub import outputs
from feedhub.model import EntryKey, OutputRule, Story
from feedhub.outputs import Texts
from feedhub.store import Connection, database, output_entries, placements, stories
from feedhub.store.stories import StoryRow

if TYPE_CHECKING:
    from feedhub.merge import Member

#: under which the hub keeps what its outputs took
_KEY = "outputs"
_PAGE = 500


def enter(
    connection: Connection,
    rules: Sequence[OutputRule],
    changed: Mapping[int, tuple[Story, Story | None]],
    texts: Mapping[int, Texts],
    *,
    known: Mapping[int, Mapping[str, datetime]],
    now: datetime,
) -> None:
    """Record when stories entered each output that takes them; a material revision enters again.

    `changed`: what they say and said before; `texts`: what their copies say; `known`: the outputs that have them.
    """
    rows = []
    left_out: list[tuple[str, int, str]] = []
    for number, (story, previous) in changed.items():
        shown, story_texts = known.get(number, {}), texts.get(number, {})
        again = previous is not None and story.updated != previous.updated
        for rule in rules:
            if rule.name in shown:
                enters = again
            else:
                enters = outputs.admits(rule, story, story_texts)
                if enters and (ground := outputs.excluded(rule, story, story_texts)):
                    left_out.append((rule.name, number, ground))
                    enters = False
            if enters:
                rows.append((rule.name, number, max(now, story.released)))
    stories.enter(connection, rows)
    output_entries.leave_out(connection, left_out)


def reconsider(connection: Connection, rules: Sequence[OutputRule], now: datetime) -> int:
    """Enter what was there before where outputs are new or take other stories than they did; return how many.

    What an output shows already stays in it, whatever it takes now.
    """
    before: dict[str, str] = json.loads(database.get_value(connection, _KEY) or "{}")
    taken = {rule.name: _takes(rule) for rule in rules}
    changed = [rule for rule in rules if before.get(rule.name) != taken[rule.name]]
    if not changed:
        return 0
    database.set_value(connection, _KEY, json.dumps(before | taken, sort_keys=True))
    count = after = 0
    while page := stories.live(connection, after=after, limit=_PAGE):
        rows = _entering(connection, changed, page)
        stories.enter(connection, rows)
        count += len(rows)
        after = page[-1].id
    if count:
        database.next_change(connection, now)
    return count


def texts_of(members: Sequence[Member]) -> Texts:
    """Return what copies say, for the outputs that look for words."""
    return {member.copy.key: f"{member.copy.title}\n{member.copy.text}" for member in members}


def _entering(
    connection: Connection, rules: Sequence[OutputRule], page: Sequence[StoryRow]
) -> list[tuple[str, int, datetime]]:
    known = stories.outputs_of(connection, [row.id for row in page])
    texts = _texts(connection, page) if any(rule.words or rule.exclude.words for rule in rules) else {}
    rows = []
    for row in page:
        for rule in rules:
            if row.body is not None and rule.name not in known[row.id]:
                if outputs.admits(rule, row.body, texts) and (ground := outputs.excluded(rule, row.body, texts)):
                    output_entries.leave_out(connection, [(rule.name, row.id, ground)])
                at = outputs.entered(rule, row.body, texts)
                rows += [] if at is None else [(rule.name, row.id, at)]
    return rows


def _texts(connection: Connection, page: Sequence[StoryRow]) -> dict[EntryKey, str]:
    rows = placements.of_stories(connection, [row.id for row in page])
    return {stored.copy.key: f"{stored.copy.title}\n{stored.copy.text}" for stored in rows}


def _takes(rule: OutputRule) -> str:
    """Spell out what decides which stories an output takes."""
    return repr(
        (
            *(rule.categories, rule.languages, rule.agencies, rule.outlets, rule.words),
            repr(rule.exclude),
            *(rule.min_copies, None if rule.within is None else rule.within.total_seconds()),
        )
    )
