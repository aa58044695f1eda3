"""When a source is due, and what each answer means for it: decisions only, no clock, no network, no store.

200, 304   next = interval or what the publisher asks for (max-age, ttl, sy:), outside its skipped hours
429, 503   Retry-After, held for the whole host; without one 10 min, doubling
404        backs off, stops after 30 days
410        stops at once; so does a feed that says `expired`
others     the interval, doubling
301, 308   adopted at the third sighting in a row with a good feed at the target
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from .model import Feed, Fetched, FetchFailed, FetchResult, Freshness, NotModified, ParseFailed, Source, Validators

_CAP = timedelta(hours=24)
_RETRY_CAP = timedelta(hours=48)
_BUSY_START = timedelta(minutes=10)
_MISSING_FOR = timedelta(days=30)
_SIGHTINGS = 3
#: jitter spreads the sources over this share of their wait, and only ever lengthens it
_SPREAD = 0.1
#: a publisher that skips more in a row than this would be skipping for good
_LONGEST_SKIP = timedelta(days=3)


class Polling(Protocol):
    """What this stage reads of the `polling` section."""

    @property
    def floor(self) -> timedelta: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What is remembered of a source between polls; stored with the entries that its validators vouch for."""

    #: the configured URL that all this was learnt from: another one starts afresh
    configured: str
    #: None: never polled, so due now
    due_at: datetime | None = None
    #: Retry-After: not even `--all` polls before
    held_until: datetime | None = None
    #: why it is polled no more, for a person; None while it is polled
    stopped: str | None = None
    validators: Validators = field(default_factory=Validators)
    #: of the last body that was parsed
    body_hash: str | None = None
    #: polls that failed in a row, and the first and last of their reasons
    failures: int = 0
    failing_since: datetime | None = None
    last_error: str | None = None
    #: when it last answered with a good feed or a 304
    last_ok: datetime | None = None
    #: good feeds in a row that held no entry
    empty: int = 0
    #: the permanent address adopted in place of the configured one
    adopted: str | None = None
    #: a permanent target seen, and how often in a row
    moved_to: str | None = None
    moved_seen: int = 0
    #: what the last good feed asked for, so that a 304 obeys it too
    ttl: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        """The address to poll."""
        return self.adopted or self.configured


def fresh(source: Source) -> SourceState:
    """The state of a source that was never polled."""
    return SourceState(configured=source.url)


def current(state: SourceState | None, source: Source) -> SourceState:
    """The state to poll with: what was learnt from another URL does not count for this one."""
    return state if state is not None and state.configured == source.url else fresh(source)


def is_due(state: SourceState, now: datetime, *, everything: bool = False) -> bool:
    """Whether to poll now; `everything` ignores due times, but neither a stop nor a Retry-After."""
    if state.stopped or (state.held_until is not None and now < state.held_until):
        return False
    return everything or state.due_at is None or now >= state.due_at


def after(
    state: SourceState,
    result: FetchResult,
    source: Source,
    polling: Polling,
    now: datetime,
    jitter: float,
    feed: Feed | ParseFailed | None = None,
) -> SourceState:
    """The state after a poll; `feed` is what a Fetched parsed to, `jitter` lies between 0 and 1."""
    interval = max(source.interval, polling.floor)
    if isinstance(result, FetchFailed):
        return _failed(state, result, interval, now, jitter)
    if isinstance(result, Fetched) and not isinstance(feed, Feed):
        reason = feed.reason if feed is not None else "not parsed"
        return _failed(state, FetchFailed(source=source.id, reason=reason), interval, now, jitter)
    return _well(state, result, source, interval, now, jitter, feed if isinstance(feed, Feed) else None)


def _well(
    state: SourceState,
    result: Fetched | NotModified,
    source: Source,
    interval: timedelta,
    now: datetime,
    jitter: float,
    feed: Feed | None,
) -> SourceState:
    state = _learnt(state, result, feed)
    state = replace(
        _moved(state, result.moved_to),
        validators=result.validators,
        failures=0,
        failing_since=None,
        last_error=None,
        held_until=None,
        last_ok=now,
    )
    if source.is_path:
        return replace(state, due_at=now + interval)
    wait = _spread(_wanted(interval, result.freshness, state.ttl), jitter)
    return replace(state, due_at=_outside_skips(now + wait, state))


def _learnt(state: SourceState, result: Fetched | NotModified, feed: Feed | None) -> SourceState:
    """What a new document says of itself; a 304 changes none of it."""
    if feed is None or isinstance(result, NotModified):
        return state
    return replace(
        state,
        body_hash=result.body_hash or None,
        empty=0 if feed.entries else state.empty + 1,
        ttl=feed.ttl,
        skip_hours=feed.skip_hours,
        skip_days=feed.skip_days,
        stopped="the feed says that it has ended (expired)" if feed.expired else state.stopped,
    )


def _moved(state: SourceState, target: str | None) -> SourceState:
    """Count permanent redirects that led to a good feed; the third in a row is believed."""
    if target is None or target == state.url:
        return replace(state, moved_to=None, moved_seen=0)
    seen = state.moved_seen + 1 if state.moved_to == target else 1
    if seen >= _SIGHTINGS:
        return replace(state, adopted=target, moved_to=None, moved_seen=0)
    return replace(state, moved_to=target, moved_seen=seen)


def _wanted(interval: timedelta, freshness: Freshness, ttl: timedelta | None) -> timedelta:
    """Our interval, or longer where the publisher asks; a day is the most that he can ask for."""
    asked = [wait for wait in (freshness.max_age, ttl) if wait is not None]
    return max(interval, min(max(asked, default=interval), _CAP))


def _outside_skips(due: datetime, state: SourceState) -> datetime:
    """The first moment from then on that lies in no skipped hour or day (both are GMT)."""
    moment = due
    while moment - due <= _LONGEST_SKIP:
        if moment.hour not in state.skip_hours and f"{moment:%A}" not in state.skip_days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due


def _failed(state: SourceState, result: FetchFailed, interval: timedelta, now: datetime, jitter: float) -> SourceState:
    asked = result.freshness.retry_after
    if result.held:
        # we asked nothing, so nothing was learnt but when to come back
        return replace(state, due_at=now + (asked or interval))
    since = state.failing_since or now
    state = replace(
        state, failures=state.failures + 1, failing_since=since, last_error=result.reason, moved_to=None, moved_seen=0
    )
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
    return replace(state, due_at=now + max(wait, asked), held_until=now + asked)


def _stopped(state: SourceState, why: str, now: datetime) -> SourceState:
    """Due once a day all the same, so that a report of the round can say that it is stopped."""
    return replace(state, stopped=why, due_at=now + _CAP)


def _spread(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 + _SPREAD * min(max(jitter, 0.0), 1.0))


def host_hold(result: FetchResult) -> timedelta | None:
    """How long the whole host wants to be left alone, if it says so: its other sources wait too."""
    return result.freshness.retry_after if isinstance(result, FetchFailed) and not result.held else None


def held(state: SourceState, until: datetime) -> SourceState:
    """The state of another source on a host that wants to be left alone."""
    later = until if state.held_until is None else max(state.held_until, until)
    return replace(state, held_until=later, due_at=max(state.due_at or later, later))
