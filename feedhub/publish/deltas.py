"""What of a document is new to somebody who holds an earlier version of it (RFC 3229, `A-IM: feed`)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from feedhub.model import Tombstone

#: bytes that stand for an entry in a manifest: two of 10,000 are alike once in a hundred billion documents
_SIZE = 8


def manifest(entries: Iterable[bytes], tombstones: Iterable[Tombstone]) -> bytes:
    """Pack what a version of a document holds: enough to tell later what it lacks."""
    return b"".join(sorted([*map(_digest, entries), *map(_tombstone_digest, tombstones)]))


def missing(
    known: bytes, entries: Iterable[bytes], tombstones: Iterable[Tombstone]
) -> tuple[list[int], tuple[Tombstone, ...]]:
    """Return the positions of the entries, and the tombstones, that are not in the manifest `known`."""
    digests = {known[at : at + _SIZE] for at in range(0, len(known), _SIZE)}
    positions = [position for position, entry in enumerate(entries) if _digest(entry) not in digests]
    return positions, tuple(stone for stone in tombstones if _tombstone_digest(stone) not in digests)


def _digest(entry: bytes) -> bytes:
    return blake2b(entry, digest_size=_SIZE).digest()


def _tombstone_digest(stone: Tombstone) -> bytes:
    content = f"{stone.id} {stone.when.isoformat()} {stone.reason} {stone.successor}"
    return _digest(content.encode("utf-8", "backslashreplace"))
