"""One document's entries against what the store knows of its source: which are new, which are one item again."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from feedhub.model import Entry
from feedhub.store.copies import KnownEntry
from feedhub.store.placements import hash64

#: bytes of a guid as served; a longer one is told by its beginning and a hash
_LONGEST = 1000
_CHURN = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:#\d+|/)$")


def fold(guid: str) -> str:
    """Strip a guid of what publishers let churn: the scheme, `www.`, a trailing slash and a `#0`, `#3` suffix."""
    if not _CHURN.match(guid):
        return guid
    return _SUFFIX.sub("", _CHURN.sub("//", guid))


class Arrival(Struct, frozen=True, kw_only=True):
    """An entry of the document with what it is recognised by."""

    entry: Entry
    digest: bytes
    #: what stands for its page, None where it has none
    page: int | None

    @property
    def served(self) -> str:
        """Return the guid as the feed serves it, shortened where it is too long to index."""
        served = self.entry.raw_guid or self.entry.guid
        raw = served.encode("utf-8", "surrogatepass")
        # PostgreSQL refuses to index what is longer than 2,704 bytes.
        if len(raw) <= _LONGEST:
            return served
        return f"{served[:200]} {hashlib.blake2b(raw, digest_size=12).hexdigest()}"

    @property
    def identity(self) -> int:
        """Return what stands for the guid without what publishers let churn."""
        return hash64(fold(self.entry.guid))


class Resolution(Struct, frozen=True, kw_only=True):
    """What each entry of a document is."""

    new: tuple[Arrival, ...] = ()
    #: known entries whose bytes changed
    changed: tuple[tuple[KnownEntry, Arrival], ...] = ()
    #: numbers of all known entries that the document lists
    present: frozenset[int] = field(default_factory=frozenset)
    #: and by the guids under which it lists them
    numbers: Mapping[str, int] = field(default_factory=dict)
    #: how many were known by nothing but their page: their guids have changed
    churned: int = 0


def strangers(arrivals: Sequence[Arrival], known: Sequence[KnownEntry]) -> list[Arrival]:
    """Return the entries whose guid none of the known ones has."""
    guids = {row.guid for row in known}
    return [arrival for arrival in arrivals if arrival.entry.guid not in guids]


def identify(arrivals: Sequence[Arrival], known: Sequence[KnownEntry]) -> Resolution:
    """Match entries to known ones: by guid; then by folded guid; then, where a guid was churned, by their page."""
    by_guid = {row.guid: row for row in known}
    matches: dict[int, Arrival] = {}
    rest: list[Arrival] = []
    for arrival in arrivals:
        row = by_guid.get(arrival.entry.guid)
        if row is None:
            rest.append(arrival)
        else:
            matches[row.id] = arrival
    for name in ("served", "identity", "page"):
        by_page = len(rest)
        rest = _matched(rest, [row for row in known if row.id not in matches], name, matches)
    rows = {row.id: row for row in known}
    return Resolution(
        new=tuple(rest),
        changed=tuple((rows[n], a) for n, a in matches.items() if a.digest != rows[n].digest),
        present=frozenset(matches),
        numbers={arrival.entry.guid: number for number, arrival in matches.items()},
        churned=by_page - len(rest),
    )


def _matched(
    arrivals: Sequence[Arrival], known: Sequence[KnownEntry], name: str, matches: dict[int, Arrival]
) -> list[Arrival]:
    """Match by one attribute where it names one entry on either side; return the entries left over."""
    here = Counter(getattr(arrival, name) for arrival in arrivals)
    there = Counter(getattr(row, name) for row in known)
    rows = {getattr(row, name): row for row in known}
    rest = []
    for arrival in arrivals:
        value = getattr(arrival, name)
        if value and here[value] == 1 and there[value] == 1:
            matches[rows[value].id] = arrival
        else:
            rest.append(arrival)
    return rest
