"""How the operator learns how sources do: the health feed, the report, /metrics; never a post among the news."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from hubs import NOON, Newsroom
from lxml import etree
from outlets import Stand, plain_item

from feedhub.directory import output_directory
from feedhub.feeds import OutputMaintenance
from feedhub.health.diagnosis import find_conditions
from feedhub.model import OutputRule, SourceState
from feedhub.serve import ServerSettings
from feedhub.store import Database
from feedhub.store.conditions import SourceIntake

GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).parent / "data" / "atom.rng"))
DAY = timedelta(days=1)
WELL = SourceState(configured="https://paper.example/feed", last_success=NOON)


def intake(**changed: Any) -> SourceIntake:
    values: dict[str, Any] = {
        "entries": 100,
        "oldest": NOON - 10 * DAY,
        "newest": NOON - timedelta(hours=1),
        "listed": 20,
        "listed_oldest": NOON - DAY,
        "listed_newest": NOON - timedelta(hours=1),
        "recent": 20,
        "recent_copies": 8,
        "earlier": 80,
        "earlier_copies": 30,
    }
    return SourceIntake(**(values | changed))


def state(**changed: Any) -> SourceState:
    values: dict[str, Any] = {"configured": WELL.configured, "last_success": NOON, **changed}
    return SourceState(**values)


CASES: dict[str, tuple[SourceState, SourceIntake | None, list[str]]] = {
    "well": (WELL, intake(), []),
    "never read": (WELL, None, []),
    "two failures are weather": (state(failures=2, last_error="HTTP 500"), intake(), []),
    "three are not": (state(failures=3, failing_since=NOON - DAY, last_error="HTTP 500"), intake(), ["broken"]),
    "stopped": (state(stopped="HTTP 410: gone", failures=9), intake(), ["stopped"]),
    "moved": (state(adopted="https://new.example/feed"), intake(), ["moved"]),
    "silent for longer than its rhythm": (WELL, intake(newest=NOON - 4 * DAY), ["silent"]),
    "a weekend is no silence": (WELL, intake(newest=NOON - timedelta(hours=60)), []),
    "a monthly is not silent after a week": (WELL, intake(entries=3, newest=NOON - 7 * DAY), []),
    "the window went by": (WELL, intake(listed_oldest=NOON, listed_newest=NOON), ["lost"]),
    "its first document": (WELL, intake(oldest=NOON, listed_oldest=NOON, listed_newest=NOON), []),
    "one entry is no window": (WELL, intake(listed=1, listed_oldest=NOON, listed_newest=NOON), []),
    "nothing but copies of late": (WELL, intake(recent_copies=20), ["copies"]),
    "no copy any more": (WELL, intake(recent=40, recent_copies=0, earlier_copies=60), ["copies"]),
    "too few to tell": (WELL, intake(recent=10, recent_copies=10), []),
}


@pytest.mark.parametrize(("one", "came", "kinds"), CASES.values(), ids=CASES)
def test_what_counts_as_a_trouble(one: SourceState, came: SourceIntake | None, kinds: list[str]) -> None:
    assert [trouble.kind for trouble in find_conditions(one, came, NOON)] == kinds


def test_an_address_that_may_be_secret_is_not_told() -> None:
    moved = state(adopted="https://me:pass@new.example:81/feed?key=secret#x")
    (trouble,) = find_conditions(moved, None, NOON)
    assert "https://new.example:81/feed:" in trouble.text
    assert "secret" not in trouble.text
    assert "pass" not in trouble.text


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all", limit=2),)})
    room.source("paper")
    room.source("gone")
    room.serve("paper", *(plain_item(n) for n in range(5)))
    return Stand(room)


def watch(stand: Stand) -> int:
    store = Database.open(stand.room.config.database)
    try:
        return OutputMaintenance(
            store, output_directory(stand.room.config, "test.example,2026"), stand.room.sources
        ).check_sources(stand.now)
    finally:
        store.close()


def told(hub: httpx.Client) -> list[Any]:
    got = hub.get("/feeds/health.atom")
    assert got.status_code == 200
    assert GRAMMAR.validate(etree.fromstring(got.content)), GRAMMAR.error_log
    return list(feedparser.parse(io.BytesIO(got.content)).entries)


def test_a_broken_source_is_one_entry_whose_id_and_dates_stay_until_it_is_over(stand: Stand) -> None:
    with_news = plain_item(77)
    for hour in range(4):
        stand.round(hour)
    assert watch(stand) == 1
    with stand.served() as hub:
        (first,) = told(hub)
        bytes_then = hub.get("/feeds/health.atom").content
        assert first.title == "Gone is broken"
        assert first.tags[0].term == "broken"
        stand.round(5)
        assert watch(stand) == 0
        assert hub.get("/feeds/health.atom").content == bytes_then
        stand.room.serve("gone", with_news)
        stand.round(6)
        assert watch(stand) == 1
        (over,) = told(hub)
        assert (over.id, over.published, over.title) == (first.id, first.published, "Over: Gone is broken")
        assert over.updated > first.updated
        news = hub.get("/feeds/all.atom").text
        assert "broken" not in news


def test_the_feed_is_empty_and_valid_where_all_is_well(stand: Stand) -> None:
    stand.room.serve("gone", plain_item(77))
    stand.round()
    watch(stand)
    with stand.served() as hub:
        assert told(hub) == []


def test_a_window_that_went_by_is_told(stand: Stand) -> None:
    stand.room.serve("gone", plain_item(77))
    stand.round()
    stand.room.serve("paper", *(plain_item(n) for n in range(20, 25)))
    stand.round(1)
    watch(stand)
    with stand.served() as hub:
        assert [entry.title for entry in told(hub)] == ["Paper has lost entries"]


CLOSED = ["/feeds/health.atom", "/health", "/metrics"]


@pytest.mark.parametrize("path", CLOSED)
def test_other_machines_need_the_admin_token(stand: Stand, path: str) -> None:
    stand.round()
    settings = ServerSettings(base_url="https://news.test/", admin_token="let-me-in")
    with stand.served(settings) as hub:
        assert hub.get(path).status_code == 401
        assert hub.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
        got = hub.get(path, headers={"authorization": "Bearer let-me-in"})
        assert got.status_code == 200
        assert "public" not in got.headers["cache-control"]
        assert hub.get(path, auth=("reader", "let-me-in")).status_code == 200
        assert "health.atom" not in hub.get("/").text


def test_the_report_counts_what_an_outputs_limit_never_let_show(stand: Stand) -> None:
    stand.round()
    with stand.served() as hub:
        report = json.loads(hub.get("/health").content)
        assert report["outputs"] == [{"name": "all", "stories": 5, "never_shown": 3, "left_out": 0}]
        by_source = {row["source"]: row for row in report["sources"]}
        assert by_source["paper"]["state"] == "well"
        assert by_source["gone"]["state"] == "failing"
        assert report["stories"] == report["copies"] == 5
        assert report["ready"] is True


def test_a_story_that_was_shown_once_never_counts_as_never_shown(stand: Stand) -> None:
    stand.room.serve("paper", plain_item(1), plain_item(2))
    stand.round()
    stand.room.serve("paper", *(plain_item(n) for n in range(1, 5)))
    stand.round(1)
    with stand.served() as hub:
        report = json.loads(hub.get("/health").content)
        assert report["outputs"] == [{"name": "all", "stories": 4, "never_shown": 0, "left_out": 0}]


def test_the_numbers_name_sources_and_outputs_but_no_address(stand: Stand) -> None:
    stand.round()
    with stand.served() as hub:
        hub.get("/feeds/all.atom")
        hub.get("/feeds/secret-token/nothing.atom")
        got = hub.get("/metrics")
        assert got.headers["content-type"].startswith("text/plain; version=0.0.4")
        lines = got.text.splitlines()
        assert "feedhub_stories 5.0" in lines
        assert 'feedhub_output_never_shown{output="all"} 3.0' in lines
        assert 'feedhub_source_failures{source="gone"} 1.0' in lines
        assert 'feedhub_http_requests_total{page="feeds",status="200"} 1.0' in lines
        assert 'feedhub_http_requests_total{page="feeds",status="404"} 1.0' in lines
        assert 'feedhub_http_request_duration_seconds_count{page="feeds"} 2.0' in lines
        assert 'feedhub_polls_total{outcome="failed"} 1.0' in lines
        assert "feedhub_entries_total 5.0" in lines
        assert 'feedhub_poll_duration_seconds_bucket{le="+Inf"} 2.0' in lines
        assert any(line.startswith("process_resident_memory_bytes ") for line in lines)
        assert any(line.startswith("feedhub_build_info{") for line in lines)
        assert "secret-token" not in got.text
        assert "://" not in got.text


def test_an_output_called_health_goes_before(stand: Stand) -> None:
    stand.room.settings["feeds"] = (OutputRule(name="health", title="Medicine"),)
    stand.round()
    with stand.served() as hub:
        assert "Medicine" in hub.get("/feeds/health.atom").text
