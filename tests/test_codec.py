"""Values of the model as JSON and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.codec import dump, load
from feedhub.model import (
    Copy,
    Entry,
    EntryKey,
    EntryOrigin,
    Feed,
    Markup,
    Media,
    Revision,
    RevisionKind,
    Verdict,
    WireMarks,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(9999, 1, 1), timezones=ZONES)
ROLES = st.sampled_from(["content", "enclosure", "thumbnail"])
MARKUP = st.builds(lambda value, html: Markup(value=value, html=html), TEXT, st.booleans())
MEDIA = st.builds(
    lambda url, role, length: Media(url=url, role=role, length=length), TEXT, ROLES, st.none() | st.integers()
)
ENTRIES = st.builds(
    lambda guid, title, published, media, origin: Entry(
        guid=guid, title=title, published=published, media=media, origin=origin
    ),
    TEXT,
    st.none() | MARKUP,
    st.none() | MOMENTS,
    st.lists(MEDIA, max_size=2).map(tuple),
    st.none() | st.builds(lambda title: EntryOrigin(title=title), st.none() | TEXT),
)
REVISIONS = st.builds(
    lambda kind, number: Revision(kind=kind, number=number), st.sampled_from(RevisionKind), st.none() | st.integers()
)
COPIES = st.builds(
    lambda guid, paragraphs, revision, dropped, moment: Copy(
        key=EntryKey(source="s", guid=guid),
        outlet="o.example",
        title="",
        paragraphs=paragraphs,
        wire=WireMarks(revision=revision),
        dropped=dropped,
        first_seen=moment,
    ),
    TEXT,
    st.lists(TEXT, max_size=3).map(tuple),
    st.none() | REVISIONS,
    st.dictionaries(TEXT, st.integers(0), max_size=2),
    MOMENTS,
)
FEEDS = st.builds(
    lambda hours, ttl, entries: Feed(skip_hours=hours, ttl=ttl, entries=entries),
    st.frozensets(st.integers(0, 23)),
    st.none() | st.timedeltas(timedelta(0), timedelta(days=9999)),
    st.lists(ENTRIES, max_size=2).map(tuple),
)


@given(ENTRIES | COPIES | FEEDS)
def test_a_value_comes_back_as_it_was_and_is_written_as_before(value: Any) -> None:
    """A digest of what is written tells whether an entry changed: what came back must be written alike."""
    back = load(type(value), dump(value))
    assert back == value
    assert dump(back) == dump(value)


def test_what_has_its_default_is_left_out() -> None:
    assert dump(Entry(guid="g", media=(Media(url="u"),))) == '{"guid":"g","media":[{"url":"u"}]}'


class Told(str):
    """A text of a kind of its own, as libraries make them."""

    def __str__(self) -> str:
        return "another text"


class Moment(datetime):
    """A time of a kind of its own."""


def test_texts_numbers_and_times_of_derived_kinds_are_written_as_what_they_are() -> None:
    entry = Entry(guid=Told("g"), published=Moment(2026, 3, 11, 2, tzinfo=UTC))
    assert dump(entry) == dump(Entry(guid="g", published=datetime(2026, 3, 11, 2, tzinfo=UTC)))
    key = EntryKey(source="s", guid="g")
    verdict = Verdict(
        left=key,
        right=key,
        merged=True,
        method="text",
        score=np.float64(0.5),
        threshold=0.25,
        ground="",
        shared_words=True,
    )
    assert '"score":0.5' in dump(verdict)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"guid":1}',
        '{"guid":"g","published":"soon"}',
        b'{"guid":"\xff"}',
        '{"unknown":' + "[" * 5_000 + "]" * 5_000 + ',"guid":"g"}',
    ],
    ids=["nothing", "cut off", "an array", "a number", "no date", "no UTF-8", "very deep"],
)
def test_what_is_none_of_its_kind_is_refused(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^no Entry: \S"):
        load(Entry, text)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        dump(Entry(guid="\ud800"))
