"""An entry of a paper, and what cleaning makes of it."""

from datetime import UTC, datetime

from feedhub.clean import Agencies, clean
from feedhub.model import Copy, Entry, Markup, Source
from feedhub.structs import replace

NOW = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
KNOWN = Agencies.known()
SOURCE = Source(id="city", url="https://cityherald.example/feed", name="City Herald", outlet="cityherald.example")
TITLE = "Northern isles to lose last ferry: council"
LEDE = (
    "The northern isles will lose their last ferry in May, a council spokesperson has said, following a report that "
    "the line had lost money for nine years in a row and that no buyer was found."
)
OWN = [
    LEDE,
    "Island radio carried the report first, adding that the crew of forty had been told by letter, Yonhap news agency "
    "reported.",
    "\"I haven't seen the letter. So I can't confirm that,\" the deputy harbour master told reporters on Tuesday.",
    "In February, the council had signed a treaty with the mainland that calls for one party to carry the other's mail "
    '"without delay" in the event of a storm -- a pledge that many said amounted to a promise of ships.',
]


def entry(body: str | Markup | None = None, title: str | None = None, **more: object) -> Entry:
    content = Markup(value=body) if isinstance(body, str) else body
    base = Entry(
        guid="g1",
        link="https://cityherald.example/n/1",
        title=Markup(value=title) if title is not None else None,
        summary=content,
        published=NOW,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def run(
    item: Entry, source: Source = SOURCE, agencies: Agencies = KNOWN, feed_title: str | None = "City Herald"
) -> Copy:
    return clean(
        item,
        source=source,
        feed_title=feed_title,
        feed_language="en",
        outlet=source.outlet or "cityherald.example",
        first_seen=NOW,
        now=NOW,
        agencies=agencies,
    )
