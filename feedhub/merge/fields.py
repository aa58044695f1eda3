"""The fields of a story: each from the best copy that has it, with the copy that it was taken from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from html import unescape
from typing import TypeVar

from msgspec import Struct

from feedhub.merge.members import Member
from feedhub.merge.trust import CONTAINS, Shares, confirms, is_believed, lent
from feedhub.model import EntryKey, Media, Rights, StoryCopy
from feedhub.structs import replace

#: sides of a picture in pixels
SMALLEST = 100

_PICTURE, _SOURCE = re.compile(r"<img [^>]+>"), re.compile(r' src="([^"]+)"')
_SIZE = re.compile(r' (?:width|height)="(\d+)"')
T = TypeVar("T")


class Fields(Struct, frozen=True, kw_only=True):
    """What is composed from several copies; `provenance` says from which."""

    authors: tuple[str, ...]
    media: tuple[Media, ...]
    agency: str | None
    agencies: tuple[str, ...]
    place: str | None
    date: str | None
    language: str | None
    cited: tuple[str, ...]
    categories: tuple[str, ...]
    provenance: Mapping[str, EntryKey]


def fields_of(canonical: Member, speaking: Sequence[Member], everyone: Sequence[Member]) -> Fields:
    """Compose the canonical copy's fields; what it lacks is lent by others of its revision, the best first.

    A picture is lent by any; everything else by a trusted copy or by two outlets. Nothing is borrowed for a restricted
    canonical copy, and nothing from one: the text stands under its name alone.
    """
    provenance: dict[str, EntryKey] = {}
    others = sorted(
        (m for m in speaking if m.is_free and m is not canonical), key=lambda m: (m.rank, m.time, m.copy.key)
    )
    lenders = others if canonical.is_free else []

    def field_of(name: str, value: Callable[[Member], T | None], among: Sequence[Member]) -> T | None:
        own = value(canonical)
        chosen = (own, canonical) if own is not None else lent(among, value)
        if chosen is None:
            return None
        provenance[name] = chosen[1].copy.key
        return chosen[0]

    # what stands in the text itself is text
    reads = canonical.publisher.rights is not Rights.HEADLINE
    authors = canonical.copy.authors
    if authors:
        provenance["authors"] = canonical.copy.key
    elif reads:
        authors = field_of("authors", _byline, lenders) or ()
    media = _media(canonical) if canonical.is_free else ()
    # what stands in the text is seen there
    borrows = not media and not _PICTURE.search(canonical.copy.html)
    giver = canonical if media else next((m for m in lenders if borrows and _lent_media(m)), None)
    if giver is not None and canonical.is_free:
        media = media or _lent_media(giver)
        provenance["media"] = giver.copy.key
    agency = _agency(canonical, everyone)
    if agency is not None:
        provenance["agency"] = agency[1].copy.key
    return Fields(
        authors=authors,
        media=media,
        agency=None if agency is None else agency[0],
        agencies=_agencies(canonical, everyone),
        place=field_of("place", lambda m: m.copy.wire.place, lenders) if reads else None,
        date=field_of("date", lambda m: m.copy.wire.date, lenders) if reads else None,
        language=field_of("language", lambda m: m.copy.language, everyone),
        cited=(field_of("cited", lambda m: m.copy.wire.cited or None, lenders) if reads else None) or (),
        categories=_categories(canonical, everyone),
        provenance=provenance,
    )


def _agency(canonical: Member, everyone: Sequence[Member]) -> tuple[str, Member] | None:
    """Return whose text it is, and who says so: its own feed, the canonical copy, the configuration, or two outlets."""
    own = next((m for m in everyone if m.publisher.agency), None)
    if own is not None and own.publisher.agency:
        return own.publisher.agency, own
    if canonical.copy.wire.agency:
        return canonical.copy.wire.agency, canonical
    configured = next((m for m in everyone if m.publisher.credit), None)
    if configured is not None and configured.publisher.credit:
        return configured.publisher.credit, configured
    return lent(everyone, lambda m: m.copy.wire.agency)


def _agencies(canonical: Member, everyone: Sequence[Member]) -> tuple[str, ...]:
    """Return every agency that is vouched for, in the order of the copies."""
    credited: dict[str, list[Member]] = {}
    for member in everyone:
        for name in {member.copy.wire.agency, member.publisher.agency, member.publisher.credit} - {None}:
            assert name is not None
            credited.setdefault(name, []).append(member)

    def is_vouched_for(name: str, holders: Sequence[Member]) -> bool:
        configured = any(name in (m.publisher.agency, m.publisher.credit) for m in holders)
        return configured or canonical.copy.wire.agency == name or is_believed(holders)

    return tuple(sorted(name for name, holders in credited.items() if is_vouched_for(name, holders)))


def _categories(canonical: Member, everyone: Sequence[Member]) -> tuple[str, ...]:
    """Return the canonical copy's categories, and those that a trusted copy or two outlets name."""
    holders: dict[str, list[Member]] = {}
    for member in everyone:
        for name in member.copy.categories:
            holders.setdefault(name, []).append(member)
    own = canonical.copy.categories
    return (*own, *(name for name, some in holders.items() if name not in own and is_believed(some)))


