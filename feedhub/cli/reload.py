"""A configuration that changed -> the one to go on with: what mistakes forbid, and what only a restart can change."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from feedhub.config import Config
from feedhub.structs import replace

#: how often the files of a configuration are looked at
WATCH_SECONDS = 2.0
#: a file's number in the file system, its size and when it was written
Signatures = Mapping[Path, tuple[int, int, int] | None]


def with_fixed_settings(new: Config, running: Config) -> tuple[Config, tuple[str, ...]]:
    """Return the new configuration with what a running process cannot change as it is, and the names of that."""
    names = [name for name in ("database", "identity") if getattr(new, name) != getattr(running, name)]
    names += [
        f"server.{name}" for name in ("host", "port") if getattr(new.server, name) != getattr(running.server, name)
    ]
    server = replace(new.server, host=running.server.host, port=running.server.port)
    return replace(new, database=running.database, identity=running.identity, server=server), tuple(names)


def differences(new: Config, running: Config) -> dict[str, int]:
    """Count what a new configuration changes: sources and feeds that came, went or are other."""
    before, now = ({source.id: source for source in config.sources} for config in (running, new))
    shared = before.keys() & now.keys()
    feeds = {rule.name: rule for rule in new.feeds}.items() ^ {rule.name: rule for rule in running.feeds}.items()
    return {
        "added": len(now.keys() - shared),
        "removed": len(before.keys() - shared),
        "changed": sum(before[name] != now[name] for name in shared),
        "feeds": len({name for name, _ in feeds}),
    }


def is_same(new: Config, running: Config) -> bool:
    """Tell whether two configurations mean the same."""
    return replace(new, warnings=(), files=()) == replace(running, warnings=(), files=())


async def changes(files: Sequence[Path], read: Signatures, *, seconds: float = WATCH_SECONDS) -> None:
    """Return once one of the files is another, and stays as it is from one look to the next.

    `read`: what they were before they were read last, as far as that is known: what came since then is a change.
    """
    last = await asyncio.to_thread(signatures, files)
    first = {path: read.get(path, found) for path, found in last.items()}
    while True:
        await asyncio.sleep(seconds)
        now = await asyncio.to_thread(signatures, files)
        if now == last != first:
            return
        last = now


def signatures(files: Sequence[Path]) -> Signatures:
    """Return what tells the files from what they are after a change; None for one that is not there."""
    return {path: _signature(path) for path in files}


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        # an editor moves it away for a moment; nothing is read until it is there
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)
