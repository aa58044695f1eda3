"""Sources that are paths: a regular file, or a folder of them, opened without blocking and size-capped."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import xxhash

from feedhub.fetch.own_limits import raise_if_ours
from feedhub.model import Fetched, FetchFailed, FetchResult, NotModified, Source
from feedhub.unix import O_CLOEXEC, O_NOCTTY, O_NONBLOCK

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
_FOLDER_KINDS = (".xml", ".json")
#: a folder larger than this is a mistake in the configuration
_MOST_FILES = 2000


def read_path(source: Source, *, body_hash: str | None, cap: int) -> FetchResult:
    """Read the document at a path; for a folder its `*.xml` and `*.json` in name order, as `parts`."""
    path = Path(source.url)
    result = _folder(source, path, cap) if path.is_dir() else _file(source.id, path, cap)
    if isinstance(result, Fetched) and body_hash and result.body_hash == body_hash:
        return NotModified(source=source.id)
    return result


def _folder(source: Source, folder: Path, cap: int) -> FetchResult:
    try:
        names = sorted(n for n in os.listdir(folder) if n.endswith(_FOLDER_KINDS) and not n.startswith("."))
    except OSError as error:
        raise_if_ours(error)
        return _failed(source.id, folder, error.strerror or str(error))
    if len(names) > _MOST_FILES:
        return _failed(source.id, folder, f"{len(names)} files, at most {_MOST_FILES} are read")
    parts = tuple(_inside(source.id, folder, name, cap) for name in names)
    good = [part for part in parts if isinstance(part, Fetched)]
    if not good:
        return parts[0] if parts else _failed(source.id, folder, "the folder holds no *.xml or *.json file")
    digest = xxhash.xxh3_128()
    for name, part in zip(names, parts, strict=True):
        digest.update(f"{name}\n{part.body_hash if isinstance(part, Fetched) else part.reason}\n".encode())
    return Fetched(source=source.id, url=str(folder), body=b"", parts=parts, body_hash=digest.hexdigest())


def _inside(source_id: str, folder: Path, name: str, cap: int) -> Fetched | FetchFailed:
    """One file of a folder; a link may not lead out of it."""
    home = folder.resolve()
    if home not in (folder / name).resolve().parents:
        return _failed(source_id, folder / name, "a link that leads out of its folder")
    return _file(source_id, folder / name, cap)


def _file(source_id: str, path: Path, cap: int) -> Fetched | FetchFailed:
    try:
        handle = os.open(path, _FLAGS)
    except OSError as error:
        raise_if_ours(error)
        return _failed(source_id, path, error.strerror or str(error))
    except ValueError as error:
        return _failed(source_id, path, str(error))
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return _failed(source_id, path, "no regular file")
        body = _read(handle, cap, status.st_size)
    except OSError as error:
        raise_if_ours(error)
        return _failed(source_id, path, error.strerror or str(error))
    finally:
        os.close(handle)
    if len(body) > cap:
        return _failed(source_id, path, f"too large: more than {cap / 1e6:g} MB")
    kind = "application/json" if path.suffix == ".json" else None
    return Fetched(
        source=source_id, url=str(path), body=body, content_type=kind, body_hash=xxhash.xxh3_128_hexdigest(body)
    )


def _read(handle: int, cap: int, size: int) -> bytes:
    """Read at most one byte more than the cap; a file of this size comes in one piece, which nothing has to join."""
    parts, remaining = [], cap + 1
    while remaining > 0 and (piece := os.read(handle, min(remaining, max(size, 1 << 20)))):
        parts.append(piece)
        remaining -= len(piece)
    return b"".join(parts)


def _failed(source_id: str, path: Path, why: str) -> FetchFailed:
    return FetchFailed(source=source_id, reason=f"{path}: {why}")
