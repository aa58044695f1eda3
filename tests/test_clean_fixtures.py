"""The invented newsroom through this stage: what its editors see lifted out of each entry, and what must stay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from msgspec import Struct

from feedhub.clean import Agencies, clean
from feedhub.clean.html import read
from feedhub.demo import load
from feedhub.demo.world import EVENING, MORNING
from feedhub.model import Copy, Entry, ParseFailed, Source
from feedhub.parse import parse


class Case(Struct, frozen=True, kw_only=True):
    """An entry of the newsroom with its copy."""

    source: Source
    entry: Entry
    copy: Copy


#: where an editor's expectation is arguable: what we say, and why it is right
OURS: dict[tuple[str, str, str], tuple[Any, str]] = {
    ("dunmarrow-post", "dmp-5f4a24-ferry-36", "place"): ("Tallow Bay, Veldria", "the dateline names the country too"),
    ("dunmarrow-post", "dmp-5f6a2a-miners", "place"): ("Osterholt, Veldria", "the dateline names the country too"),
    ("dunmarrow-post", "dmp-5faa36-ferring-two", "place"): ("Harbourton, Veldria", "the country, likewise"),
    ("dunmarrow-post", "dmp-5ffa45-formula", "place"): ("Harbourton, Veldria", "the country, likewise"),
    ("dunmarrow-post", "dmp-5f6a2a-miners", "agency"): (
        None,
        "the author's name is no agency's by form, nor configured",
    ),
    ("dunmarrow-post", "dmp-5faa36-ferring-two", "agency"): (None, "the author's name, likewise"),
    ("corran-argus", "https://corranargus.example/node/90082", "cited"): ((), "a bare name in prose may be anybody's"),
}
#: how editors write revisions in their tables
REVISIONS = {"lead": "lead", "corrected": "correction", "1st ld-writethru": "writethru 1"}


@cache
def cases() -> dict[tuple[str, str], Case]:
    world = load()
    agencies = Agencies.known([name for s in world.sources for name in (s.agency, s.credit) if name])
    found: dict[tuple[str, str], Case] = {}
    for part in ("evening", "morning"):
        for source in world.sources:
            feed = parse(world.document(source.id, part).read_bytes(), url="http://newsroom.example/")
            assert not isinstance(feed, ParseFailed)
            for entry in feed.entries:
                copy = clean(
                    entry,
                    source=source,
                    feed_title=feed.title,
                    feed_language=feed.language,
                    outlet=source.outlet or source.id,
                    first_seen=MORNING,
                    now=EVENING,
                    agencies=agencies,
                )
                for guid in (entry.guid, entry.raw_guid or entry.guid):
                    found[source.id, guid] = Case(source=source, entry=entry, copy=copy)
    return found


def expectations() -> Iterator[Any]:
    for row in load().truth:
        for field, value in (row.expect or {}).items():
            ours = OURS.get((row.source, row.guid, field))
            marked = f"{row.source}-{row.guid[-24:]}-{field}"
            yield pytest.param(row.source, row.guid, field, ours[0] if ours else value, id=marked)


def same(field: str, value: Any) -> Any:
    """A value without what is a matter of style: case of places, the table's spelling of revisions, kinds of blank."""
    if value is None:
        return None
    if field == "cited":
        return tuple(value)
    text = " ".join(str(value).split())
    if field == "revision":
        return REVISIONS.get(text.casefold(), text.casefold())
    return text.casefold() if field == "place" else text


@pytest.mark.parametrize(("source", "guid", "field", "value"), list(expectations()))
def test_what_an_editor_sees_in_an_entry_is_lifted_out(source: str, guid: str, field: str, value: Any) -> None:
    copy = cases()[source, guid].copy
    assert same(field, getattr(copy if field == "title" else copy.wire, field)) == same(field, value)


def test_every_arguable_expectation_is_still_in_the_table() -> None:
    told = {(row.source, row.guid, field) for row in load().truth for field in row.expect or {}}
    assert set(OURS) <= told


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def sentences(case: Case) -> list[str]:
    """The lines of an entry that read as paragraphs of an article: long, ending as a sentence does, seen only here."""
    seen = repeated()
    found = []
    for markup in (case.entry.content, case.entry.summary):
        for line in read(markup, None) if markup else []:
            long = len(line.text) * (1 if line.text.isascii() else 2) >= 120
            whole = re.search(r"[.!?。।؟][\"'”’»」)]*$", line.text)
            if long and whole and seen[case.source.id, letters(line.text)] < 2:
                found.append(line.text)
        if found:
            return found
    return found


@cache
def repeated() -> dict[tuple[str, str], int]:
    """How many entries of a source hold a line: a paragraph of an article stands in one of its feed."""
    count: dict[tuple[str, str], int] = {}
    for case in {id(case): case for case in cases().values()}.values():
        lines = [line for markup in (case.entry.content, case.entry.summary) if markup for line in read(markup, None)]
        for text in {letters(line.text) for line in lines}:
            count[case.source.id, text] = count.get((case.source.id, text), 0) + 1
    return count


#: kinds of line that are no article's although they stand once and read like a paragraph
SITE = re.compile(r"(?i)cookie|disclaimer|keywords|reporting by|automatically|appeared first|\.\.\.$|…")


@pytest.mark.parametrize("source", [source.id for source in load().sources])
def test_no_entry_loses_a_paragraph_of_its_article(source: str) -> None:
    lost = []
    for (where, guid), case in cases().items():
        kept = letters(case.copy.text)
        for text in sentences(case) if where == source else ():
            if letters(text)[-30:] not in kept and not SITE.search(text):
                lost.append((guid, text))
    assert lost == []


def test_a_page_that_is_only_furniture_leaves_no_text() -> None:
    rows = [row for row in load().truth if row.case == "furniture"]
    assert rows
    assert {row.guid: cases()[row.source, row.guid].copy.paragraphs for row in rows} == {r.guid: () for r in rows}
