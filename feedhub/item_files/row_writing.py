"""Rows -> a file in any of the formats, written as they come."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import IO, Any

from feedhub.errors import UsageError
from feedhub.item_files.file_format import FileFormat, opened_for_writing

#: rows of a row group of Parquet
_ROWS = 20_000


class RowWriter:
    """Writes rows of the same columns; `close` ends the document and leaves the file below open."""

    def __init__(self, file: IO[bytes], form: FileFormat, columns: Sequence[str], numbers: Sequence[str] = ()) -> None:
        """Begin a file of these columns; `numbers` are those of them that hold whole numbers alone."""
        self._below = file
        self._columns = tuple(columns)
        self._kind = form.kind
        self._rows = 0
        self._waiting: list[Mapping[str, Any]] = []
        self._parquet: Any = None
        if form.kind == "parquet":
            self._parquet = _parquet_writer(file, form, columns, numbers)
            return
        self._file = opened_for_writing(file, form.compression)
        if form.kind == "json":
            self._file.write(b"[")
        elif form.kind != "jsonl":
            self._cells([*columns])

    def write(self, row: Mapping[str, Any]) -> None:
        """Write one row."""
        if self._parquet is not None:
            self._waiting.append(row)
            if len(self._waiting) == _ROWS:
                self._write_group()
        elif self._kind in ("jsonl", "json"):
            text = json.dumps(row, ensure_ascii=False, default=str)
            before = b"" if self._kind == "jsonl" else b",\n" if self._rows else b"\n"
            self._file.write(before + text.encode("utf-8") + (b"\n" if self._kind == "jsonl" else b""))
        else:
            self._cells([_cell(row.get(column)) for column in self._columns])
        self._rows += 1

    def close(self) -> None:
        """End the document."""
        if self._parquet is not None:
            self._write_group()
            self._parquet[0].close()
            return
        if self._kind == "json":
            self._file.write(b"\n]\n")
        if self._file is not self._below:
            self._file.close()
        self._below.flush()

    def _cells(self, cells: Sequence[str]) -> None:
        line = io.StringIO()
        csv.writer(line, delimiter="," if self._kind == "csv" else "\t", lineterminator="\n").writerow(cells)
        self._file.write(line.getvalue().encode("utf-8"))

    def _write_group(self) -> None:
        writer, schema, pa = self._parquet
        columns = {
            field.name: [_for_type(row.get(field.name), field.type, pa) for row in self._waiting] for field in schema
        }
        writer.write_table(pa.table(columns, schema=schema))
        self._waiting = []


def _cell(value: Any) -> str:
    """Return a value as a cell: nothing for null, lists as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | tuple | dict) else str(value)


def _for_type(value: Any, kind: Any, pa: Any) -> Any:
    if value is None or not pa.types.is_string(kind) or isinstance(value, str):
        return value
    return _cell(value)


def _parquet_writer(file: IO[bytes], form: FileFormat, columns: Sequence[str], numbers: Sequence[str]) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise UsageError("Parquet needs pyarrow: pip install 'feedhub[parquet]'") from error
    if form.compression:
        raise UsageError("Parquet compresses by itself: leave .gz or .zst out")
    kinds = {"canonical": pa.bool_(), "merged": pa.bool_(), "score": pa.float64(), "threshold": pa.float64()}
    whole = {name: pa.int64() for name in ("items", "shared_words", *numbers)}
    schema = pa.schema([(name, {**kinds, **whole}.get(name, pa.string())) for name in columns])
    return pq.ParquetWriter(file, schema), schema, pa
