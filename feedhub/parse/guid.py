"""Identity of an entry inside its source: one ladder of fallbacks.

Do not change it without need: every change makes every subscriber's old stories new.

    the feed's guid  >  the link  >  a hash of title and date  (>  of title and text)
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import blake2b
from urllib.parse import urlsplit

from ..model import Entry

_LONGEST = 1000
_REVISION = re.compile(r"#\d{1,4}$")


_Mark = Callable[[Entry], str | None]


def identify(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries of one document with their guids: each its own, whatever the feed repeats."""
    laddered = [replace(entry, guid=_short(_ladder(entry))) for entry in entries]
    hints = [_hints(entry) for entry in laddered]
    # what several entries share names none of them
    count = Counter(hint for own in hints for hint in own)
    apart = zip(_told_apart(laddered), hints, strict=True)
    return tuple(replace(entry, identity_hints=tuple(hint for hint in own if count[hint] == 1)) for entry, own in apart)


def _ladder(entry: Entry) -> str:
    if entry.raw_guid:
        return _without_churn(entry.raw_guid, entry.link)
    if entry.link:
        return entry.link
    written = entry.published.isoformat() if entry.published else entry.bad_date
    return "hash:" + _hash(_title(entry), written or _text(entry))


def _without_churn(guid: str, link: str | None) -> str:
    """Some count versions behind `#`; on a page of anchors the link carries the same fragment, so there it stays."""
    bare = _REVISION.sub("", guid)
    return bare if bare != guid and link and _address(bare) == _address(link) and "#" not in link else guid


def _told_apart(entries: list[Entry]) -> list[Entry]:
    """Where a document repeats a guid, its link joins it; else title and text; else the place.

    All that share a guid get the link, not only the later ones: a feed that gives every item one guid
    puts the next item first, and that one must not take over an older item's identity.
    """
    marks: tuple[_Mark, ...] = (lambda e: e.link, lambda e: _hash(_title(e)), lambda e: _hash(_text(e)))
    for mark in marks:
        entries = _marked(entries, mark)
    seen: Counter[str] = Counter()
    numbered = []
    for entry in entries:
        seen[entry.guid] += 1
        again = seen[entry.guid]
        numbered.append(entry if again == 1 else replace(entry, guid=_short(f"{entry.guid} {again}")))
    return numbered


def _marked(entries: list[Entry], mark: _Mark) -> list[Entry]:
    """Where entries of one guid differ in their mark, each with its own added."""
    marks: defaultdict[str, set[str | None]] = defaultdict(set)
    for entry in entries:
        marks[entry.guid].add(mark(entry))

    def told(entry: Entry) -> Entry:
        own = mark(entry)
        return replace(entry, guid=_short(f"{entry.guid} {own}")) if own and len(marks[entry.guid]) > 1 else entry

    return [told(entry) for entry in entries]


def _hints(entry: Entry) -> tuple[str, ...]:
    """The entry's guid and link with what publishers change without meaning it taken off."""
    named = {"guid": entry.raw_guid and _without_churn(entry.raw_guid, entry.link), "link": entry.link}
    return tuple(f"{kind}:{_address(value)}"[:_LONGEST] for kind, value in named.items() if value)


def _address(url: str) -> str:
    """Host and path, for http(s) addresses: scheme, `www.`, a trailing slash, query of trackers and fragment aside."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if parts.scheme not in ("http", "https"):
        return url
    query = "&".join(p for p in parts.query.split("&") if p and not p.startswith(("utm_", "at_")))
    host = parts.netloc.lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}" + (f"?{query}" if query else "")


def _title(entry: Entry) -> str:
    return entry.title.value if entry.title else ""


def _text(entry: Entry) -> str:
    body = entry.content or entry.summary
    return body.value if body else ""


def _short(guid: str) -> str:
    return guid if len(guid) <= _LONGEST else f"{guid[:200]} {_hash(guid)}"


def _hash(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()
