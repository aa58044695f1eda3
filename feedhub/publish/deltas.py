"""What of a document is new to somebody who holds an earlier version of it (RFC 3229, `A-IM: feed`)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from feedhub.model import Tombstone

#: bytes that stand for an entry in a manifest: two of 10,000 are alike once in a hundred billion documents
_SIZE = 8


def manifest(entries: Iterable[bytes], tombstones: Iterable[Tombstone]) -> bytes:
    """What a version of a document holds, packed: enough to tell later what it lacks."""
    return b"".join(sorted([*map(_mark, entries), *map(_grave, tombstones)]))


def lacking(
    held: bytes, entries: Iterable[bytes], tombstones: Iterable[Tombstone]
) -> tuple[list[int], tuple[Tombstone, ...]]:
    """The places of the entries, and the tombstones, that are not in the manifest."""
    known = {held[at : at + _SIZE] for at in range(0, len(held), _SIZE)}
    places = [place for place, entry in enumerate(entries) if _mark(entry) not in known]
    return places, tuple(stone for stone in tombstones if _grave(stone) not in known)


def _mark(entry: bytes) -> bytes:
    return blake2b(entry, digest_size=_SIZE).digest()


def _grave(stone: Tombstone) -> bytes:
    told = f"{stone.id} {stone.when.isoformat()} {stone.reason} {stone.successor}"
    return _mark(told.encode("utf-8", "backslashreplace"))
