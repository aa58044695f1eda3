"""When a source is due, and what each answer means for it: decisions only, no clock, no network, no store.

200, 304   next = half the publisher's pace, but neither sooner than our interval (than what he asks for, where that is
           less) nor later than four of them; or what he asks for (max-age, ttl, sy:); outside his skipped hours
429, 503   Retry-After, held for the whole host; without one 10 min, doubling
404        backs off, stops after 30 days
410        stops at once; so does a feed that says `expired`
others     the interval, doubling
301, 308   adopted at the third sighting in a row with a good feed at the target; left where that fails
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from feedhub.model import (
    Feed,
    Fetched,
    FetchFailed,
    FetchResult,
    NotModified,
    ParseFailed,
    Source,
    SourceState,
    Validators,
)
from feedhub.structs import replace

_CAP = timedelta(hours=24)
_RETRY_CAP = timedelta(hours=48)
_BUSY_START = timedelta(minutes=10)
_MISSING_FOR = timedelta(days=30)
_SIGHTINGS = 3
#: a quiet publisher is polled down to so many intervals apart, so that his next story is not old news
_SLACK = 4
#: how many intervals a source is left alone of whose news a hub tells us
_NET = 6
#: dates in a document that its pace is read off, the newest ones
_PACE_FROM, _PACE_OVER = 4, 10
#: so few entries may all be new without any having been lost
_FULL = 5
#: guids that name nothing: this share of a document's
_BAD_GUIDS = 0.05
#: jitter spreads the sources over this share of their wait, and only ever lengthens it
_SPREAD = 0.1
#: a publisher that skips more in a row than this would be skipping for good
_LONGEST_SKIP = timedelta(days=3)


class PollingLimits(Protocol):
    """What this stage reads of the `polling` section."""

    @property
    def floor(self) -> timedelta: ...


def new_state(source: Source) -> SourceState:
    """Return the state of a source that was never polled."""
    return SourceState(configured=source.url)


def state_to_poll_with(state: SourceState | None, source: Source) -> SourceState:
    """Return the state to poll with: what was learnt from another URL does not count for this one."""
    return state if state is not None and state.configured == source.url else new_state(source)


def longest_wait(sources: Iterable[Source], polling: PollingLimits) -> timedelta:
    """More than any of these sources is ever left alone for."""
    waits = (_SLACK * (1 + _SPREAD) * max(source.interval, polling.floor) for source in sources)
    return max(waits, default=_CAP) + _RETRY_CAP + _LONGEST_SKIP + _CAP


def is_due(state: SourceState, now: datetime, *, everything: bool = False) -> bool:
    """Whether to poll now; `everything` ignores due times, but neither a stop nor a Retry-After."""
    if state.stopped or (state.paused_until is not None and now < state.paused_until):
        return False
    return everything or state.due_at is None or now >= state.due_at


def state_after(
    state: SourceState,
    result: FetchResult,
    source: Source,
    polling: PollingLimits,
    now: datetime,
    jitter: float,
    feed: Feed | ParseFailed | None = None,
) -> SourceState:
    """Return the state after a poll; `feed` is what a Fetched parsed to, `jitter` lies between 0 and 1."""
    interval = max(source.interval, polling.floor)
    if isinstance(result, FetchFailed):
        return _failed(state, result, interval, now, jitter)
    if isinstance(result, Fetched) and not isinstance(feed, Feed):
        reason = feed.reason if feed is not None else "not parsed"
        return _failed(state, FetchFailed(source=source.id, reason=reason), interval, now, jitter)
    return _well(state, result, source, polling.floor, now, jitter, feed if isinstance(feed, Feed) else None)


def _well(
    state: SourceState,
    result: Fetched | NotModified,
    source: Source,
    floor: timedelta,
    now: datetime,
    jitter: float,
    feed: Feed | None,
) -> SourceState:
    interval = max(source.interval, floor)
    state = _moved(_learnt(state, result, feed, now), result.moved_to)
    asked = max((wait for wait in (result.freshness.max_age, state.ttl) if wait is not None), default=None)
    wait = _spread(_wanted(interval, floor, asked, _pace(state, now)), jitter)
    return replace(
        state,
        validators=result.validators,
        failures=0,
        failing_since=None,
        last_error=None,
        paused_until=None,
        last_success=now,
        due_at=now + interval if source.is_path else _outside_skips(now + wait, state),
    )


def _learnt(state: SourceState, result: Fetched | NotModified, feed: Feed | None, now: datetime) -> SourceState:
    """Return what a new document says of itself; a 304 changes none of it."""
    if feed is None or isinstance(result, NotModified):
        return state
    dates = newest_dates(feed, now)
    return replace(
        state,
        pace=(dates[0] - dates[-1]) / (len(dates) - 1) if len(dates) >= _PACE_FROM else None,
        newest=dates[0] if dates else None,
        listed_entries=feed.listed,
        body_hash=result.body_hash or None,
        empty_documents=0 if feed.listed else state.empty_documents + 1,
        ttl=feed.ttl,
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
        stopped="the feed says that it has ended (expired)" if feed.expired else state.stopped,
    )


def _moved(state: SourceState, target: str | None) -> SourceState:
    """Count permanent redirects that led to a good feed; the third in a row is believed."""
    if target is None or target == state.url:
        return state if state.moved_to is None else replace(state, moved_to=None, moved_sightings=0)
    seen = state.moved_sightings + 1 if state.moved_to == target else 1
    if seen >= _SIGHTINGS:
        return replace(state, adopted=target, moved_to=None, moved_sightings=0)
    return replace(state, moved_to=target, moved_sightings=seen)


def newest_dates(feed: Feed, now: datetime) -> list[datetime]:
    """When its newest entries were published, newest first, each moment once."""
    given = {entry.published or entry.updated for entry in feed.entries} | set(feed.unread_dates)
    return sorted((moment for moment in given if moment is not None and moment <= now), reverse=True)[:_PACE_OVER]


def _pace(state: SourceState, now: datetime) -> timedelta | None:
    """How long this publisher takes for a story; a silence slows him down as it grows."""
    if state.pace is None or state.newest is None:
        return None
    return max(state.pace, (now - state.newest) / 2)


def _wanted(interval: timedelta, floor: timedelta, asked: timedelta | None, pace: timedelta | None) -> timedelta:
    """Return the wait that suits the pace, within what we may and what the publisher asks (a day at most)."""
    wait = interval
    if pace is not None:
        soonest = interval if asked is None else max(floor, min(asked, interval))
        wait = min(max(pace / 2, soonest), _SLACK * interval)
    return wait if asked is None else max(wait, min(asked, _CAP))


def after_hub_notice(
    due: datetime,
    source: Source,
    polling: PollingLimits,
    now: datetime,
    *,
    heard_at: datetime,
    until: datetime,
    pause: timedelta,
) -> datetime:
    """When to poll a source again that was polled `now` and of whose news a hub tells us until then.

    Rarely, lest the hub forgets; after a `pause` where it brought news since the poll began.
    """
    if heard_at > now:
        return min(due, now + max(polling.floor, pause))
    interval = max(source.interval, polling.floor)
    return max(due, min(now + min(_NET * interval, _CAP), until))


def lost_entries(state: SourceState, feed: Feed, known: int, now: datetime) -> str | None:
    """Return a remark where a full document shows none of the entries that the one before it left off with."""
    if known or state.listed_entries < _FULL or feed.listed < state.listed_entries or state.last_success is None:
        return None
    dates = [moment for entry in feed.entries if (moment := entry.published or entry.updated) is not None]
    if dates and state.newest is not None and min(dates) <= state.newest:
        return None
    hours = (now - state.last_success) / timedelta(hours=1)
    return (
        f"entries were lost: none of the {state.listed_entries} read {hours:.1f} h ago is among the {feed.listed} "
        "listed now; poll it more often"
    )


def judge_guids(state: SourceState, feed: Feed, *, shared: int, moved: int) -> SourceState:
    """Return the state after a look at a document's guids: `shared` by entries, and `moved` since the last document.

    One document shows that a guid names several entries; one that moves may be a slip, so it is the third that counts.
    """
    least = max(1, _BAD_GUIDS * feed.listed)
    if state.guids_bad or not feed.entries:
        return state
    faults = state.guid_faults + (moved >= least)
    return replace(state, guid_faults=faults, guids_bad=shared >= max(2, least) or faults >= _SIGHTINGS)


def _outside_skips(due: datetime, state: SourceState) -> datetime:
    """Return the first moment from then on that lies in no skipped hour or day (both are GMT)."""
    if not (state.skip_hours or state.skip_days):
        return due
    moment = due
    while moment - due <= _LONGEST_SKIP:
        if moment.hour not in state.skip_hours and f"{moment:%A}" not in state.skip_days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due


def _failed(state: SourceState, result: FetchFailed, interval: timedelta, now: datetime, jitter: float) -> SourceState:
    asked = result.freshness.retry_after
    if result.deferred:
        # we asked nothing, so nothing was learnt but when to come back
        return replace(state, due_at=now + (asked or interval))
    since = state.failing_since or now
    state = replace(
        state,
        failures=state.failures + 1,
        failing_since=since,
        last_error=result.reason,
        moved_to=None,
        moved_sightings=0,
    )
    if state.adopted and asked is None and (result.gone or result.status == 404 or state.failures >= _SIGHTINGS):
        # the publisher's redirect was a mistake or is over: his own address is asked again before he is given up
        return replace(state, adopted=None, validators=Validators(), body_hash=None, due_at=now + interval)
    if result.gone:
        return _stopped(state, f"{result.reason}: the publisher has removed it for good", now)
    if result.status == 404 and now - since >= _MISSING_FOR:
        return _stopped(state, f"{result.reason} for {(now - since).days} days", now)
    start = _BUSY_START if result.status in (429, 503) else interval
    backed_off = min(start * 2 ** min(state.failures - 1, 20), _CAP)
    wait = _spread(max(interval, backed_off), jitter)
    if asked is None:
        return replace(state, due_at=now + wait)
    asked = min(asked, _RETRY_CAP)
    return replace(state, due_at=now + max(wait, asked), paused_until=now + asked)


def _stopped(state: SourceState, why: str, now: datetime) -> SourceState:
    """Due once a day all the same, so that a report of the round can say that it is stopped."""
    return replace(state, stopped=why, due_at=now + _CAP)


def _spread(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 + _SPREAD * min(max(jitter, 0.0), 1.0))
