"""`feedhub.dedupe` and `feedhub.clean`: items of any origin, without a hub, a store or a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar, overload
from urllib.parse import urlsplit

from feedhub.clean import Agencies, clean_item, url_key
from feedhub.errors import ItemError
from feedhub.frames import Frame, frame_of
from feedhub.item_fields import ItemIds, date_of, kind_of, name_of, shown, text_of
from feedhub.match import DedupeRow, match_stream
from feedhub.model import Copy, EntryKey, EntryOrigin, MatchWindows

#: what becomes of an item that cannot be used: the call ends, it is passed over, or it is listed beside the result
ErrorPolicy = Literal["raise", "skip", "collect"]
Row = TypeVar("Row")
Native = TypeVar("Native", bound="Frame")

_DEFAULT_WINDOWS = MatchWindows()
FIELDS = ("title", "summary", "text", "url", "source", "published", "lang")
#: an address that is longer is none
_LONGEST_URL = 4000
#: what stands for the first-seen time of an item without a date
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)


class Rows(list[Row]):
    """A result with what could not be used beside it: `errors`, each with its `row` (from 1) and `field`."""

    def __init__(self, rows: Iterable[Row] = (), errors: Iterable[ItemError] = ()) -> None:
        super().__init__(rows)
        self.errors: list[ItemError] = list(errors)


@overload
def dedupe(
    items: Iterable[Mapping[str, Any]], windows: MatchWindows = ..., *, errors: ErrorPolicy = ...
) -> Rows[DedupeRow]: ...


@overload
def dedupe(items: Native, windows: MatchWindows = ..., *, errors: ErrorPolicy = ...) -> Native: ...


def dedupe(items: Any, windows: MatchWindows = _DEFAULT_WINDOWS, *, errors: ErrorPolicy = "raise") -> Any:
    """Find the stories among items; a row for each item, in their order.

    `items` are mappings, or a frame of pandas, Polars or PyArrow: then the result is a frame of the same kind.
    An item has `id` (of any hashable kind, unique) and any of `title`, `summary`, `text`, `url`, `source`,
    `published`, `lang`. Texts are text or None; `published` is a datetime (without a zone it is read as UTC), a
    date, or text in ISO 8601 or RFC 822. An item without `published` has no window, one without `source` comes from
    an outlet of its own.

    What cannot be used raises ItemError with its row; with `errors="skip"` it is passed over, with `"collect"` it is
    listed in the result's `errors` (of a frame: it stays, with null in all columns but `error`).
    """
    frame = frame_of(items)
    cleaner = ItemCleaner(errors)
    rows = match_stream(cleaner.copies(items if frame is None else frame.items(("id", *FIELDS))), windows)
    restored = (restore_ids(row, cleaner.ids) for row in rows)
    if frame is None:
        return Rows(restored, cleaner.errors)
    return frame.with_rows(list(restored), cleaner.errors, keeps=errors == "collect")


def restore_ids(row: DedupeRow, ids: ItemIds) -> DedupeRow:
    """Return a row with its ids as the items have them."""
    matched = None if row.matched is None else ids.original(row.matched)
    return replace(row, id=ids.original(row.id), story=ids.original(row.story), matched=matched)


def copies(items: Iterable[Mapping[str, Any]]) -> Iterator[Copy]:
    """Clean items into copies; raises ItemError for one that cannot be used, naming its place among them."""
    return ItemCleaner().copies(items)


class ItemCleaner:
    """Cleans items into copies, one after the other, and knows the ids that it has seen."""

    def __init__(self, policy: ErrorPolicy = "raise", is_known: Callable[[str], bool] = lambda name: False) -> None:
        """Treat what cannot be used as `policy` says; an id that `is_known` was there before."""
        if policy not in ("raise", "skip", "collect"):
            raise ValueError(f'errors: expected "raise", "skip" or "collect", got {policy!r}')
        self.ids = ItemIds()
        #: what could not be used so far, where it is collected
        self.errors: list[ItemError] = []
        self._policy = policy
        self._is_known = is_known
        self._agencies = Agencies.known()

    def copies(self, items: Iterable[Mapping[str, Any]]) -> Iterator[Copy]:
        """Clean items into copies; what cannot be used is treated as the policy says, by its row (from 1)."""
        for number, item in enumerate(_iterated(items), 1):
            try:
                made = self.copy(item)
            except ItemError as error:
                wrong = ItemError(f"item {number}: {error}", row=number, field=error.field)
                if self._policy == "raise":
                    raise wrong from None
                if self._policy == "collect":
                    self.errors.append(wrong)
                continue
            yield made

    def copy(self, item: Mapping[str, Any]) -> Copy:
        """Clean one item into a copy; raises ItemError."""
        if not isinstance(item, Mapping):
            raise ItemError(f"expected an object with an id, got {kind_of(item)}")
        name = self.ids.take(item.get("id"))
        try:
            if self._is_known(name):
                raise ItemError(f"id: {shown(name)} was there before", field="id")
            return to_copy(item, name, self._agencies)
        except ItemError:
            self.ids.forget(name)
            raise


def to_copy(item: Mapping[str, Any], name: str, agencies: Agencies) -> Copy:
    """Clean one item, known by `name`, into a copy; raises ItemError."""
    title, summary, text = (text_of(field, item.get(field)) for field in ("title", "summary", "text"))
    url, source, language = (name_of(field, item.get(field)) for field in ("url", "source", "lang"))
    published = date_of(item.get("published"))
    made = clean_item(title, summary, text, agencies=agencies, published=published, source=source, host=_host(url))
    return Copy(
        key=EntryKey(source=source or f"\0{name}", guid=name),
        outlet=source or f"\0{name}",
        title=made.title,
        paragraphs=made.paragraphs,
        summary=made.summary,
        wire=made.wire,
        url=url,
        origin=EntryOrigin(title=made.origin) if made.origin else None,
        url_key=_url_key(url),
        published=published,
        first_seen=published or _UNDATED,
        language=language,
        dropped=made.dropped,
    )


def _iterated(items: Any) -> Iterator[Any]:
    """Iterate over what should be many items; raises ItemError for one alone and for what is none."""
    if isinstance(items, Mapping | str | bytes) or not isinstance(items, Iterable):
        raise ItemError(f"expected many items or a frame, got {kind_of(items)}")
    return iter(items)


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url and len(url) <= _LONGEST_URL else None
    except ValueError:
        return None


def _url_key(url: str | None) -> str | None:
    if not url or len(url) > _LONGEST_URL:
        return None
    try:
        return url_key(url)
    except ValueError:
        return None
