"""Whether a folder of static files still says what the store does: a round without news renders nothing.

The hub keeps of each folder what its files were rendered from, and their sizes and times. Neither a document nor the
matcher, which puts the reports of one event together, is loaded where all of that still holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from msgspec import Struct

from feedhub.directory import OutputDirectory
from feedhub.store import Connection, Database, archives, database, stories


class FilesStamp(Struct, frozen=True, kw_only=True):
    """What the files of a folder are rendered from."""

    #: the hub's change number
    change: int
    #: stands for the outputs as they are configured, this version of the program and the newest archives
    made_of: str
    #: microseconds since 1970 when a story that is held back appears, or a tombstone goes; None where neither will
    until: int | None

    def holds(self, other: FilesStamp, now: datetime) -> bool:
        """Whether files of this stamp say at `now` what those of the `other` would."""
        is_over = self.until is not None and self.until <= microseconds(now)
        return not is_over and (self.change, self.made_of) == (other.change, other.made_of)


def files_stamp(store: Database, directory: OutputDirectory, now: datetime) -> FilesStamp:
    """Return the stamp of files rendered at `now`; taken before they are rendered, it never tells of too much."""
    with store.read() as connection:
        newest = [archives.newest_number(connection, rule.name) for rule in directory.rules]
        return FilesStamp(
            change=database.change_number(connection),
            made_of=content_digest(directory, newest),
            until=min(map(microseconds, _ends(connection, directory, now)), default=None),
        )


def content_digest(*values: object) -> str:
    """Return what stands for these values, as their `repr` tells them, under this version of the program."""
    content = repr((_version(), *values)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _version() -> str:
    try:
        return version("feedhub")
    except PackageNotFoundError:
        return ""


def _ends(connection: Connection, directory: OutputDirectory, now: datetime) -> Iterable[datetime]:
    """Yield when time alone will change what the files say."""
    if (release := stories.next_release(connection, now)) is not None:
        yield release
    for rule in directory.rules:
        for stone in stories.tombstones(connection, rule.name, since=now - directory.retention):
            yield stone.when + directory.retention


def are_current(store: Database, folder: Path, stamp: FilesStamp, now: datetime) -> bool:
    """Whether the files that were rendered into a folder lie there untouched, and would be rendered alike."""
    with store.read() as connection:
        text = database.get_value(connection, _key(folder))
    if text is None:
        return False
    known = json.loads(text)
    before = FilesStamp(change=known["change"], made_of=known["made_of"], until=known["until"])
    return before.holds(stamp, now) and known["files"] == _states(folder, known["files"])


def note_files(store: Database, folder: Path, stamp: FilesStamp, names: Iterable[str]) -> None:
    """Keep what a folder's files, which were just written, were rendered from."""
    known = {
        "change": stamp.change,
        "made_of": stamp.made_of,
        "until": stamp.until,
        "files": _states(folder, names),
    }
    with store.write() as connection:
        database.set_value(connection, _key(folder), json.dumps(known))


def _states(folder: Path, names: Iterable[str]) -> dict[str, Any]:
    """Return the size and time of each file; a file that is not there has neither."""
    states: dict[str, Any] = {}
    for name in names:
        try:
            state = (folder / name).stat()
            states[name] = [state.st_size, state.st_mtime_ns, state.st_ino]
        except OSError:
            states[name] = None
    return states


def _key(folder: Path) -> str:
    name = str(folder.resolve()).encode("utf-8", "surrogateescape")
    return f"files {hashlib.blake2b(name, digest_size=16).hexdigest()}"


def microseconds(instant: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    return round(instant.timestamp() * 1e6)
