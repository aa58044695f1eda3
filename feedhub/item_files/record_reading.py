"""Bytes in a format -> records, one at a time; what is none is an error with its place, and the rest goes on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from itertools import chain
from typing import IO, Any

from feedhub.bounded_files import LONGEST_LINE_MB, TOO_LONG, bounded_lines
from feedhub.errors import ItemError, UsageError
from feedhub.frames import check_columns
from feedhub.item_fields import kind_of
from feedhub.item_files.file_format import FileFormat
from feedhub.item_files.item_record import Record, not_utf8
from feedhub.item_files.parquet_reading import parquet_rows
from feedhub.items import FIELDS

#: characters of a cell of CSV and of a JSON value, as of a line
_LONGEST = LONGEST_LINE_MB << 20
#: what is read of a JSON array at once
_CHUNK = 1 << 20


def parsed_columns(text: str | None) -> dict[str, str]:
    """Read `title=headline,text=body` as the column of each field; raises UsageError."""
    columns: dict[str, str] = {}
    for part in filter(None, (text or "").split(",")):
        field, equals, column = (each.strip() for each in part.partition("="))
        if not equals or not column:
            raise UsageError(f"--columns {part}: expected FIELD=COLUMN, such as title=headline")
        if field not in ("id", *FIELDS):
            near = get_close_matches(field, ("id", *FIELDS), n=1)
            hint = f": did you mean {near[0]}?" if near else f"; fields: id, {', '.join(FIELDS)}"
            raise UsageError(f"--columns {part}: no field {field!r}{hint}")
        columns[field] = column
    return columns


def records(
    file: IO[bytes], form: FileFormat, name: str, columns: Mapping[str, str], lines: Iterable[bytes] | None = None
) -> Iterator[Record]:
    """Return the records of a file as items, their columns renamed; `lines` are its lines, where others count them.

    Raises UsageError for a file whose header has not the columns, or that is none of its format.
    """
    if form.kind == "parquet":
        yield from parquet_rows(file, name, columns)
        return
    given = bounded_lines(file) if lines is None else lines
    if form.kind == "jsonl":
        made = _json_lines(given)
    elif form.kind == "json":
        made = _json_array(file, name)
    else:
        yield from _cells(given, "," if form.kind == "csv" else "\t", name, columns)
        return
    for record in made:
        yield record if record.item is None or not columns else _renamed(record, columns)


def _renamed(record: Record, columns: Mapping[str, str]) -> Record:
    assert record.item is not None
    item = {field: record.item.get(columns.get(field, field)) for field in ("id", *FIELDS)}
    return Record(place=record.place, item=item)


def _json_lines(lines: Iterable[bytes]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                if line is TOO_LONG:
                    raise ItemError(f"longer than {LONGEST_LINE_MB} MB")
                yield Record(place=number, item=_object(line))
            except ItemError as error:
                yield Record(place=number, error=error)


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        item = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ItemError(not_utf8(line)) from None
    except json.JSONDecodeError as error:
        raise ItemError(f"not JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ItemError("not JSON that can be read: nested too deeply") from None
    except ValueError:
        raise ItemError("not JSON that can be read: a number of too many digits") from None
    if not isinstance(item, dict):
        raise ItemError(f"expected one JSON object a line, got {kind_of(item)}")
    return item


def _json_array(file: IO[bytes], name: str) -> Iterator[Record]:
    """Read the values of one JSON array, without having all of it in memory."""
    text = _TextWindow(file, name)
    if text.next_sign() != "[":
        raise UsageError(f"{name}: expected a JSON array: [ ... ]; JSON lines are --from jsonl")
    text.drop(1)
    number = 0
    while (sign := text.next_sign()) != "]":
        if number and sign == ",":
            text.drop(1)
            sign = text.next_sign()
        elif number:
            raise UsageError(f"{name}: item {number}: expected , or ] behind it" if sign else f"{name}: cut off")
        number += 1
        value = text.value(number)
        wrong = None if isinstance(value, dict) else ItemError(f"expected a JSON object, got {kind_of(value)}")
        yield Record(place=number, item=value if wrong is None else None, error=wrong)


class _TextWindow:
    """The part of a text of JSON that is being read."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        self._text = ""
        self._at = 0
        self._rest = b""
        self._ended = False

    def next_sign(self) -> str:
        """Return the next character that is no white space; nothing at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n\ufeff":
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def drop(self, count: int) -> None:
        """Pass over so many characters."""
        self._at += count

    def value(self, number: int) -> Any:
        """Return the value that begins here."""
        wanted = 0
        while True:
            try:
                value, end = json.JSONDecoder().raw_decode(self._text, self._at)
            except (json.JSONDecodeError, RecursionError, ValueError) as error:
                # each try reads twice as much as the last one, so that a long value is not read again and again
                wanted = max(2 * wanted, _CHUNK)
                if isinstance(error, RecursionError) or wanted > _LONGEST or not self._more(wanted):
                    raise UsageError(f"{self._name}: item {number}: not JSON, or cut off: {error}") from None
                continue
            if end < len(self._text) or self._ended:
                self._at = end
                return value
            # a number may go on
            self._more()

    def _more(self, size: int = _CHUNK) -> bool:
        data = self._rest + self._file.read(size)
        self._ended = len(data) == len(self._rest)
        try:
            # a character may be cut in two
            end = len(data) if self._ended else _whole_characters(data)
            text = data[:end].decode()
        except UnicodeDecodeError:
            raise UsageError(f"{self._name}: {not_utf8(data)}") from None
        self._rest = data[end:]
        self._text, self._at = self._text[self._at :] + text, 0
        return bool(text) or not self._ended


def _whole_characters(data: bytes) -> int:
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if back < needed else len(data)
        if byte < 0x80:
            break
    return len(data)


def _cells(lines: Iterable[bytes], delimiter: str, name: str, columns: Mapping[str, str]) -> Iterator[Record]:
    """Read CSV (RFC 4180) with a header; a cell that is empty is null."""
    csv.field_size_limit(_LONGEST)
    text = (_cell_text(line, name).decode("utf-8", "surrogateescape") for line in lines)
    first = next(text, "")
    if any("\udc80" <= sign <= "\udcff" for sign in first):
        raise UsageError(f"{name}:1: {not_utf8(first.encode('utf-8', 'surrogateescape'))}")
    if delimiter == "," and "," not in first and ";" in first:
        # spreadsheets write semicolons where a comma stands before decimals
        delimiter = ";"
    reader = csv.reader(chain([first] if first else [], text), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        raise UsageError(f"{name}:1: {error}") from None
    if header:
        header[0] = header[0].removeprefix("\ufeff").strip('"')
    twice = next((cell for cell in header if header.count(cell) > 1 and cell), None)
    if twice is not None:
        raise UsageError(f"{name}:1: the column {twice!r} is there twice")
    wanted = {field: columns.get(field, field) for field in ("id", *FIELDS)}
    check_columns(header, wanted, f"{name}:1")
    places = {field: header.index(column) for field, column in wanted.items() if column in header}
    while True:
        begun = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Record(place=begun, error=ItemError(_of_csv(error)))
            continue
        if cells is None:
            return
        if cells:
            yield _row(begun, cells, len(header), places)


def _cell_text(line: bytes, name: str) -> bytes:
    """Return a line of CSV; raises UsageError for one too long, since nobody knows in whose cell it ends."""
    if line is TOO_LONG:
        raise UsageError(f"{name}: a line is longer than {LONGEST_LINE_MB} MB")
    return line


def _row(place: int, cells: Sequence[str], count: int, places: Mapping[str, int]) -> Record:
    if len(cells) != count:
        wrong = f"expected {count} cells as the header has, got {len(cells)}"
    elif any("\udc80" <= sign <= "\udcff" for cell in cells if not cell.isascii() for sign in cell):
        wrong = not_utf8(b"")
    else:
        return Record(place=place, item={field: cells[number] or None for field, number in places.items()})
    return Record(place=place, error=ItemError(wrong))


def _of_csv(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "a quotation mark that is opened here is never closed"
    return f"not CSV: {error}"
