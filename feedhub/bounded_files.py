"""Files that people name, read without more of them in memory than a file of their kind has: `/dev/zero` never ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO

from feedhub.errors import UsageError

#: a configuration, a list of sources or a file of decisions: 10,000 sources take 2 MB
LARGEST_MB = 20
#: bytes of a line that is an item, a page or a label: one may be a whole article. What is longer is none, and may be a
#: few kilobytes that were packed
LONGEST_LINE_MB = 64
_LONGEST = LONGEST_LINE_MB << 20
#: what stands for a line that is longer
TOO_LONG = b"longer than a line may be\n"
#: what is read at once of a line that is passed over
_CHUNK = 1 << 20


def read_bounded(file: Path | IO[bytes]) -> bytes:
    """Return a whole file's bytes; raises UsageError for one of more than LARGEST_MB, OSError as reading does."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return read_bounded(opened)
    body = file.read(LARGEST_MB * 1_000_000 + 1)
    if len(body) > LARGEST_MB * 1_000_000:
        raise UsageError(f"larger than {LARGEST_MB} MB: name another file, or split this one")
    return body


def bounded_lines(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file's lines; TOO_LONG, which is no JSON and no row, for one of more than LONGEST_LINE_MB."""
    while line := file.readline(_LONGEST + 1):
        if len(line) <= _LONGEST:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(_CHUNK)
        yield TOO_LONG
