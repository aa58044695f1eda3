"""What happens to stories is an event each, in the log as fields, and counted for `stats` and a collector."""

from __future__ import annotations

import json
import re
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from commands import Desk, ended, until
from commands import item as entry
from daemons import Subscriber, catches
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item

from feedhub.admin import decide
from feedhub.admin.statistics import statistics
from feedhub.cli.stats_output import bar, spark, stats_json
from feedhub.health import counters
from feedhub.hub import RoundReport
from feedhub.model import CounterValue, HistogramValue
from feedhub.settle.story_events import StoryEvent
from feedhub.store import Database, counts
from feedhub.store.counts import CountKey, Tally

TITLE = "Bridge at Marrow Ferry shut for eleven weeks"
EVENTS = ("story", "merged", "joined", "parted", "revised", "disputed", "killed")


def of_kind(report: RoundReport, kind: str) -> list[StoryEvent]:
    return [event for event in report.events if event.kind == kind]


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    room = Newsroom(tmp_path)
    room.source("agency", agency="MPA")
    room.source("courier")
    room.source("herald")
    return room


def test_each_thing_that_happens_to_a_story_is_an_event_and_counted(room: Newsroom) -> None:
    room.serve("agency", item("a1", TITLE, *BRIDGE), item("a2", "Halden elects its conductor", *ORCHESTRA))
    room.serve("courier", item("c1", "Marrow Ferry bridge closed", *BRIDGE))
    room.serve("herald")
    first = room.round()
    assert len(of_kind(first, "story")) == 2
    (merged,) = of_kind(first, "merged")
    assert (merged.story, merged.method, merged.relation) == (room.story_of("courier", "c1"), "text", "copy")
    assert (merged.score or 0) > 0.9
    assert {merged.source, *(merged.matched or "").split()[:1]} == {"agency", "courier"}
    assert "words in shared runs" in (merged.ground or "")

    # the toll rises: the agency revises, and the courier's text is brought by a join of a person
    after = [text.replace("6,000", "9,000").replace("eleven", "fourteen") for text in BRIDGE]
    room.serve("agency", item("a1", TITLE.replace("eleven", "fourteen"), *after), item("a2", "Halden", *ORCHESTRA))
    second = room.round(1)
    (revised,) = of_kind(second, "revised")
    assert revised.story == merged.story
    assert "fourteen" in (revised.title or "")

    # the courier's entry becomes another text, and leaves
    room.serve("courier", item("c1", "Ferry timetable for the summer", *ORCHESTRA[::-1]))
    third = room.round(2)
    moved = [(event.kind, event.story, event.source) for event in third.events if event.kind in ("parted", "merged")]
    assert ("parted", merged.story, "courier") in moved

    # an own outlet's withdrawal, and the agency's kill
    room.serve(
        "agency",
        item("k1", f"KILL: {TITLE.replace('eleven', 'fourteen')}", "Kill this story.", at="2026-03-10T15:00:00Z"),
    )
    (killed,) = of_kind(room.round(3), "killed")
    assert (killed.story, killed.by) == (merged.story, "agency")

    found = room.read(lambda connection: statistics(connection, days=2, now=NOON + timedelta(hours=3)))
    report = stats_json(found)
    assert report["polls"] == {"read": 6, "unchanged": 6}
    assert report["merges_by_rule"]["text"] >= 1
    assert found.by_day["entry"] == (0, 3)
    assert (found.total("revision"), found.total("kill"), found.total("part")) == (1, 1, 1)
    assert found.sources[0].name == "agency"
    assert found.agencies == () or found.agencies[0].name == "MPA"


def test_two_published_stories_that_are_found_to_be_one_are_joined(room: Newsroom) -> None:
    room.serve("courier", item("c1", "Alpha headline", *BRIDGE[:3]))
    room.serve("herald", item("h1", "Beta news of it", "A lede.", BRIDGE[0]))
    room.serve("agency")
    room.round()
    tags = {room.story_of("courier", "c1"), room.story_of("herald", "h1")}
    assert len(tags) == 2
    room.serve("agency", item("a1", "All of it", *BRIDGE))
    (joined,) = of_kind(room.round(1), "joined")
    assert {joined.story, joined.into} == tags
    assert joined.source == "agency"


def test_a_revision_that_one_outlet_alone_has_is_disputed(room: Newsroom) -> None:
    room.serve("agency", item("a1", TITLE, *BRIDGE))
    room.serve("herald")
    room.serve("courier", item("c1", f"UPDATE 2-{TITLE}", BRIDGE[0].replace("6,000", "19,000"), *BRIDGE[1:]))
    report = room.round()
    (disputed,) = of_kind(report, "disputed")
    assert disputed.source == "courier"
    assert "19,000" in (disputed.ground or "")


