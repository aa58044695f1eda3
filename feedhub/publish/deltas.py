"""What of a document is new to somebody who holds an earlier version of it (RFC 3229, `A-IM: feed`)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from feedhub.model import Tombstone

#: bytes that stand for an entry in a manifest: two of 10,000 are alike once in a hundred billion documents
_SIZE = 8


def manifest(digests: Iterable[bytes], tombstones: Iterable[Tombstone]) -> bytes:
    """Pack what a version of a document holds: enough to tell later what it lacks."""
    return b"".join(sorted([*digests, *map(_tombstone_digest, tombstones)]))


def digests_of(known: bytes) -> frozenset[bytes]:
    """Return the digests that a manifest packs."""
    return frozenset(known[at : at + _SIZE] for at in range(0, len(known), _SIZE))


def missing_tombstones(known: frozenset[bytes], tombstones: Iterable[Tombstone]) -> tuple[Tombstone, ...]:
    """Return the tombstones that are not among the digests `known`."""
    return tuple(stone for stone in tombstones if _tombstone_digest(stone) not in known)


def digest_of(entry: bytes) -> bytes:
    """Return what stands for an entry in a manifest."""
    return blake2b(entry, digest_size=_SIZE).digest()


def _tombstone_digest(stone: Tombstone) -> bytes:
    content = f"{stone.id} {stone.when.isoformat()} {stone.reason} {stone.successor}"
    return digest_of(content.encode("utf-8", "backslashreplace"))
