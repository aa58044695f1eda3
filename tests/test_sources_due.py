"""When a source is polled next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from feedhub.codec import dump, load
from feedhub.model import (
    Entry,
    Feed,
    Fetched,
    FetchFailed,
    FetchResult,
    Freshness,
    NotModified,
    ParseFailed,
    Source,
    SourceState,
    Validators,
)
from feedhub.sources import is_due, lost_entries, new_state, state_after, state_to_poll_with
from feedhub.structs import replace

#: a Tuesday
NOON = datetime(2026, 6, 2, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOURCE = Source(id="paper", url="http://paper.test/feed", name="Paper", interval=HOUR)
GOOD = Feed(entries=(Entry(guid="1"),))


class Polling(Struct, frozen=True, dict=True):
    floor: timedelta = 15 * MINUTE


def document(max_age: timedelta | None = None, moved_to: str | None = None, etag: str | None = '"1"') -> Fetched:
    return Fetched(
        source="paper",
        url="http://paper.test/feed",
        body=b"x",
        body_hash="h",
        validators=Validators(etag=etag),
        freshness=Freshness(max_age=max_age),
        moved_to=moved_to,
    )


def failure(status: int | None = None, retry_after: timedelta | None = None, **values: bool) -> FetchFailed:
    wait = Freshness(retry_after=retry_after)
    return FetchFailed(source="paper", reason=f"HTTP {status}", status=status, freshness=wait, **values)


def poll(
    result: FetchResult,
    state: SourceState | None = None,
    now: datetime = NOON,
    source: Source = SOURCE,
    jitter: float = 0.0,
    feed: Feed | ParseFailed | None = GOOD,
) -> SourceState:
    return state_after(
        state or new_state(source),
        result,
        source,
        Polling(),
        now,
        jitter,
        feed if isinstance(result, Fetched) else None,
    )


def wait(state: SourceState, now: datetime = NOON) -> timedelta:
    assert state.due_at is not None
    return state.due_at - now


def test_a_source_that_was_never_polled_is_due() -> None:
    assert is_due(new_state(SOURCE), NOON)


WAITS = [
    ("the interval", SOURCE, document(), GOOD, HOUR),
    ("never below the floor", replace(SOURCE, interval=MINUTE), document(), GOOD, 15 * MINUTE),
    ("a longer max-age", SOURCE, document(max_age=3 * HOUR), GOOD, 3 * HOUR),
    ("a shorter max-age", SOURCE, document(max_age=MINUTE), GOOD, HOUR),
    ("a longer ttl", SOURCE, document(), replace(GOOD, ttl=2 * HOUR), 2 * HOUR),
    ("a day at most", SOURCE, document(), replace(GOOD, ttl=40 * DAY), DAY),
    ("but the interval may be longer", replace(SOURCE, interval=3 * DAY), document(), GOOD, 3 * DAY),
    ("max-age of a 304", SOURCE, NotModified(source="paper", freshness=Freshness(max_age=2 * HOUR)), None, 2 * HOUR),
    ("a skipped hour", SOURCE, document(), replace(GOOD, skip_hours=frozenset({13, 14})), 3 * HOUR),
    ("a skipped day", SOURCE, document(), replace(GOOD, skip_days=frozenset({"Tuesday"})), 12 * HOUR),
    ("skipping for good is not obeyed", SOURCE, document(), replace(GOOD, skip_hours=frozenset(range(24))), HOUR),
]


@pytest.mark.parametrize(("source", "result", "feed", "expected"), [w[1:] for w in WAITS], ids=[w[0] for w in WAITS])
def test_the_next_poll(source: Source, result: FetchResult, feed: Feed | None, expected: timedelta) -> None:
    assert wait(poll(result, source=source, feed=feed)) == expected


def publishing(every: timedelta, ago: timedelta = timedelta(0), count: int = 12) -> Feed:
    """A feed with an entry each so often, the newest so long ago."""
    return Feed(entries=tuple(Entry(guid=str(n), published=NOON - ago - n * every) for n in range(count)))


QUARTER = 15 * MINUTE
EAGER = replace(SOURCE, interval=QUARTER)
PACES = [
    ("breaking, and we may", EAGER, None, publishing(2 * MINUTE), QUARTER),
    ("hourly, though we might be faster", EAGER, None, publishing(HOUR), 30 * MINUTE),
    ("daily: four intervals", EAGER, None, publishing(DAY), HOUR),
    ("silent since yesterday", EAGER, None, publishing(MINUTE, ago=DAY), HOUR),
    ("breaking, but an hour is our custom", SOURCE, None, publishing(MINUTE), HOUR),
    ("breaking, and the publisher allows less", SOURCE, MINUTE, publishing(MINUTE), QUARTER),
    ("breaking, and he allows half an hour", SOURCE, 30 * MINUTE, publishing(MINUTE), 30 * MINUTE),
    ("hourly, and he allows less", SOURCE, MINUTE, publishing(HOUR), 30 * MINUTE),
    ("breaking, but he asks for more", EAGER, 3 * HOUR, publishing(MINUTE), 3 * HOUR),
    ("dates that lie ahead", EAGER, None, publishing(HOUR, ago=-DAY), QUARTER),
    ("too few dates to tell", EAGER, None, publishing(HOUR, count=3), QUARTER),
    ("one date for all", EAGER, None, publishing(timedelta(0)), QUARTER),
]


@pytest.mark.parametrize(("source", "asked", "feed", "expected"), [p[1:] for p in PACES], ids=[p[0] for p in PACES])
def test_a_source_is_polled_at_its_own_pace(
    source: Source, asked: timedelta | None, feed: Feed, expected: timedelta
) -> None:
    assert wait(poll(document(max_age=asked), source=source, feed=feed)) == expected


def test_a_silence_slows_the_polls_down_while_304s_come() -> None:
    state, now, waits = poll(document(), source=EAGER, feed=publishing(2 * MINUTE)), NOON, []
    for _ in range(6):
        now = state.due_at or now
        state = poll(NotModified(source="paper"), state, now, source=EAGER)
        waits.append(wait(state, now))
    assert waits == sorted(waits)
    assert (waits[0], waits[-1] > 20 * MINUTE) == (QUARTER, True)


def numbered(first: int, count: int = 10, minutes: int = 1) -> Feed:
    return Feed(
        entries=tuple(Entry(guid=str(n), published=NOON + n * minutes * MINUTE) for n in range(first, first + count))
    )


LOSSES = [
    ("scrolled past", numbered(100), 0, True),
    ("one is still there", numbered(100), 1, False),
    ("a shorter document", numbered(100, count=4), 0, False),
    ("older entries are listed too", numbered(-5), 0, False),
]


@pytest.mark.parametrize(("feed", "known", "expected"), [case[1:] for case in LOSSES], ids=[case[0] for case in LOSSES])
def test_a_window_that_scrolled_past_what_was_read_is_told(feed: Feed, known: int, expected: bool) -> None:
    state = poll(document(), feed=numbered(-10))
    told = lost_entries(state, feed, known, NOON + 3 * HOUR)
    assert bool(told) == expected
    if told:
        assert told.startswith("entries were lost: none of the 10 read 3.0 h ago is among the 10 listed now")


def test_nothing_was_lost_before_the_first_document() -> None:
    assert lost_entries(new_state(SOURCE), numbered(1), 0, NOON) is None


def test_what_a_feed_asked_for_holds_for_its_304s_too() -> None:
    state = poll(document(), feed=replace(GOOD, ttl=2 * HOUR, skip_hours=frozenset({14})))
    assert wait(poll(NotModified(source="paper"), state)) == 3 * HOUR


def test_paths_are_due_each_interval() -> None:
    source = replace(SOURCE, url="/srv/feeds")
    assert wait(poll(document(), source=source, feed=replace(GOOD, ttl=DAY))) == HOUR


def failures(*results: FetchResult) -> list[timedelta]:
    state, now, waits = new_state(SOURCE), NOON, []
    for result in results:
        state = poll(result, state, now)
        waits.append(wait(state, now))
        now += waits[-1]
    return waits


def test_errors_back_off_by_doubling_up_to_a_day() -> None:
    assert failures(*[failure(500)] * 7) == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY]
    assert failures(*[failure()] * 2) == [HOUR, 2 * HOUR]


def test_a_busy_host_that_names_no_time_is_asked_no_faster_than_before() -> None:
    assert failures(*[failure(429)] * 6) == [HOUR, HOUR, HOUR, 80 * MINUTE, 160 * MINUTE, 320 * MINUTE]


def test_success_ends_the_back_off() -> None:
    assert failures(failure(500), failure(500), document(), failure(500))[2:] == [HOUR, HOUR]


def test_a_document_that_cannot_be_parsed_is_a_failure_and_its_validators_are_not_kept() -> None:
    before = poll(document(etag='"1"'))
    state = poll(document(etag='"2"'), before, feed=ParseFailed(reason="an HTML page, not a feed"))
    assert (state.validators, state.body_hash) == (before.validators, before.body_hash)
    assert (state.failures, state.last_error) == (1, "an HTML page, not a feed")


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_even_when_everything_is_polled(status: int) -> None:
    state = poll(failure(status, retry_after=3 * HOUR))
    assert wait(state) == 3 * HOUR
    assert not is_due(state, NOON + 2 * HOUR, everything=True)
    assert is_due(state, NOON + 3 * HOUR)


def test_a_short_retry_after_does_not_speed_us_up() -> None:
    state = poll(failure(503, retry_after=MINUTE))
    assert wait(state) == HOUR
    assert is_due(state, NOON + 2 * MINUTE, everything=True)


def test_retry_after_is_clamped() -> None:
    assert wait(poll(failure(503, retry_after=400 * DAY))) == 2 * DAY


def test_a_poll_that_was_not_sent_is_no_failure() -> None:
    state = poll(failure(retry_after=5 * MINUTE, deferred=True))
    assert (state.failures, wait(state)) == (0, 5 * MINUTE)


def test_410_stops_at_once_and_says_so() -> None:
    state = poll(failure(410, gone=True))
    assert state.stopped is not None
    assert wait(state) == DAY
    assert not is_due(state, NOON + 400 * DAY, everything=True)


def test_404_stops_after_thirty_days() -> None:
    state, now = new_state(SOURCE), NOON
    while state.stopped is None:
        assert now < NOON + 40 * DAY
        state = poll(failure(404), state, now)
        now = state.due_at or now
    assert now > NOON + 30 * DAY
    assert state.stopped == "HTTP 404 for 30 days"


def test_other_failures_never_stop() -> None:
    state = replace(new_state(SOURCE), failing_since=NOON - 400 * DAY, failures=900)
    assert poll(failure(500), state).stopped is None


def test_a_feed_that_has_ended_stops() -> None:
    assert poll(document(), feed=replace(GOOD, expired=True)).stopped


def test_another_configured_url_starts_afresh() -> None:
    state = poll(failure(410, gone=True))
    moved = replace(SOURCE, url="http://paper.test/new")
    assert state_to_poll_with(state, moved) == new_state(moved)
    assert state_to_poll_with(state, SOURCE) is state
    assert state_to_poll_with(None, SOURCE) == new_state(SOURCE)


NEW = "http://new.test/feed"


def test_a_permanent_address_is_adopted_at_its_third_sighting() -> None:
    state = poll(document(moved_to=NEW))
    state = poll(NotModified(source="paper", moved_to=NEW), state)
    assert state.url == SOURCE.url
    state = poll(document(moved_to=NEW), state)
    assert (state.url, state.configured) == (NEW, SOURCE.url)
    assert poll(document(), state).url == NEW


@pytest.mark.parametrize(
    ("between", "feed"),
    [
        (document(), GOOD),
        (document(moved_to="http://other.test/"), GOOD),
        (failure(500), None),
        (document(moved_to=NEW), ParseFailed(reason="an HTML page, not a feed")),
    ],
    ids=["no redirect", "another target", "a failure", "no feed there"],
)
def test_sightings_must_follow_each_other_and_lead_to_a_feed(between: FetchResult, feed: Feed | None) -> None:
    state = poll(document(moved_to=NEW), poll(document(moved_to=NEW)))
    state = poll(between, state, feed=feed)
    assert poll(document(moved_to=NEW), state).url == SOURCE.url


@pytest.mark.parametrize(("status", "polls"), [(410, 1), (404, 1), (500, 3), (None, 3)])
def test_an_adopted_address_that_fails_is_left_for_the_configured_one(status: int | None, polls: int) -> None:
    state = SourceState(configured=SOURCE.url, adopted=NEW, validators=Validators(etag='"1"', url=NEW), body_hash="1")
    for _ in range(polls):
        assert (state.url, state.stopped) == (NEW, None)
        state = poll(failure(status, gone=status == 410), state)
    assert (state.url, state.stopped, state.validators, state.body_hash) == (SOURCE.url, None, Validators(), None)
    assert state.due_at == NOON + SOURCE.interval
    # his own address says the same: now it counts
    assert poll(failure(410, gone=True), state).stopped


def test_a_pause_that_an_adopted_address_asks_for_is_obeyed() -> None:
    state = SourceState(configured=SOURCE.url, adopted=NEW, failures=7)
    state = poll(failure(503, retry_after=5 * HOUR), state)
    assert state.url == NEW
    assert state.paused_until == NOON + 5 * HOUR


RESULTS = [
    document(),
    document(max_age=3 * HOUR),
    NotModified(source="paper"),
    failure(500),
    failure(429),
    failure(404),
]


@given(
    st.sampled_from(RESULTS),
    st.floats(0, 1),
    st.integers(0, 8),
    st.frozensets(st.integers(0, 23)),
    st.integers(1, 10**6),
)
def test_jitter_only_lengthens(result: FetchResult, jitter: float, fails: int, skips: frozenset[int], ttl: int) -> None:
    state = replace(new_state(SOURCE), failures=fails, skip_hours=skips, ttl=ttl * MINUTE)
    still, shaken = poll(result, state), poll(result, state, jitter=jitter)
    assert wait(still) >= HOUR
    assert wait(shaken) >= wait(still)
    assert wait(shaken) <= 1.1 * DAY + 73 * HOUR


def test_a_state_survives_the_store() -> None:
    asked = replace(GOOD, ttl=HOUR, skip_hours=frozenset({1}), skip_days=frozenset({"Sunday"}))
    state = poll(failure(429, retry_after=HOUR), poll(document(moved_to=NEW), feed=asked))
    assert load(SourceState, dump(state)) == state