def test_a_merge_by_a_person_names_no_rule_of_the_matcher(room: Newsroom) -> None:
    room.serve("agency", item("a1", TITLE, *BRIDGE))
    room.serve("courier", item("c1", "Halden elects its conductor", *ORCHESTRA))
    room.serve("herald")
    room.round()
    room.decide(decide.merge, room.story_of("agency", "a1"), room.story_of("courier", "c1"), hours=1)
    found = room.read(lambda connection: statistics(connection, days=1, now=NOON))
    assert found.merges_by(1) == {"person": 1}


@pytest.mark.usefixtures("engine")
def test_counts_add_up_and_old_days_go_while_the_sum_of_all_stays(room: Newsroom) -> None:
    tally = Tally()
    for seconds in (0.04, 0.05, 0.3, 1_000.0):
        tally.observe("poll_seconds", seconds)
    tally.add("poll", "read", "courier", 3)

    def write(days: int) -> None:
        opened = Database.open(room.config.database)
        with opened.write() as connection:
            counts.save(connection, counted, NOON + timedelta(days=days))
            counts.drop_old(connection, NOON + timedelta(days=days))
        opened.close()

    counted = tally.take()
    assert tally.take() == {}
    write(0)
    write(100)
    ever = room.read(counts.totals)
    assert ever[CountKey("poll", "read")] == 6
    rows = room.read(lambda connection: counts.of_days(connection, NOON))
    assert [row.count for row in rows] == [3]
    (histogram,) = [m for m in counters(ever) if m.name == "feedhub_poll_duration_seconds"]
    assert isinstance(histogram, HistogramValue)
    assert histogram.buckets[0] == ("0.05", 4)
    assert histogram.buckets[-1] == ("+Inf", 8)
    assert histogram.sum == pytest.approx(2_000.78)
    assert all(not isinstance(m, CounterValue) or m.value >= 0 for m in counters({}))


@pytest.mark.parametrize(("numbers", "line"), [((), ""), ((0, 0), ""), ((0, 1, 1_000), " ▁█"), ((8, 4), "█▄")])
def test_a_line_of_blocks_shows_every_day_that_had_anything(numbers: tuple[int, ...], line: str) -> None:
    assert spark(numbers) == line


@pytest.mark.parametrize(("share", "shown"), [(0, ""), (1, "████████"), (2, "████████"), (0.5, "████"), (0.01, "▏")])
def test_a_bar_is_as_long_as_its_share(share: float, shown: str) -> None:
    assert bar(share) == shown


TEXT = "The harbour master of Quellport closed the northern quay after divers found a crack " * 6


def desk_at(folder: Path) -> Desk:
    desk = Desk(folder)
    rows = desk.file("courier", entry("1", "Quay shut \x1b[31mat Quellport", TEXT))
    rows += desk.file("herald", entry("2", "Northern quay closed", TEXT))
    desk.configure(rows, "server: {port: 0}")
    return desk


def test_the_log_has_fields_and_its_level_and_form_can_be_chosen(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    with desk.start("run") as process:
        client = Subscriber(desk, process)
        until(lambda: client.titles(), "the story")
        client.ask("/healthz")
        assert ended(process, signal.SIGTERM) == 0
    log = desk.log
    assert re.search(r"event=merged .*story=tag:desk.test,2026:\w+ .*source=\w+ .*score=1.0 ground=", log), log
    assert re.search(r"event=request .*path=/healthz", log)
    assert re.search(r"event=request .*status=200", log)
    assert re.search(r'event="source read" .*source=courier', log)
    assert "\x1b" not in log
    with desk.start("run", more={"FEEDHUB_LOG": "json,warning"}) as process:
        until(lambda: catches(process.pid, signal.SIGTERM), "the daemon to await its end")
        assert ended(process, signal.SIGTERM) == 0
    assert [json.loads(line)["level"] for line in desk.log.splitlines() if "info" in line] == []
    done = desk.run("run", more={"FEEDHUB_LOG": "loud"})
    assert done.code == 2
    assert 'FEEDHUB_LOG: "loud"' in done.err
    shown = desk.run("stats")
    assert re.search(r"polls +\d", shown.out)
    assert "█" in shown.out


def test_the_table_of_events_names_every_event_of_a_story() -> None:
    table = (Path(__file__).parent.parent / "docs" / "operating.md").read_text(encoding="utf-8")
    assert [name for name in EVENTS if f"| `{name}` |" not in table] == []
