"""`feedhub dedupe`: items in, stories out, a row each."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Hashable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from msgspec import Struct, to_builtins

from feedhub.cli.console import print_json, print_message, progress_bar
from feedhub.cli.item_input import INTERRUPTED, ItemInput, interruptible, item_input, open_items
from feedhub.errors import EnvironmentFailed, ItemError, UsageError
from feedhub.frames import COLUMNS
from feedhub.item_files import FileFormat, RowWriter, format_of
from feedhub.item_pages import PagedItems, PageFile
from feedhub.items import restore_ids
from feedhub.match import DedupeRow, match_stream
from feedhub.match.cluster.stream import StreamCounts
from feedhub.model import Relation
from feedhub.private_files import Part, follow_own_links, sweep_parts
from feedhub.story_index import Index, ItemPair

GROUP_COLUMNS = ("story", "canonical", "items", "ids")
PAIR_COLUMNS = ("left", "right", "merged", "score", "threshold", "rules", "shared_words", "ground")
#: items that an index takes at once
_BATCH = 10_000


class DedupeOptions(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    out: str = "-"
    pages: str | None = None
    asked: str | None = None
    to: str | None = None
    columns: str | None = None
    groups: bool = False
    pairs: str | None = None
    index: Path | None = None
    html: str | None = None
    as_json: bool = False

    def check(self) -> None:
        """Raise UsageError for what does not go together."""
        if self.pages == "-":
            raise UsageError("--pages: expected the name of a file, for its lines are looked up again")
        if not self.out:
            raise UsageError("-o: expected the name of a file, or - for standard output")
        if self.out == "-" and sys.stdout is None:
            raise EnvironmentFailed("standard output is closed")
        if self.as_json and self.out == "-":
            raise UsageError("--json: the rows go to standard output already; name a file for them with -o")
        if self.pages is not None and (self.pairs or self.index or self.html):
            raise UsageError("--pages: goes with neither --pairs, --index nor --html")


class Totals(Struct, kw_only=True):
    """What the closing line counts."""

    items: int = 0
    stories: int = 0
    copies: int = 0
    revisions: int = 0
    near_misses: int = 0
    bad: int = 0

    def count(self, row: DedupeRow) -> None:
        """Count one row."""
        self.items += 1
        self.stories += row.relation is Relation.FIRST
        self.revisions += row.relation is Relation.REVISION
        self.copies += row.relation not in (Relation.FIRST, Relation.REVISION)

    def __str__(self) -> str:
        return (
            f"{_counted(self.items, 'item')} {'is' if self.items == 1 else 'are'} {_counted(self.stories, 'story')}; "
            f"{_counted(self.copies, 'copy')}, {_counted(self.revisions, 'revision')}; "
            f"{_counted(self.near_misses, 'near miss')}"
        )


def run(items: str, options: DedupeOptions) -> int:
    """Run the matcher over items; return 0, 3 or 4 as ItemInput does, 130 if interrupted (rows so far stay)."""
    options.check()
    totals = Totals()
    out = format_of(options.out, options.to, "--to")
    with ExitStack() as stack:
        reader = stack.enter_context(item_input(items, options.asked, options.columns))
        bar = stack.enter_context(progress_bar("reading", None))
        stack.enter_context(interruptible(reader))
        if options.index or options.pairs or options.html:
            index = stack.enter_context(Index(options.index))
            rows: Iterable[DedupeRow] = _indexed(reader, index, bar.report)
            _write_rows(_counting(rows, totals), reader, options, out)
            totals.near_misses = sum(1 for _ in index.pairs(near=True))
            _write_beside(index, options, totals)
        else:
            counts = StreamCounts()
            rows = _streamed(reader, options.pages, stack, bar.report, counts)
            _write_rows(_counting(_naming_disk_errors(rows), totals), reader, options, out)
            totals.near_misses = counts.near_misses
    totals.bad = reader.bad
    if options.as_json:
        print_json(to_builtins(totals))
    else:
        print_message(str(totals))
    if reader.bad:
        print_message(f"{items}: {reader.bad} of {reader.good + reader.bad} lines could not be used")
    return INTERRUPTED if reader.interrupted else reader.exit_code


def _streamed(
    reader: ItemInput, pages: str | None, stack: ExitStack, progress: Any, counts: StreamCounts
) -> Iterator[DedupeRow]:
    if pages is None:
        rows = match_stream(reader, progress=progress, counts=counts)
    else:
        paged = PagedItems(PageFile(stack.enter_context(open_items(pages)), pages))
        stack.callback(lambda: print_message(f"read {paged.read:,} of {paged.pages:,} pages"))
        rows = paged.rows(((reader.item, copy) for copy in reader), progress)
    return (restore_ids(row, reader.cleaner.ids) for row in rows)


def _indexed(reader: ItemInput, index: Index, progress: Any) -> Iterator[DedupeRow]:
    """Add the items to an index; return their rows, in their order, as they stand once all are in.

    What is in the index already stays as it is: a run that was interrupted may be run again.
    """
    ids: list[tuple[int, Any]] = []
    batch: list[tuple[int, Any]] = []

    def add() -> None:
        changes = index.add((item for _, item in batch), errors="collect")
        bad = {error.row: error for error in changes.errors}
        for row, (place, item) in enumerate(batch, 1):
            if row in bad:
                reader.report(ItemError(str(bad[row]).removeprefix(f"item {row}: ")), place)
            else:
                ids.append((place, item["id"]))
        batch.clear()

    before = len(index)
    for item in reader.items():
        if before and isinstance(item.get("id"), Hashable) and item["id"] in index:
            ids.append((reader.place, item["id"]))
            continue
        batch.append((reader.place, item))
        progress("reading", len(ids) + len(batch), 0)
        if len(batch) == _BATCH:
            add()
    add()
    ids.sort(key=lambda each: each[0])
    reader.good = len(ids)
    reader.are_numbers = all(type(each) is int for _, each in ids)
    return index.rows(each for _, each in ids)


def _write_rows(rows: Iterator[DedupeRow], reader: ItemInput, options: DedupeOptions, form: FileFormat) -> None:
    with writing(options.out) as file:
        if options.groups:
            writer = RowWriter(file, form, GROUP_COLUMNS)
            made: Iterable[dict[str, Any]] = _groups(rows)
        else:
            # the first row comes when all items were read, so it is known by then whether their ids are numbers
            first = next(rows, None)
            numbers = ("id", "story", "matched") if reader.are_numbers else ()
            writer = RowWriter(file, form, COLUMNS, numbers)
            made = (_values(row) for row in ([] if first is None else _again(first, rows)))
        for row in made:
            writer.write(row)
        writer.close()


def _write_beside(index: Index, options: DedupeOptions, totals: Totals) -> None:
    """Write the pairs and the page that were asked for."""
    if options.pairs:
        with writing(options.pairs, "--pairs") as file:
            writer = RowWriter(file, format_of(options.pairs), PAIR_COLUMNS)
            for pair in index.pairs():
                writer.write(_pair_values(pair))
            writer.close()
    if options.html:
        from feedhub.cli.report_page import report_page

        with writing(options.html, "--html") as file:
            for part in report_page(index, str(totals)):
                file.write(part.encode("utf-8"))


def _again(first: DedupeRow, rows: Iterator[DedupeRow]) -> Iterator[DedupeRow]:
    yield first
    yield from rows


def _counting(rows: Iterable[DedupeRow], totals: Totals) -> Iterator[DedupeRow]:
    for row in rows:
        totals.count(row)
        yield row


def _groups(rows: Iterable[DedupeRow]) -> Iterator[dict[str, Any]]:
    """Return a row a story, in the order of the first item of each."""
    stories: dict[Any, list[DedupeRow]] = {}
    for row in rows:
        stories.setdefault(row.story, []).append(row)
    for story, members in stories.items():
        speaks = next(row.id for row in members if row.canonical)
        yield {"story": story, "canonical": speaks, "items": len(members), "ids": [row.id for row in members]}


def _values(row: DedupeRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in COLUMNS}
    return values | {"relation": row.relation.value, "score": None if row.score is None else round(row.score, 3)}


def _pair_values(pair: ItemPair) -> dict[str, Any]:
    return {name: getattr(pair, name) for name in PAIR_COLUMNS} | {"rules": " ".join(pair.rules)}


def _counted(count: int, what: str) -> str:
    many = {"story": "stories", "copy": "copies", "near miss": "near misses"}.get(what, f"{what}s")
    return f"{count:,} {what if count == 1 else many}"


def _naming_disk_errors(rows: Iterable[DedupeRow]) -> Iterator[DedupeRow]:
    """Pass the rows on; what the disk refuses meanwhile raises EnvironmentFailed with the folder's name."""
    try:
        yield from rows
    except OSError as error:
        raise EnvironmentFailed(f"temporary files in {tempfile.gettempdir()}: {error.strerror or error}") from error


@contextmanager
def writing(out: str, option: str = "-o") -> Iterator[IO[bytes]]:
    """Write to a file (whole or not at all), to stdout, or into what is there and is no file: a pipe, /dev/null."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
        return
    part = None
    try:
        path = follow_own_links(Path(out))
        # A device must not be replaced by a file: root could, and everybody would miss it.
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        part = Part(path)
        yield part.file
        part.publish()
        sweep_parts(path)
    except OSError as error:
        raise EnvironmentFailed(f"{option} {out}: {error.strerror or error}") from error
    finally:
        if part is not None:
            part.discard()
