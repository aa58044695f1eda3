"""`feedhub dedupe`: items in, stories out, a line each."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from feedhub.cli.console import print_message, progress_bar
from feedhub.errors import EnvironmentFailed, ItemError, UsageError
from feedhub.item_fields import kind_of
from feedhub.item_pages import PagedItems, PageFile
from feedhub.items import ItemCleaner, restore_ids
from feedhub.match import DedupeRow, match_stream
from feedhub.model import Copy
from feedhub.private_files import create_part, publish_part, sweep_parts

INTERRUPTED = 130
#: bad lines reported one by one before only their number is
MOST_REPORTED = 50


class _EndOfInput(Exception):
    """Ctrl-C while we wait for a line that may never come."""


class ItemLines:
    """Reads items line by line; bad lines are told by number and left out; Ctrl-C ends the input."""

    def __init__(self, lines: Iterable[bytes], name: str) -> None:
        self._lines = lines
        self._name = name
        self.good = 0
        self.bad = 0
        self.interrupted = False
        #: the item of the copy that was yielded last, as it stands in the file
        self.item: Mapping[str, Any] = {}
        self.cleaner = ItemCleaner()
        self._waiting = False

    def __iter__(self) -> Iterator[Copy]:
        for number, line in enumerate(self._read(), 1):
            if not line.strip():
                continue
            try:
                self.item = _item(line)
                yield self.cleaner.copy(self.item)
                self.good += 1
            except ItemError as error:
                self._report(number, str(error))

    @property
    def exit_code(self) -> int:
        """Return 0 if all lines could be used, 3 if some, 4 if none."""
        return 0 if not self.bad else 3 if self.good else 4

    def interrupt(self) -> None:
        """End the input here; called by the signal's handler."""
        self.interrupted = True
        if self._waiting:
            raise _EndOfInput

    def _read(self) -> Iterator[bytes]:
        lines = iter(self._lines)
        while True:
            try:
                self._waiting = not self.interrupted
                line = next(lines, None) if self._waiting else None
                self._waiting = False
            except _EndOfInput:
                line = None
            if line is None:
                return
            yield line

    def _report(self, number: int, what: str) -> None:
        self.bad += 1
        if self.bad <= MOST_REPORTED:
            print_message(f"{self._name}:{number}: {what}")
        elif self.bad == MOST_REPORTED + 1:
            print_message(f"{self._name}: further bad lines are only counted")


def run(items: str, out: str, pages: str | None = None) -> int:
    """Run the matcher over items; return 0, 3 or 4 as ItemReader does, 130 if interrupted (rows so far stay).

    `pages`: a file of their articles' pages, each of which is looked at only where the items' own words ask for it.
    """
    if pages == "-":
        raise UsageError("--pages: expected the name of a file, for its lines are looked up again")
    if not out:
        raise UsageError("-o: expected the name of a file, or - for standard output")
    if out == "-" and sys.stdout is None:
        raise EnvironmentFailed("standard output is closed")
    with ExitStack() as stack:
        reader = ItemLines(stack.enter_context(open_items(items)), items)
        bar = stack.enter_context(progress_bar("reading", None))
        stack.enter_context(_interruptible(reader))
        paged = None if pages is None else PagedItems(PageFile(stack.enter_context(open_items(pages)), pages))
        rows = (
            match_stream(reader, progress=bar.report)
            if paged is None
            else paged.rows(((reader.item, copy) for copy in reader), bar.report)
        )
        _write(_naming_disk_errors(restore_ids(row, reader.cleaner.ids) for row in rows), out)
    if paged is not None:
        print_message(f"read {paged.read:,} of {paged.pages:,} pages")
    if reader.bad:
        print_message(f"{items}: {reader.bad} of {reader.good + reader.bad} lines could not be used")
    return INTERRUPTED if reader.interrupted else reader.exit_code


def _item(line: bytes) -> Mapping[str, Any]:
    try:
        item = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ItemError("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ItemError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ItemError("not JSON that can be read: nested too deeply") from None
    except ValueError:
        raise ItemError("not JSON that can be read: a number of too many digits") from None
    if not isinstance(item, dict):
        raise ItemError(f"expected one JSON object a line, got {kind_of(item)}")
    return item


@contextmanager
def open_items(items: str) -> Iterator[IO[bytes]]:
    """Open a file of items, or stdin for `-`; raises UsageError."""
    if items == "-":
        if sys.stdin is None:
            raise UsageError("-: standard input is closed")
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(items).open("rb"))
        except OSError as error:
            raise UsageError(f"{items}: {error.strerror or error}") from error
        yield file


@contextmanager
def _interruptible(reader: ItemLines) -> Iterator[None]:
    """Let the first Ctrl-C end the input, the second the program."""
    before = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        reader.interrupt()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _naming_disk_errors(rows: Iterable[DedupeRow]) -> Iterator[DedupeRow]:
    """Pass the rows on; what the disk refuses meanwhile raises EnvironmentFailed with the folder's name."""
    try:
        yield from rows
    except OSError as error:
        raise EnvironmentFailed(f"temporary files in {tempfile.gettempdir()}: {error.strerror or error}") from error


def _write(rows: Iterable[DedupeRow], out: str) -> None:
    """Rows to a file (whole or not at all), to stdout, or into what is there and is no file: a pipe, /dev/null."""
    if out == "-":
        for row in rows:
            print(_line(row))
        sys.stdout.flush()
        return
    path = Path(out).resolve()
    part = None
    try:
        # A device must not be replaced by a file: root could, and everybody would miss it.
        part = None if path.exists() and not path.is_file() else create_part(path)
        with (part or path).open("w", encoding="utf-8") as file:
            file.writelines(f"{_line(row)}\n" for row in rows)
        if part is not None:
            publish_part(part, path)
            sweep_parts(path)
    except OSError as error:
        raise EnvironmentFailed(f"-o {out}: {error.strerror or error}") from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _line(row: DedupeRow) -> str:
    return json.dumps(
        {
            "id": row.id,
            "story": row.story,
            "canonical": row.canonical,
            "relation": row.relation.value,
            "matched": row.matched,
            "score": None if row.score is None else round(row.score, 3),
            "ground": row.ground,
        },
        ensure_ascii=False,
    )
