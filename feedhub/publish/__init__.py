"""OutputFeed -> bytes: Atom 1.0, RSS 2.0 and JSON Feed 1.1, the same feed giving the same bytes.

story -> item     what every format says, made safe      (item, text)
item  -> entry    rendered once per version, then cached (atom, rss, jsonfeed; fragments)
entry... -> feed  a head, the rendered entries, a tail   (document_builder, head_facts)
feed, feed -> feed  what of it is new                    (deltas)
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from feedhub.model import EntryStyle, OutputFeed
from feedhub.publish.atom import ATOM, archive, atom, entry
from feedhub.publish.document_builder import DocumentBuilder, DocumentForm, RenderedDocument, StyledItems, rendered
from feedhub.publish.fragments import Fragments
from feedhub.publish.jsonfeed import JSON, json_feed
from feedhub.publish.media_files import picture_of
from feedhub.publish.namespaces import ATOM_TYPE, HUB_NS, JSON_TYPE, RSS_TYPE
from feedhub.publish.notices import Notice, Notices, notices
from feedhub.publish.rss import RSS, rss
from feedhub.publish.safe_text import excerpt, first_paragraphs, link, paragraphs
from feedhub.publish.story_item import headline
from feedhub.publish.subscription_list import OPML_TYPE, subscription_list

__all__ = [
    "FORMATS",
    "HUB_NS",
    "OPML_TYPE",
    "DocumentBuilder",
    "Format",
    "Fragments",
    "Notice",
    "Notices",
    "RenderedDocument",
    "StyledItems",
    "archive",
    "atom",
    "entry",
    "excerpt",
    "first_paragraphs",
    "headline",
    "json_feed",
    "link",
    "notices",
    "paragraphs",
    "picture_of",
    "rss",
    "subscription_list",
]


class Format(Struct, frozen=True, kw_only=True):
    """One way to serve an output: what `/feeds/NAME.SUFFIX` answers with."""

    suffix: str
    label: str
    media_type: str
    form: DocumentForm

    def render(self, feed: OutputFeed, fragments: Fragments | None = None) -> bytes:
        """Return the whole document."""
        return rendered(self.form, feed, fragments).body.joined()

    def builder(
        self, style: EntryStyle, fragments: Fragments | None = None, *, known: bytes | None = None
    ) -> DocumentBuilder:
        """Return what takes the items one by one; of a manifest `known` only what is not in it is shown."""
        return DocumentBuilder(self.form, style, fragments, known=known)


#: by suffix, in the order in which pages offer them
FORMATS: Mapping[str, Format] = {
    made.suffix: made
    for made in (
        Format(suffix="atom", label="Atom", media_type=f"{ATOM_TYPE}; charset=utf-8", form=ATOM),
        Format(suffix="rss", label="RSS", media_type=f"{RSS_TYPE}; charset=utf-8", form=RSS),
        Format(suffix="json", label="JSON Feed", media_type=JSON_TYPE, form=JSON),
    )
}
