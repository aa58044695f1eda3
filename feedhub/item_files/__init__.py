"""Files of items and of rows: JSON lines, JSON arrays, CSV, TSV and Parquet, plain or as gz or zst, from pipes, too.

file_format     a name's suffix, or what was asked for -> the format and its compression
record_reading  bytes -> records, one at a time, each with its place; what is none is an error with that place
parquet_reading the same of Parquet, whose texts stand by columns
row_writing     rows -> bytes, as they come
"""

from feedhub.item_files.file_format import FileFormat, format_of, opened_for_reading, opened_for_writing
from feedhub.item_files.item_record import Record
from feedhub.item_files.record_reading import parsed_columns, records
from feedhub.item_files.row_writing import RowWriter

__all__ = [
    "FileFormat",
    "Record",
    "RowWriter",
    "format_of",
    "opened_for_reading",
    "opened_for_writing",
    "parsed_columns",
    "records",
]
