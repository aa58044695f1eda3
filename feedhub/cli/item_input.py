"""Items from a file or a pipe, for all commands that read them: bad ones are told by place, Ctrl-C ends the input."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from feedhub.bounded_files import bounded_lines, read_bounded
from feedhub.cli.console import print_message
from feedhub.errors import ItemError, UsageError
from feedhub.item_files import FileFormat, opened_for_reading, parsed_columns, records
from feedhub.item_files.file_format import format_of
from feedhub.items import ItemCleaner
from feedhub.model import Copy

INTERRUPTED = 130
#: bad lines reported one by one before only their number is
MOST_REPORTED = 50


class _EndOfInput(Exception):
    """Ctrl-C while we wait for a line that may never come."""


class ItemInput:
    """Reads items one by one; bad ones are told by their place and left out; Ctrl-C ends the input."""

    def __init__(self, file: IO[bytes], name: str, form: FileFormat, columns: Mapping[str, str] | None = None) -> None:
        self._file = opened_for_reading(file, name)
        self._name = name
        self._form = form
        self._columns = columns or {}
        self.good = 0
        self.bad = 0
        self.interrupted = False
        #: the item of the copy that was yielded last, as it stands in the file
        self.item: Mapping[str, Any] = {}
        #: its line, or its row
        self.place = 0
        self.are_numbers = False
        self.cleaner = ItemCleaner()
        self._waiting = False

    def __iter__(self) -> Iterator[Copy]:
        for item in self.items():
            try:
                yield self.cleaner.copy(item)
                self.good += 1
                self.are_numbers = self.cleaner.ids.are_numbers
            except ItemError as error:
                self.report(error)

    def items(self) -> Iterator[Mapping[str, Any]]:
        """Return what are items by their form; `report` tells of one that turns out to be none."""
        for record in records(self._file, self._form, self._name, self._columns, self._lines()):
            if self.interrupted:
                return
            self.place = record.place
            if record.item is None:
                assert record.error is not None
                self.report(record.error)
            else:
                self.item = record.item
                yield record.item

    @property
    def exit_code(self) -> int:
        """Return 0 if all items could be used, 3 if some, 4 if none."""
        return 0 if not self.bad else 3 if self.good else 4

    def interrupt(self) -> None:
        """End the input here; called by the signal's handler."""
        self.interrupted = True
        if self._waiting:
            raise _EndOfInput

    def report(self, error: ItemError, place: int | None = None) -> None:
        """Tell what is wrong with the item at a place, else with the one that was read last."""
        place = self.place if place is None else place
        self.bad += 1
        if self.bad <= MOST_REPORTED:
            print_message(f"{self._name}:{place}: {error}")
        elif self.bad == MOST_REPORTED + 1:
            print_message(f"{self._name}: further bad lines are only counted")

    def _lines(self) -> Iterator[bytes]:
        lines = bounded_lines(self._file)
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


@contextmanager
def item_input(items: str, asked: str | None = None, columns: str | None = None) -> Iterator[ItemInput]:
    """Open items by name, `-` for standard input; raises UsageError."""
    form = format_of(items, asked)
    names = parsed_columns(columns)
    with open_items(items) as file:
        yield ItemInput(file, items, form, names)


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


def read_items(items: str) -> bytes:
    """Return a whole file of lines, or stdin for `-`; raises UsageError that names it."""
    with open_items(items) as file:
        try:
            return read_bounded(file)
        except UsageError as error:
            raise UsageError(f"{items}: {error}") from error


@contextmanager
def interruptible(reader: ItemInput) -> Iterator[None]:
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
