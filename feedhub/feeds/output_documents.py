"""OutputFeed -> Document: built when something changed, cached until it changes again.

One build a version and format. A manifest lists what a version held, so that a reader who has that version can be sent
what is new since (RFC 3229). Manifests are stored too: another process, or this one started again, reads them there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from threading import Lock

from cachetools import LRUCache
from msgspec import Struct, field

from feedhub.directory import OutputDirectory
from feedhub.feeds.output_query import OutputQuery, OutputReading
from feedhub.model import OutputFeed, OutputRule
from feedhub.packed_bytes import PackedBytes
from feedhub.publish import FORMATS, DocumentBuilder, Fragments, RenderedDocument, StyledItems, link
from feedhub.serve import Document, delta, document, version_of
from feedhub.sized_cache import SizedCache
from feedhub.store import Connection, Database, archives, database, manifests, stories
from feedhub.store.archives import ArchivedDocument
from feedhub.store.manifests import DocumentVersion
from feedhub.structs import replace

#: manifests take 8 bytes an entry; of so many bytes of them memory is used
_MANIFEST_BYTES = 4 * 1024 * 1024
#: bytes of further pages, archived documents and deltas that are cached while nothing changes: 64 of common length
_CACHED_OTHERS = 16_000_000
#: characters of stories and bytes of entries that are cached while files are written, for outputs that share them
_FILE_STORIES, _FILE_FRAGMENTS = 4_000_000, 12_000_000
_ARCHIVE_AGE = 60 * 60


def _size(made: Document) -> int:
    return sum(each.memory for each in made.variants)


class DocumentSet(Struct):
    """The documents built for one change number of the store."""

    change: int
    #: when the bytes last changed, the same in every process that serves them
    modified: datetime | None
    #: when a story that is held back now is to appear; from then on the documents are out of date
    valid_until: datetime | None
    #: by output and suffix
    main: dict[tuple[str, str], Document] = field(default_factory=dict)
    #: further pages, archived documents and deltas, by output, suffix and which
    others: SizedCache[tuple[str, str, str], Document] = field(
        default_factory=lambda: SizedCache(_CACHED_OTHERS, _size)
    )

    def is_outdated(self, change: int, now: datetime) -> bool:
        """Whether the store went on to another change number, or a story was released since."""
        return self.change != change or (self.valid_until is not None and self.valid_until <= now)


class OutputDocuments:
    """Builds and caches every document of every output. Its methods block; safe between threads."""

    def __init__(
        self, store: Database, directory: OutputDirectory, query: OutputQuery, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._directory = directory
        self._query = query
        self._clock = clock
        self._fragments = Fragments()
        self._current: DocumentSet | None = None
        #: which entries each version had, and those of them that the store does not know yet
        self._manifests: LRUCache[DocumentVersion, bytes] = LRUCache(_MANIFEST_BYTES, len)
        self._unstored: LRUCache[DocumentVersion, bytes] = LRUCache(_MANIFEST_BYTES, len)
        self._lock = Lock()
        #: of what one reader asks for: that must not hold up what all ask for; taken before the other, never after it
        self._others_lock = Lock()

    def current(self) -> DocumentSet:
        """Return the documents of the store's present change number; raises EnvironmentFailed without a database."""
        now = self._clock()
        with self._store.read() as connection:
            change = database.change_number(connection)
            documents = self._current
            if documents is None or documents.is_outdated(change, now):
                times = [database.changed_at(connection), stories.last_release(connection, now)]
                modified = max((time for time in times if time is not None), default=None)
                until = stories.next_release(connection, now)
                documents = self._current = DocumentSet(change=change, modified=modified, valid_until=until)
            return documents

    def build(self, documents: DocumentSet, rule: OutputRule, suffix: str) -> Document:
        """Return the current document of an output, built if it is not cached."""
        with self._lock:
            if (rule.name, suffix) not in documents.main:
                feed, (made,) = self._render(
                    rule, [FORMATS[suffix].builder(self._directory.style(rule), self._fragments)]
                )
                kind, private = FORMATS[suffix].media_type, rule.token is not None
                built = document(made.body, kind, documents.modified, private=private, links=_links(feed, suffix))
                documents.main[rule.name, suffix] = built
                self._remember(_key(rule, suffix, version_of(built.plain.etag)), made.manifest)
        return documents.main[rule.name, suffix]

    def page(self, documents: DocumentSet, rule: OutputRule, suffix: str, page: int) -> Document | None:
        """Return a further page of an output; None where it has no such page."""
        return self._cached(
            documents, (rule.name, suffix, f"page {page}"), lambda: self._render_page(documents, rule, suffix, page)
        )

    def archived(self, documents: DocumentSet, rule: OutputRule, number: int) -> Document | None:
        """Return an archived document of an output, in Atom alone; None where there is none of this number."""
        return self._cached(
            documents, (rule.name, "atom", f"archive {number}"), lambda: self._render_archive(rule, number)
        )

    def delta(self, documents: DocumentSet, rule: OutputRule, suffix: str, known: Sequence[str]) -> Document | None:
        """Return the document with only what is new since one of `known`; None where none of them has a manifest."""
        whole = self.build(documents, rule, suffix)
        for tag, manifest in self._known_manifests(rule, suffix, known):
            key = (rule.name, suffix, f"since {tag}")
            return self._cached(documents, key, partial(self._render_delta, rule, suffix, manifest, whole))
        return None

    @property
    def has_unstored_manifests(self) -> bool:
        """Whether a version was built that the store does not know yet."""
        return bool(self._unstored)

    def store_manifests(self) -> None:
        """Write the manifests of newly built versions to the store; waits for whoever writes there."""
        with self._lock:
            waiting = dict(self._unstored)
        with self._store.write() as connection:
            manifests.save(connection, waiting, self._clock())
        with self._lock:
            for key in waiting:
                self._unstored.pop(key, None)

    def _remember(self, key: DocumentVersion, manifest: bytes) -> None:
        # a version that large is served whole to whoever asks for what is new
        if len(manifest) <= _MANIFEST_BYTES:
            self._manifests[key] = manifest
            self._unstored[key] = manifest

    def _known_manifests(self, rule: OutputRule, suffix: str, tags: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield those of these versions whose manifest is known, in their order; one look into the store at most."""
        with self._lock:
            manifests_by_tag = {tag: self._manifests.get(_key(rule, suffix, tag)) for tag in tags}
        absent = [tag for tag, manifest in manifests_by_tag.items() if manifest is None]
        if absent:
            with self._store.read() as connection:
                manifests_by_tag |= manifests.find(connection, _key(rule, suffix, "")[0], absent)
        yield from ((tag, manifest) for tag, manifest in manifests_by_tag.items() if manifest is not None)

    def files(self, now: datetime, *, archives: bool = False) -> Iterator[tuple[str, PackedBytes]]:
        """Render every output in every format, from one consistent view; yield the files' names and bytes.

        With `archives` the Atom documents link those that `archive_files` gives.
        """
        query, fragments = OutputQuery(self._directory, cached=_FILE_STORIES), Fragments(_FILE_FRAGMENTS)
        with self._store.read() as connection:
            for rule in self._directory.rules:
                style = self._directory.style(rule)
                builders = {name: form.builder(style, fragments) for name, form in FORMATS.items()}
                feed = _read_into(query.read_in_slices(connection, rule, now), builders.values())
                # a folder of files has no further pages
                alone = _single(feed, archives=archives)
                for suffix in FORMATS:
                    # dropped when it is written
                    yield f"{rule.name}.{suffix}", builders.pop(suffix).finish(alone).body

    def archive_files(self, is_written: Callable[[str, datetime], bool]) -> Iterator[tuple[str, bytes, datetime]]:
        """Yield every archived document as a file: its name, its bytes, and when they changed last.

        Those of which `is_written` says that they lie there as they changed last are neither read nor rendered.
        """
        for rule in self._directory.rules:
            with self._store.read() as connection:
                listing = archives.changes(connection, rule.name)
            for number, changed in listing:
                name = f"{rule.name}.archive-{number}.atom"
                if not is_written(name, changed) and (archived := self._archived(rule, number)) is not None:
                    body = self._query.render_archived(rule, number, archived, is_static=True)
                    yield name, body, archived.changed

    def feed(self, rule: OutputRule, page: int = 1) -> OutputFeed | None:
        """Read a page of an output as it stands; None where it has no such page."""
        with self._store.read() as connection:
            return self._query.feed(connection, rule, self._clock(), page)

    def _render(
        self, rule: OutputRule, builders: Sequence[DocumentBuilder]
    ) -> tuple[OutputFeed, list[RenderedDocument]]:
        """Read an output as it stands, once, and render it by each of the builders; return what it says beside them."""
        with self._store.read() as connection:
            feed = _read_into(self._query.read_in_slices(connection, rule, self._clock()), builders)
        return feed, [builder.finish(feed) for builder in builders]

    def _cached(
        self, documents: DocumentSet, key: tuple[str, str, str], make: Callable[[], Document | None]
    ) -> Document | None:
        with self._others_lock:
            document = documents.others.get(key) or make()
            if document is not None:
                documents.others[key] = document
            return document

    def _render_page(self, documents: DocumentSet, rule: OutputRule, suffix: str, page: int) -> Document | None:
        feed = self.feed(rule, page)
        if feed is None:
            return None
        form = FORMATS[suffix]
        body = form.render(feed, self._fragments)
        return document(body, form.media_type, documents.modified, private=rule.token is not None)

    def _render_archive(self, rule: OutputRule, number: int) -> Document | None:
        archived = self._archived(rule, number)
        if archived is None:
            return None
        body, private = self._query.render_archived(rule, number, archived), rule.token is not None
        return document(body, FORMATS["atom"].media_type, archived.changed, private=private, max_age=_ARCHIVE_AGE)

    def _archived(self, rule: OutputRule, number: int) -> ArchivedDocument | None:
        """Return an archived document whose bytes are kept for ever; they are made now if nobody asked before."""
        with self._store.read() as connection:
            archived = archives.document(connection, rule.name, number)
        if archived is None or not archived.unrendered:
            return archived
        entries = self._query.render_entries(rule, archived)

        def save(connection: Connection) -> ArchivedDocument | None:
            archives.save_rendered(connection, rule.name, number, entries)
            # another process may have been first, with another version of the program
            return archives.document(connection, rule.name, number)

        return self._store.transact(save)

    def _render_delta(self, rule: OutputRule, suffix: str, manifest: bytes, whole: Document) -> Document | None:
        """Render what `manifest` lacks."""
        form = FORMATS[suffix]
        _, (made,) = self._render(rule, [form.builder(self._directory.style(rule), self._fragments, known=manifest)])
        with self._lock:
            present = self._manifests.get(_key(rule, suffix, version_of(whole.plain.etag)))
        # where it changed again meanwhile, the whole is right in any case
        return None if made.manifest != present or made.is_whole else delta(made.body, form.media_type, whole)


def _read_into(reading: OutputReading, builders: Collection[DocumentBuilder]) -> OutputFeed:
    """Give the items of an output to each of the builders; return what it says beside them."""
    for items in reading.slices:
        for one in items:
            styled = StyledItems(one)
            for builder in builders:
                builder.add(one, styled)
    return reading.complete(max((each.updated for each in builders if each.updated), default=None))


def _single(feed: OutputFeed, *, archives: bool) -> OutputFeed:
    relations = tuple(each for each in feed.relations if archives and each[0] == "prev-archive")
    return replace(feed, relations=relations, hubs=(), is_static=True)


def _key(rule: OutputRule, suffix: str, version: str) -> DocumentVersion:
    return f"{rule.name}.{suffix}", version


def _links(feed: OutputFeed, suffix: str) -> list[tuple[str, str]]:
    """Return the links by which a subscriber finds hub and topic (WebSub, 4); JSON Feed has no place for the topic."""
    hubs = [("hub", address) for hub in feed.hubs if (address := link(hub))]
    return [*hubs, ("self", link(f"{feed.feed_url}.{suffix}") or "")] if hubs else []
