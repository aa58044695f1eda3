"""What the store knows of the sources, for a person: how they do, what they bring, what they are known to repeat."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from msgspec import Struct

from feedhub.config import Config
from feedhub.match import Furniture, learned_lines, prepare
from feedhub.model import Publisher, Source, SourceState
from feedhub.store import Connection, claims, conditions, counts, placements, publishers, source_history, source_pauses
from feedhub.store.conditions import ConditionRow, SourceIntake
from feedhub.store.source_history import SourceRemark
from feedhub.store.source_pauses import SourcePause

#: what a source brings is told of so long, and day by day so many days
SPAN, DAYS = timedelta(days=7), 30
#: remarks, conditions and lines of furniture that are shown; copies in which the lines are looked for
_REMARKS, _CONDITIONS, _LINES, _COPIES = 40, 30, 12, 40


class SourceOverview(Struct, frozen=True, kw_only=True):
    """A source in a list."""

    source: Source
    #: new | well | failing | stopped | paused
    state: str
    row: claims.SourceRow | None
    pause: SourcePause | None
    #: new entries a day in the last week, and which part of them others have, too; None where none came
    a_day: float | None
    copies: float | None

    @property
    def remark(self) -> str | None:
        """Return what the last poll had to say."""
        if self.row is None:
            return None
        state = self.row.state
        return (state and (state.stopped or state.last_error)) or self.row.remark


class SourceAccount(Struct, frozen=True, kw_only=True):
    """All that a page tells of one source."""

    overview: SourceOverview
    publisher: Publisher | None
    conditions: tuple[ConditionRow, ...]
    pauses: tuple[SourcePause, ...]
    remarks: tuple[SourceRemark, ...]
    #: relation -> entries that are kept
    relations: dict[str, int]
    #: new entries and merges of each day, the last one today
    entries: tuple[int, ...]
    merges: tuple[int, ...]
    failed: tuple[int, ...]
    #: shingles that are known to be furniture, and lines of its last entries that are, with how many have them
    shingles: int
    furniture: tuple[tuple[str, int], ...]


def overviews(connection: Connection, config: Config, now: datetime) -> list[SourceOverview]:
    """Return every configured source: those that need a person first, then by name."""
    rows = {row.id: row for row in claims.sources(connection)}
    pauses = source_pauses.in_force(connection)
    intakes = conditions.intakes(connection, since=now - SPAN)
    made = [
        _overview(each, rows.get(each.id), pauses.get(each.id), intakes.get(each.id), now) for each in config.sources
    ]
    order = {"stopped": 0, "failing": 1, "paused": 2, "new": 3}
    return sorted(made, key=lambda each: (order.get(each.state, 4), each.source.name.casefold(), each.source.id))


def _overview(
    source: Source, row: claims.SourceRow | None, pause: SourcePause | None, intake: SourceIntake | None, now: datetime
) -> SourceOverview:
    a_day = copies = None
    if intake is not None:
        a_day = intake.recent / max(min(now - intake.oldest, SPAN) / timedelta(days=1), 1)
        copies = intake.recent_copies / intake.recent if intake.recent else None
    state = "paused" if pause else _state(row.state if row else None)
    return SourceOverview(source=source, state=state, row=row, pause=pause, a_day=a_day, copies=copies)


def _state(state: SourceState | None) -> str:
    if state is None:
        return "new"
    return "stopped" if state.stopped else "failing" if state.failures else "well"


def account_of(connection: Connection, config: Config, name: str, now: datetime) -> SourceAccount | None:
    """Collect what is known of one configured source; None where the configuration has none of the name."""
    overview = next((each for each in overviews(connection, config, now) if each.source.id == name), None)
    if overview is None:
        return None
    first = counts.day_of(now) - DAYS + 1
    days: dict[str, list[int]] = {kind: [0] * DAYS for kind in ("entry", "merge", "failed")}
    for day, kind, label, number in source_history.counts_of(connection, name, first):
        row = days.get("failed" if (kind, label) == ("poll", "failed") else kind)
        if row is not None and day - first < DAYS:
            row[day - first] += number
    shingles = source_history.furniture_of(connection, name)
    return SourceAccount(
        overview=overview,
        publisher=publishers.by_source(connection, [name]).get(name),
        conditions=tuple(source_history.conditions_of(connection, name, _CONDITIONS)),
        pauses=tuple(source_pauses.of_source(connection, name)),
        remarks=tuple(source_history.remarks_of(connection, name, _REMARKS)),
        relations=source_history.relations_of(connection, name),
        entries=tuple(days["entry"]),
        merges=tuple(days["merge"]),
        failed=tuple(days["failed"]),
        shingles=len(shingles) // 8,
        furniture=tuple(_known_lines(connection, name, shingles)),
    )


def _known_lines(connection: Connection, name: str, shingles: bytes) -> list[tuple[str, int]]:
    """Return the lines of a source's last entries that the matcher leaves out, the most frequent first."""
    if not shingles:
        return []
    known = Furniture.unpacked({name: shingles}).of(name)
    lines = Counter(
        line
        for each in placements.latest(connection, name, _COPIES)
        for line in set(learned_lines(prepare(each.copy), known))
    )
    return lines.most_common(_LINES)
