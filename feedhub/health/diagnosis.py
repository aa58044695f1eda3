"""What is wrong with a source, told from its state and from how its entries came in: no clock, no store.

A condition stands here with its measure; `watch` in `health` keeps the episodes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from feedhub.model import SourceState
from feedhub.store.conditions import SourceIntake

ConditionKind = Literal[
    "broken",
    "stopped",
    "moved",
    "silent",
    "lost",
    "copies",
    "site",
    "backlog",
    "volume",
    "joins",
    "unsettled",
    "uncleaned",
    "costly",
]

#: one bad answer is weather
_FAILURES = 3
#: a source with a rhythm is silent after ten times its usual gap, but not within a weekend
_SILENT_GAPS = 10
_SILENT_LEAST = timedelta(days=3)
_SILENT_MOST = timedelta(days=30)
_RHYTHM = 5
#: over how long the share of copies is compared with what it was before
RECENT = timedelta(days=2)
_ENOUGH_RECENT, _ENOUGH_EARLIER = 20, 50
#: the share of copies is odd where it moved by this much, and four times as far as chance would
_SHARE, _SIGMAS = 0.3, 4.0
#: a source brings unusually much where it is so many times what it brought before in as long, and so many at least
_VOLUME, _VOLUME_LEAST = 5.0, 50
#: published stories ended by one source's copies in `RECENT`; one may be a fuller text that shows two halves to be one
_JOINS = 2


class Condition(Struct, frozen=True, kw_only=True):
    """Something that a person should know of a source."""

    kind: ConditionKind
    #: one line: what it is and, where known, what to do
    text: str
    #: when it began, as far as the state tells
    since: datetime


def find_conditions(
    state: SourceState, intake: SourceIntake | None, now: datetime, failed: tuple[int, str] = (0, "")
) -> Iterator[Condition]:
    """All that is wrong with one source.

    `failed`: how many entries could not be cleaned or recorded, and what was raised at one of them.
    """
    if state.stopped:
        yield Condition(kind="stopped", text=f"is polled no more: {state.stopped}", since=state.last_success or now)
        return
    if state.failures >= _FAILURES:
        text = f"fails again and again: {state.last_error or 'no reason known'}"
        yield Condition(kind="broken", text=text, since=state.failing_since or now)
    if state.adopted:
        text = f"has moved for good to {_bare(state.adopted)}: put that address into the configuration"
        yield Condition(kind="moved", text=text, since=now)
    if state.other_site:
        text = f"gives {state.other_site} as its site, where it gave {state.site}: it stays the outlet that it was"
        yield Condition(kind="site", text=f"{text} (`outlet` or `site` in the configuration decide)", since=now)
    if state.backlog:
        text = f"brings more than its quota: {state.backlog} new entries wait for the next round"
        yield Condition(kind="backlog", text=text, since=now)
    if state.cleaning_backlog:
        text = f"takes long to clean: {state.cleaning_backlog} new or edited entries wait for the next round"
        yield Condition(kind="costly", text=text, since=now)
    if intake is not None and intake.joins >= _JOINS:
        text = f"ended {intake.joins} published stories in two days: its copies showed them to be others"
        yield Condition(kind="joins", text=f"{text} (`feedhub explain`; `feedhub split --all` parts them)", since=now)
    if intake is not None and intake.unsettled:
        entries = "an entry" if intake.unsettled == 1 else f"{intake.unsettled} entries"
        text = f"has {entries} that could not be settled and wait aside ({intake.unsettled_reason})"
        yield Condition(kind="unsettled", text=f"{text}: an edit or another version of feedhub tries again", since=now)
    if failed[0]:
        entries, reason = "an entry" if failed[0] == 1 else f"{failed[0]} entries", failed[1]
        text = f"has {entries} that could not be cleaned or recorded, left out or as before ({reason})"
        yield Condition(kind="uncleaned", text=f"{text}: an edit or another version of feedhub tries again", since=now)
    if intake is not None and not state.failures:
        yield from _volume(intake, now)
        yield from _silent(intake, now)
        yield from _lost(intake)
        yield from _odd_share(intake, now)


def _silent(intake: SourceIntake, now: datetime) -> Iterator[Condition]:
    patience = _SILENT_MOST
    if intake.entries >= _RHYTHM:
        usual = (intake.newest - intake.oldest) / (intake.entries - 1)
        patience = min(max(_SILENT_GAPS * usual, _SILENT_LEAST), _SILENT_MOST)
    if now - intake.newest > patience:
        text = f"answers, but has had nothing new since {intake.newest:%-d %B %Y, %H:%M} UTC"
        yield Condition(kind="silent", text=text, since=intake.newest + patience)


def _lost(intake: SourceIntake) -> Iterator[Condition]:
    """Every entry of its document came with the same poll, though there had been others: between two polls the whole
    window went by, and who knows what else."""
    if intake.listed < 2 or intake.listed_oldest is None or intake.listed_oldest != intake.listed_newest:
        return
    if intake.oldest < intake.listed_oldest:
        text = "has lost entries between two polls, its document shows so few: poll it more often (`interval`)"
        yield Condition(kind="lost", text=text, since=intake.listed_oldest)


def _volume(intake: SourceIntake, now: datetime) -> Iterator[Condition]:
    before = (now - RECENT) - intake.oldest
    if intake.recent < _VOLUME_LEAST or before < RECENT:
        return
    usual = intake.earlier * (RECENT / before)
    if intake.recent > _VOLUME * max(usual, 1.0):
        text = f"brings unusually much: {intake.recent} entries in two days, where {usual:.0f} are usual"
        yield Condition(kind="volume", text=text, since=now)


def _odd_share(intake: SourceIntake, now: datetime) -> Iterator[Condition]:
    if intake.recent < _ENOUGH_RECENT or intake.earlier < _ENOUGH_EARLIER:
        return
    recent, before = intake.recent_copies / intake.recent, intake.earlier_copies / intake.earlier
    both = (intake.recent_copies + intake.earlier_copies) / (intake.recent + intake.earlier)
    chance = math.sqrt(both * (1 - both) * (1 / intake.recent + 1 / intake.earlier))
    if abs(recent - before) > max(_SHARE, _SIGMAS * chance):
        text = f"has an odd share of copies: {recent:.0%} of its newest entries, {before:.0%} before"
        yield Condition(kind="copies", text=text, since=now)


def _bare(url: str) -> str:
    """Return an address without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