def body_of(canonical: Member, speaking: Sequence[Member], shares: Shares) -> Member:
    """Choose whose text is shown: a longer one only if it contains the canonical and another outlet confirms it."""
    if not canonical.is_free or canonical.pinned or len(speaking) == 1:
        return canonical
    own = canonical.text
    longer = [
        m
        for m in speaking
        if m is not canonical and m.is_free and m.size > canonical.size and shares(own, m.text) >= CONTAINS
    ]
    for candidate in sorted(longer, key=lambda m: (m.rank, -m.size, m.time, m.copy.key)):
        if confirms(candidate, canonical, speaking, shares):
            return candidate
    return canonical


def summary_of(canonical: Member) -> str | None:
    """Return the teaser, as far as the canonical copy's rights allow."""
    rights, copy = canonical.publisher.rights, canonical.copy
    return rights.permit(copy.summary if rights is Rights.FULL else copy.summary or copy.text)


def listed(members: Sequence[Member]) -> tuple[StoryCopy, ...]:
    """List the copies of a story; one page seen through several sources of one outlet is one copy."""
    seen: dict[tuple[str, str | None], Member] = {}
    for member in members:
        seen.setdefault((member.outlet, member.copy.url_key or str(member.copy.key)), member)
    return tuple(_listed(member) for member in seen.values())


def _listed(member: Member) -> StoryCopy:
    copy = member.copy
    return StoryCopy(
        key=copy.key,
        outlet=member.outlet,
        name=member.publisher.name,
        agency_own=member.publisher.agency is not None,
        title=copy.title,
        url=copy.url,
        published=member.time,
        first_seen=copy.first_seen,
        relation=member.relation,
        score=member.score,
        ground=member.ground,
        categories=copy.categories,
        language=copy.language,
        agency=member.publisher.agency or copy.wire.agency,
        standing=member.standing,
    )


def _byline(member: Member) -> tuple[str, ...] | None:
    return (member.copy.wire.byline,) if member.copy.wire.byline else None


def _media(member: Member) -> tuple[Media, ...]:
    """Return a copy's pictures; one without a credit is credited to whoever ran it."""
    return tuple(replace(each, credit=each.credit or member.publisher.name) for each in member.copy.media)


def _pictured(html: str, credit: str) -> tuple[Media, ...]:
    """Return the first picture of a text; a small one is a sign among its words."""
    for tag in _PICTURE.findall(html):
        address, sizes = _SOURCE.search(tag), [int(size) for size in _SIZE.findall(tag)]
        if address and all(size >= SMALLEST for size in sizes):
            return (Media(url=unescape(address[1]), medium="image", credit=credit),)
    return ()


def _lent_media(member: Member) -> tuple[Media, ...]:
    """Return a copy's pictures for another's story, those beside its text before the first that stands in it.

    Whoever ran them stands in the credit.
    """
    name = member.publisher.name
    if not member.copy.media:
        return _pictured(member.copy.html, name)
    return tuple(
        replace(each, credit=f"{each.credit} / {name}" if each.credit and each.credit != name else name)
        for each in member.copy.media
    )
