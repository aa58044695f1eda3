"""Parquet -> records, some rows at a time; a text that many rows share is one in memory, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from feedhub.bounded_files import LONGEST_LINE_MB
from feedhub.errors import ItemError, UsageError
from feedhub.frames import check_columns
from feedhub.item_files.item_record import Record, not_utf8
from feedhub.items import FIELDS

#: bytes of a text, as of a line
_LONGEST = LONGEST_LINE_MB << 20
#: rows that are read at once, fewer where they are long
_ROWS = 1_000


def parquet_rows(file: IO[bytes], name: str, columns: Mapping[str, str]) -> Iterator[Record]:
    """Return the rows of a file as items, their columns renamed; raises UsageError for one that cannot be read."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError as error:
        raise UsageError("Parquet needs pyarrow: pip install 'feedhub[parquet]'") from error
    if not file.seekable():
        raise UsageError(f"{name}: Parquet cannot be read from a pipe: name a file")
    wanted = {field: columns.get(field, field) for field in ("id", *FIELDS)}
    try:
        with pq.ParquetFile(file) as whole:
            schema, metadata = whole.schema_arrow, whole.metadata
        check_columns(schema.names, wanted, name)
        known = {field: column for field, column in wanted.items() if column in schema.names}
        # a page of a few bytes may name one text of megabytes for each of a million rows
        texts = [column for column in known.values() if _is_text(schema.field(column).type, pa)]
        rows = _rows_at_once(metadata, set(known.values()), name)
        with pq.ParquetFile(file, metadata=metadata, read_dictionary=texts) as table:
            number = 0
            for batch in table.iter_batches(batch_size=rows, columns=list(dict.fromkeys(known.values()))):
                values = {field: _microseconds(batch.column(column), pa) for field, column in known.items()}
                for row in range(batch.num_rows):
                    number += 1
                    yield _record(number, row, values)
    except MemoryError as error:
        raise UsageError(f"{name}: holds more at once than there is memory for") from error
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise UsageError(f"{name}: cannot be read as Parquet: {error}") from error


def _is_text(kind: Any, pa: Any) -> bool:
    return any(test(kind) for test in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary))


def _rows_at_once(metadata: Any, columns: set[str], name: str) -> int:
    """Return of how many rows the texts are no more than a line may have, by what the file says of itself."""
    largest = 1.0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            chunk = group.column(place)
            if chunk.path_in_schema.partition(".")[0] in columns:
                largest = max(largest, chunk.total_uncompressed_size / max(group.num_rows, 1))
                if largest > _LONGEST:
                    raise UsageError(f"{name}: row group {number + 1}: rows of more than {LONGEST_LINE_MB} MB")
    return max(1, min(_ROWS, int(_LONGEST / largest)))


def _record(place: int, row: int, values: Mapping[str, Any]) -> Record:
    item = {}
    for field, column in values.items():
        try:
            value = item[field] = column[row].as_py()
        except UnicodeDecodeError:
            return Record(place=place, error=ItemError(not_utf8(b"")))
        except (ValueError, OverflowError) as error:
            return Record(place=place, error=ItemError(f"{field}: {error}"))
        if isinstance(value, str | bytes) and len(value) > _LONGEST:
            return Record(place=place, error=ItemError(f"{field}: longer than {LONGEST_LINE_MB} MB"))
    return Record(place=place, item=item)


def _microseconds(column: Any, pa: Any) -> Any:
    """Return a column whose times are no finer than a microsecond, as Python's are."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column
