"""OutputItem... -> a document: each item is rendered as it comes, and dropped; the head is rendered last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from feedhub.model import EntryStyle, OutputFeed, OutputItem
from feedhub.packed_bytes import PackedBytes
from feedhub.publish.deltas import digest_of, digests_of, manifest, missing_tombstones
from feedhub.publish.fragments import Fragments, version
from feedhub.publish.head_facts import HeadFacts
from feedhub.publish.story_item import Item, item
from feedhub.structs import replace


class DocumentForm(Struct, frozen=True, kw_only=True):
    """How a format puts a document together."""

    kind: str
    #: renders what stands in front of the entries
    head: Callable[[OutputFeed, HeadFacts], bytes]
    entry: Callable[[Item], bytes]
    tail: bytes
    #: between two entries
    joint: bytes = b""


class RenderedDocument(Struct, frozen=True, kw_only=True):
    """A document, and what it holds."""

    body: PackedBytes
    #: of all its items, for a later delta (RFC 3229)
    manifest: bytes
    #: whether all items stand in it, none having been known
    is_whole: bool


class StyledItems:
    """What all formats say of one story, worked out once for each style, when the first document asks for it."""

    def __init__(self, one: OutputItem) -> None:
        self._one = one
        self._made: dict[EntryStyle, Item] = {}

    def item(self, style: EntryStyle) -> Item:
        """Return the item in the style of an output."""
        made = self._made.get(style)
        if made is None:
            one = self._one
            made = self._made[style] = item(one.story, style, one.event, one.reports)
        return made


class DocumentBuilder:
    """Builds one document of an output; with `known`, a manifest, out of the items that are not in it."""

    def __init__(
        self, form: DocumentForm, style: EntryStyle, fragments: Fragments | None = None, *, known: bytes | None = None
    ) -> None:
        self._form = form
        self._style = style
        self._fragments = fragments
        self._known = frozenset[bytes]() if known is None else digests_of(known)
        self._ids: set[str] = set()
        self._digests: list[bytes] = []
        self._entries = PackedBytes()
        self._facts = HeadFacts()
        #: when the newest of the items changed
        self.updated: datetime | None = None

    def add(self, one: OutputItem, styled: StyledItems | None = None) -> None:
        """Take the next item; a story comes once, as entries with one id would be one to a reader (RFC 4287, 4.1.1).

        `styled` is what documents of several formats share that take the same item.
        """
        if one.story.id in self._ids:
            return
        self._ids.add(one.story.id)
        self.updated = one.story.updated if self.updated is None else max(self.updated, one.story.updated)
        entry = self._entry(one, styled or StyledItems(one))
        digest = digest_of(entry)
        self._digests.append(digest)
        if digest not in self._known:
            self._entries.add(self._form.joint + entry if self._facts.ids else entry)
            self._facts.add(one)

    def _entry(self, one: OutputItem, styled: StyledItems) -> bytes:
        def render() -> bytes:
            return self._form.entry(styled.item(self._style))

        kind = self._form.kind
        return (
            render() if self._fragments is None else self._fragments.get(kind, version(one, self._style, kind), render)
        )

    def finish(self, feed: OutputFeed) -> RenderedDocument:
        """Return the document; `feed` is what it says beside the items."""
        stones = missing_tombstones(self._known, feed.tombstones)
        head = self._form.head(replace(feed, tombstones=stones), self._facts)
        return RenderedDocument(
            body=self._entries.between(head, self._form.tail),
            manifest=manifest(self._digests, feed.tombstones),
            is_whole=len(self._facts.ids) == len(self._ids),
        )


def rendered(form: DocumentForm, feed: OutputFeed, fragments: Fragments | None = None) -> RenderedDocument:
    """Render a feed whose items are at hand."""
    builder = DocumentBuilder(form, feed.style, fragments)
    for one in feed.items:
        builder.add(one)
    return builder.finish(feed)
