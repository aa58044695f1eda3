"""OutputFeed -> Document: built when something changed, kept until it changes again.

One build a version and format; what a reader lacks who holds an earlier version is told by manifests of those versions.
They are kept in the store too, so that another process, or this one started again, can tell as well.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from threading import Lock
from typing import TypeVar

from feedhub.directory import OutputDirectory
from feedhub.feeds.query import Editor
from feedhub.model import OutputFeed, OutputRule
from feedhub.publish import FORMATS, Fragments, delta_document, link
from feedhub.serve import Document, delta, document, version_of
from feedhub.store import Database, database, manifests, stories
from feedhub.store.manifests import DocumentVersion

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: manifests take 8 bytes an entry; of so many bytes of them memory is used
_MANIFESTS = 4 * 1024 * 1024
#: further pages, archived documents and deltas that are kept while nothing changes
_OTHERS = 64
_ARCHIVE_AGE = 60 * 60


class Recent(OrderedDict[K, V]):
    """The values used last, as many as their sizes allow."""

    def __init__(self, limit: int, size: Callable[[V], int] = lambda value: 1) -> None:
        super().__init__()
        self._limit, self._size, self._held = limit, size, 0

    def put(self, key: K, value: V) -> None:
        if key not in self:
            self._held += self._size(value)
            self[key] = value
        self.move_to_end(key)
        while self._held > self._limit and len(self) > 1:
            self._held -= self._size(self.popitem(last=False)[1])

    def drop(self, key: K) -> None:
        if key in self:
            self._held -= self._size(self.pop(key))


@dataclass(slots=True)
class Made:
    """The documents of one change number."""

    change: int
    #: when the bytes last changed, the same in every process that serves them
    modified: datetime | None
    #: when a story that is held back now is to appear; then the documents are out of date
    until: datetime | None
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    others: Recent[tuple[str, str, str], Document] = field(default_factory=lambda: Recent(_OTHERS))


class Documents:
    """Every document of every output. Its methods block; safe between threads."""

    def __init__(self, store: Database, shelf: OutputDirectory, editor: Editor, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._shelf = shelf
        self._editor = editor
        self._clock = clock
        self._fragments = Fragments()
        self._made: Made | None = None
        #: what versions held, and those of them that the store does not know yet
        self._manifests: Recent[DocumentVersion, bytes] = Recent(_MANIFESTS, len)
        self._unkept: Recent[DocumentVersion, bytes] = Recent(_MANIFESTS, len)
        self._lock = Lock()

    def current(self) -> Made:
        """The documents of the store's present change number; raises EnvironmentFailed while the database is away."""
        now = self._clock()
        with self._store.read() as connection:
            change = database.change_number(connection)
            made = self._made
            if made is None or made.change != change or (made.until is not None and made.until <= now):
                times = [database.changed_at(connection), stories.last_release(connection, now)]
                modified = max((time for time in times if time is not None), default=None)
                until = stories.next_release(connection, now)
                made = self._made = Made(change=change, modified=modified, until=until)
            return made

    def build(self, made: Made, rule: OutputRule, suffix: str) -> Document:
        """The current document of an output."""
        with self._lock:
            if (rule.name, suffix) not in made.documents:
                feed = self.feed(rule)
                assert feed is not None
                body, manifest = FORMATS[suffix].render_with_manifest(feed, self._fragments)
                kind, private = FORMATS[suffix].media_type, rule.token is not None
                found = document(body, kind, made.modified, private=private, links=_links(feed, suffix))
                made.documents[rule.name, suffix] = found
                key = _key(rule, suffix, version_of(found.plain.etag))
                self._manifests.put(key, manifest)
                self._unkept.put(key, manifest)
        return made.documents[rule.name, suffix]

    def page(self, made: Made, rule: OutputRule, suffix: str, page: int) -> Document | None:
        """A further page of an output; None where it has no such page."""
        return self._other(made, (rule.name, suffix, f"page {page}"), lambda: self._page(made, rule, suffix, page))

    def archived(self, made: Made, rule: OutputRule, number: int) -> Document | None:
        """An archived document of an output, in Atom alone; None where there is none of this number."""
        return self._other(made, (rule.name, "atom", f"archive {number}"), lambda: self._archived(rule, number))

    def lacking(self, made: Made, rule: OutputRule, suffix: str, held: Sequence[str]) -> Document | None:
        """The current document with only what is new since one of the versions `held`; None where none is known."""
        whole = self.build(made, rule, suffix)
        for tag in held:
            manifest = self._held(_key(rule, suffix, tag))
            if manifest is not None:
                key = (rule.name, suffix, f"since {tag}")
                return self._other(made, key, partial(self._delta, rule, suffix, manifest, whole))
        return None

    @property
    def has_unkept(self) -> bool:
        """Whether a version was built that the store does not know yet."""
        return bool(self._unkept)

    def keep(self) -> None:
        """Have the store know what was built since the last time; waits for whoever writes there."""
        with self._lock:
            held = dict(self._unkept)
        with self._store.write() as connection:
            manifests.save(connection, held, self._clock())
        with self._lock:
            for key in held:
                self._unkept.drop(key)

    def _held(self, key: DocumentVersion) -> bytes | None:
        found = self._manifests.get(key)
        if found is None:
            with self._store.read() as connection:
                found = manifests.find(connection, *key)
        return found

    def files(self, now: datetime) -> dict[str, bytes]:
        """Every output in every format, by file name, from one consistent view."""
        made: dict[str, bytes] = {}
        with self._store.read() as connection:
            for rule in self._shelf.rules:
                feed = self._editor.feed(connection, rule, now)
                assert feed is not None
                # a folder of files has no further pages
                alone = _single(feed)
                for kind in FORMATS.values():
                    made[f"{rule.name}.{kind.suffix}"] = kind.render(alone, self._fragments)
        return made

    def feed(self, rule: OutputRule, page: int = 1) -> OutputFeed | None:
        """A page of an output as it stands."""
        with self._store.read() as connection:
            return self._editor.feed(connection, rule, self._clock(), page)

    def _other(self, made: Made, key: tuple[str, str, str], make: Callable[[], Document | None]) -> Document | None:
        with self._lock:
            found = made.others.get(key) or make()
            if found is not None:
                made.others.put(key, found)
            return found

    def _page(self, made: Made, rule: OutputRule, suffix: str, page: int) -> Document | None:
        feed = self.feed(rule, page)
        if feed is None:
            return None
        form = FORMATS[suffix]
        body = form.render(feed, self._fragments)
        return document(body, form.media_type, made.modified, private=rule.token is not None)

    def _archived(self, rule: OutputRule, number: int) -> Document | None:
        with self._store.read() as connection:
            found = self._editor.archived(connection, rule, number)
        if found is None:
            return None
        body, changed = found
        private = rule.token is not None
        return document(body, FORMATS["atom"].media_type, changed, private=private, max_age=_ARCHIVE_AGE)

    def _delta(self, rule: OutputRule, suffix: str, manifest: bytes, whole: Document) -> Document | None:
        feed = self.feed(rule)
        assert feed is not None
        form = FORMATS[suffix]
        present = self._manifests.get(_key(rule, suffix, version_of(whole.plain.etag)))
        if form.render_with_manifest(feed, self._fragments)[1] != present:
            # it changed again meanwhile: the whole is right in any case
            return None
        body = delta_document(form, feed, manifest, self._fragments)
        return None if body is None else delta(body, form.media_type, whole)


def _single(feed: OutputFeed) -> OutputFeed:
    return replace(feed, relations=(), hubs=())


def _key(rule: OutputRule, suffix: str, version: str) -> DocumentVersion:
    return f"{rule.name}.{suffix}", version


def _links(feed: OutputFeed, suffix: str) -> list[tuple[str, str]]:
    """How a WebSub subscriber finds hub and topic (4), in JSON Feed too, which has no place for the topic."""
    hubs = [("hub", address) for hub in feed.hubs if (address := link(hub))]
    return [*hubs, ("self", link(f"{feed.feed_url}.{suffix}") or "")] if hubs else []
