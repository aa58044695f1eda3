"""Identity of an entry inside its source: one ladder of fallbacks.

Do not change it without need: every change makes every subscriber's old stories new.

    the feed's guid  >  the link  >  a hash of title and date  (>  of title and text)
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from hashlib import blake2b
from urllib.parse import urlsplit

from feedhub.model import Entry
from feedhub.structs import replace

#: bytes; PostgreSQL refuses to index much more
_LONGEST = 1000
#: most addresses: nothing to fold but scheme, `www.`, slash and fragment
_PLAIN = re.compile(r"https?://(?:www\.)?([a-z0-9.:_-]+)(|/[!-\"$->@-~]*)(?:#[!-~]*)?")
_REVISION = re.compile(r"#\d{1,4}$")


_Mark = Callable[[Entry], str | None]


def identify(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Give the entries of one document their guids: each its own, whatever the feed repeats."""
    guids = [_short(_ladder(entry)) for entry in entries]
    if len(set(guids)) < len(guids):
        laddered = [replace(entry, guid=guid) for entry, guid in zip(entries, guids, strict=True)]
        guids = [entry.guid for entry in _disambiguated(laddered)]
    return tuple(replace(entry, guid=guid) for entry, guid in zip(entries, guids, strict=True))


def distrusted(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Identify the entries of a document whose guids name nothing by the next rung: their links."""
    return identify([replace(entry, raw_guid=None) for entry in entries])


def shared(entries: Sequence[Entry]) -> int:
    """Count the entries whose guid another one has too that leads to another page or, else, has another title."""
    pages: defaultdict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if entry.raw_guid:
            pages[entry.raw_guid].add(_address(entry.link) if entry.link else _title(entry))
    return sum(1 for entry in entries if entry.raw_guid and len(pages[entry.raw_guid]) > 1)


def _ladder(entry: Entry) -> str:
    if entry.raw_guid:
        return _without_churn(entry.raw_guid, entry.link)
    if entry.link:
        return entry.link
    date = entry.published.isoformat() if entry.published else entry.bad_date
    return "hash:" + _hash(_title(entry), date or _text(entry))


def _without_churn(guid: str, link: str | None) -> str:
    """Drop the version that some count behind `#`; on a page of anchors the link has the fragment too, so it stays."""
    if "#" not in guid:
        return guid
    bare = _REVISION.sub("", guid)
    return bare if bare != guid and link and _address(bare) == _address(link) and "#" not in link else guid


def _disambiguated(entries: list[Entry]) -> list[Entry]:
    """Make repeated guids distinct: the link joins the guid; else title and text; else the position.

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
    """Append to each guid its entry's mark where entries of one guid differ in it."""
    marks: defaultdict[str, set[str | None]] = defaultdict(set)
    for entry in entries:
        marks[entry.guid].add(mark(entry))

    def marked(entry: Entry) -> Entry:
        own = mark(entry)
        return replace(entry, guid=_short(f"{entry.guid} {own}")) if own and len(marks[entry.guid]) > 1 else entry

    return [marked(entry) for entry in entries]


def _address(url: str) -> str:
    """Return host and path of an http(s) address without scheme, `www.`, trailing slash, trackers and fragment."""
    if plain := _PLAIN.fullmatch(url):
        return f"{plain[1]}{plain[2].rstrip('/')}"
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
    return guid if len(guid.encode("utf-8", "surrogatepass")) <= _LONGEST else f"{guid[:200]} {_hash(guid)}"


def _hash(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()
