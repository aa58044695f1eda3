"""`feedhub sources remove`: rows out of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_message
from feedhub.config import remove_source
from feedhub.errors import UsageError
from feedhub.model import Source


def run(path: Path, ids: Sequence[str]) -> int:
    """Take out the rows of all `ids`, or of none where one is unknown."""
    sources = {source.id: source for source in read_config(path).sources}
    unknown = [name for name in ids if name not in sources]
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: no source has that id: `feedhub sources list` shows them")
    for name in dict.fromkeys(ids):
        _remove(path, sources[name])
    return 0


def _remove(path: Path, source: Source) -> None:
    try:
        remove_source(path, source.id)
    except UsageError as error:
        if "no row of" not in str(error):
            raise
        raise UsageError(f"{source.id}: comes from an OPML list that {path} names: take it out there") from error
    print_message(f"`{source.id}` removed from {path}: polled no more, its copies stay until retention")
