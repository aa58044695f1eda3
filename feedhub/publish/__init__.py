"""OutputFeed -> bytes: Atom 1.0, RSS 2.0 and JSON Feed 1.1, the same feed giving the same bytes.

story -> item     what every format says, made safe      (item, text)
item  -> entry    rendered once per version, then cached (atom, rss, jsonfeed; fragments)
entry... -> feed  a head, the rendered entries, a tail
feed, feed -> feed  what of it is new                    (deltas)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from feedhub.model import OutputFeed
from feedhub.publish.atom import archive, atom, atom_parts, entry
from feedhub.publish.deltas import manifest, missing
from feedhub.publish.fragments import Fragments, Parts, distinct
from feedhub.publish.jsonfeed import json_feed, json_parts
from feedhub.publish.media_files import picture_of
from feedhub.publish.namespaces import ATOM_TYPE, HUB_NS, JSON_TYPE, RSS_TYPE
from feedhub.publish.notices import Notice, Notices, notices
from feedhub.publish.rss import rss, rss_parts
from feedhub.publish.safe_text import excerpt, link, paragraphs
from feedhub.publish.story_item import headline
from feedhub.publish.subscription_list import OPML_TYPE, subscription_list

__all__ = [
    "FORMATS",
    "HUB_NS",
    "OPML_TYPE",
    "Format",
    "Fragments",
    "Notice",
    "Notices",
    "archive",
    "atom",
    "delta_document",
    "entry",
    "excerpt",
    "headline",
    "json_feed",
    "link",
    "notices",
    "paragraphs",
    "picture_of",
    "rss",
    "subscription_list",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to serve an output: what `/feeds/NAME.SUFFIX` answers with."""

    suffix: str
    label: str
    media_type: str
    parts: Callable[[OutputFeed, Fragments | None], Parts]

    def render(self, feed: OutputFeed, fragments: Fragments | None = None) -> bytes:
        """Return the whole document."""
        return self.parts(feed, fragments).joined()

    def render_with_manifest(self, feed: OutputFeed, fragments: Fragments | None = None) -> tuple[bytes, bytes]:
        """Return the whole document, and its manifest for a later `delta_document`."""
        parts = self.parts(feed, fragments)
        return parts.joined(), manifest(parts.entries, feed.tombstones)


def delta_document(form: Format, feed: OutputFeed, known: bytes, fragments: Fragments | None = None) -> bytes | None:
    """Return the document with only what is not in the manifest `known`; None where it would be the whole."""
    items = distinct(feed)
    positions, stones = missing(known, form.parts(feed, fragments).entries, feed.tombstones)
    if len(positions) == len(items):
        return None
    return form.render(
        replace(feed, items=tuple(items[position] for position in positions), tombstones=stones), fragments
    )


#: by suffix, in the order in which pages offer them
FORMATS: Mapping[str, Format] = {
    made.suffix: made
    for made in (
        Format(suffix="atom", label="Atom", media_type=f"{ATOM_TYPE}; charset=utf-8", parts=atom_parts),
        Format(suffix="rss", label="RSS", media_type=f"{RSS_TYPE}; charset=utf-8", parts=rss_parts),
        Format(suffix="json", label="JSON Feed", media_type=JSON_TYPE, parts=json_parts),
    )
}
