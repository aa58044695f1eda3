"""Which format a file has, by its name or by what a person says, and its bytes without compression."""

from __future__ import annotations

import gzip
import io
import sys
from difflib import get_close_matches
from pathlib import PurePath
from typing import IO, Any, cast

from msgspec import Struct

from feedhub.errors import UsageError

#: suffixes of the formats, and those of compression
_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_COMPRESSIONS = {".gz": "gz", ".zst": "zst"}
_MAGIC = {"gz": b"\x1f\x8b", "zst": b"\x28\xb5\x2f\xfd"}
KINDS = ("jsonl", "json", "csv", "tsv", "parquet")


class FileFormat(Struct, frozen=True, kw_only=True):
    """A format, `jsonl`, `json`, `csv`, `tsv` or `parquet`, and its compression: "", `gz` or `zst`."""

    kind: str = "jsonl"
    compression: str = ""


def format_of(name: str, asked: str | None = None, option: str = "--from") -> FileFormat:
    """Return the format of a file by what was asked for (`csv`, `csv.gz`), else by its suffix, else JSON lines."""
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes]
    compression = _COMPRESSIONS.get(suffixes[-1], "") if suffixes else ""
    if asked is not None:
        kind, _, packed = asked.lower().partition(".")
        if kind not in KINDS or packed not in ("", *_MAGIC):
            near = get_close_matches(kind, KINDS, n=1)
            hint = f": did you mean {near[0]}?" if near else ""
            raise UsageError(f"{option} {asked}: expected {', '.join(KINDS)}, each with .gz or .zst or without{hint}")
        return FileFormat(kind=kind, compression=packed or compression)
    if compression:
        suffixes.pop()
    return FileFormat(kind=_SUFFIXES.get(suffixes[-1], "jsonl") if suffixes else "jsonl", compression=compression)


def opened_for_reading(file: IO[bytes], name: str) -> IO[bytes]:
    """Return a file's bytes without compression, which is told by how it begins."""
    buffered = file if hasattr(file, "peek") else io.BufferedReader(file)  # type: ignore[type-var]
    begin = buffered.peek(4)[:4]
    for compression, magic in _MAGIC.items():
        if begin.startswith(magic):
            reader: Any = gzip.GzipFile(fileobj=buffered) if compression == "gz" else _zstd().open(buffered, "rb")
            return io.BufferedReader(_Decompressed(reader, name))
    return buffered


def opened_for_writing(file: IO[bytes], compression: str) -> IO[bytes]:
    """Return a file to write to that compresses; closing it does not close the one below."""
    if compression == "gz":
        # no time of writing: the same rows are the same bytes
        return cast(IO[bytes], gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0))
    return cast(IO[bytes], _zstd().open(file, "wb")) if compression == "zst" else file


class _Decompressed(io.RawIOBase):
    """What decompression gives, its errors a line for a person."""

    def __init__(self, reader: IO[bytes], name: str) -> None:
        self._reader = reader
        self._name = name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._reader.read(len(buffer))
        except EOFError:
            raise UsageError(f"{self._name}: cut off: its compressed data end too early") from None
        except (OSError, ValueError, _zstd().ZstdError) as error:
            raise UsageError(f"{self._name}: damaged: {error}") from error
        buffer[: len(data)] = data
        return len(data)


def _zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd
