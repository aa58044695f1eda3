"""Invented texts and short ways to make items of them, for the tests of the match stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from feedhub.match import NO_FURNITURE, Furniture, Prepared, judge, prepare
from feedhub.model import Copy, EntryKey, MatchWindows, Revision, RevisionKind, Verdict, WireMarks

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
WINDOWS = MatchWindows()

FERRY = (
    "A ferry carrying villagers to a weekly market capsized in strong winds on Lake Ormund on Tuesday, killing at"
    " least 34 people and leaving dozens missing, the provincial governor said.",
    "The Sea Lantern left the pier at Tolvik shortly after dawn with about 120 passengers and a cargo of cement bags"
    " on its upper deck. It turned over within sight of the shore when a gust struck it from the side.",
    "Fishermen in small boats pulled survivors from the cold water before the first patrol vessel arrived nearly an"
    " hour later. Many of those on board could not swim, and few of the life jackets were within reach.",
    "Divers from the naval school searched the hull until dark. They found a locked cabin in which several families"
    " had sheltered from the rain, and expected to open it in the morning.",
    "The boat had been licensed for 80 people. Its owner was being questioned, and the ministry of transport ordered"
    " all vessels of the same type to stay in harbour until they had been inspected.",
    "It was the third accident on the lake in two years. Residents of the eastern shore have long asked for a road,"
    " which would take them round the water in half a day, but the work has been put off again and again.",
)
OTHER_FERRY = (
    "Rescue teams worked through the evening to reach people trapped in an overturned passenger boat after one of the"
    " worst disasters in the history of the lake district.",
    "Governor Ilse Brandvold told reporters that the number of dead had risen to 34 and was likely to grow, because"
    " many names on the passenger list were still unaccounted for.",
    "Witnesses described how the vessel leaned to one side, righted itself and then rolled over. One of them, a baker"
    " who was waiting for flour, said it happened faster than a man can pull off his boots.",
    "Officials blamed overloading and the weather. Opposition members of the council answered that warnings about the"
    " state of the fleet had lain on the governor's desk since the spring of last year.",
)
STATEMENT = (
    "“We have lost neighbours, friends and children today, and no report will bring them back. We will find out who"
    " let this boat leave the pier, who signed its papers and who looked away, and we will publish every page of it."
    " The families will hear it from us first. That is a promise, and I make it as a father as well as a governor. We"
    " ask the country to be patient with us while the divers do their dangerous work below the surface.”"
)
BANNER = (
    "Sign up for our morning briefing and never miss a story from the lake district again, it is free and you can"
    " leave at any time with a single click."
)


def item(
    source: str,
    title: str,
    paragraphs: Sequence[str] | str,
    *,
    guid: str | None = None,
    hours: float | None = 0,
    mark: RevisionKind | None = None,
    number: int | None = None,
    url_key: str | None = None,
    outlet: str | None = None,
) -> Prepared:
    """A prepared copy; `hours` after noon (None: no date)."""
    when = None if hours is None else NOON + timedelta(hours=hours)
    return prepare(
        Copy(
            key=EntryKey(source=source, guid=guid or title),
            outlet=outlet or source,
            title=title,
            paragraphs=(paragraphs,) if isinstance(paragraphs, str) else tuple(paragraphs),
            published=when,
            first_seen=when or NOON,
            url_key=url_key,
            wire=WireMarks(revision=Revision(kind=mark, number=number) if mark else None),
        )
    )


def compare(a: Prepared, b: Prepared, furniture: Furniture = NO_FURNITURE) -> Verdict:
    """The verdict on a pair with the default windows."""
    return judge(a, b, furniture, WINDOWS)


def changed(paragraphs: Sequence[str], **words: str) -> tuple[str, ...]:
    """The paragraphs with words replaced: `changed(FERRY, _34="36")`."""
    texts = list(paragraphs)
    for old, new in words.items():
        texts = [text.replace(old.removeprefix("_"), new) for text in texts]
    return tuple(texts)


def first_words(paragraphs: Sequence[str], count: int) -> str:
    """The beginning of a text, as a feed's teaser cuts it."""
    return " ".join(" ".join(paragraphs).split()[:count])
