"""Teasers <-> bytes, so that they are made once: of twenty thousand that is three seconds against a fifth of one.

A word takes its four bytes, how often it counts nothing where that is once; beside them a teaser takes 40 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from feedhub.match.reading.teaser import Teaser

#: raised when what words, weights or the layout mean changes: what was packed before is worth nothing then
_VERSION = 1
_HEAD = 3
_ROW = np.dtype(
    [
        ("number", "<i8"),
        ("outlet", "<u8"),
        ("agency", "<u8"),
        ("time", "<f8"),
        ("words", "<u4"),
        ("has_page", "?"),
        ("digest", "<i8"),
    ]
)
_OFTEN = np.dtype([("place", "<u4"), ("times", "<u4")])


def pack_teasers(teasers: Sequence[Teaser]) -> bytes:
    """Return teasers as bytes."""
    rows = np.array(
        [
            (t.number, t.outlet, t.agency, np.nan if t.time is None else t.time, len(t.words), t.has_page, t.digest)
            for t in teasers
        ],
        dtype=_ROW,
    )
    words = np.concatenate([np.zeros(0, dtype="<u4"), *(each.words for each in teasers)])
    counts = np.concatenate([np.zeros(0, dtype=np.float32), *(each.counts for each in teasers)])
    # a count is 1 + log(times)
    times = np.rint(np.exp(counts.astype(np.float64) - 1.0)).astype(np.int64)
    places = np.flatnonzero(times != 1)
    often = np.zeros(len(places), dtype=_OFTEN)
    often["place"], often["times"] = places, times[places]
    head = np.array([_VERSION, len(teasers), len(often)], dtype="<u4")
    return b"".join((head.tobytes(), rows.tobytes(), often.tobytes(), words.astype("<u4").tobytes()))


def numbers_of(packed: bytes) -> frozenset[int]:
    """Return the numbers of the teasers that `unpack_teasers` would return; ValueError if damaged."""
    version, number, _ = np.frombuffer(packed, dtype="<u4", count=_HEAD).tolist()
    if version != _VERSION:
        return frozenset()
    return frozenset(np.frombuffer(packed, dtype=_ROW, count=number, offset=4 * _HEAD)["number"].tolist())


def unpack_teasers(packed: bytes) -> list[Teaser]:
    """Return the teasers that `pack_teasers` packed, none of those that another version has; ValueError if damaged."""
    version, number, repeated = np.frombuffer(packed, dtype="<u4", count=_HEAD).tolist()
    if version != _VERSION:
        return []
    at = 4 * _HEAD
    rows = np.frombuffer(packed, dtype=_ROW, count=number, offset=at)
    at += rows.nbytes
    often = np.frombuffer(packed, dtype=_OFTEN, count=repeated, offset=at)
    words = np.frombuffer(packed, dtype="<u4", offset=at + often.nbytes).astype(np.uint32)
    if rows["words"].sum() != len(words) or (often["place"] >= len(words)).any():
        raise ValueError("teasers without their words")
    counts = np.ones(len(words), dtype=np.float32)
    counts[often["place"]] = (1.0 + np.log(np.maximum(often["times"].astype(np.float64), 1.0))).astype(np.float32)
    ends = np.cumsum(rows["words"].astype(np.int64)).tolist()
    columns = (rows[name].tolist() for name in ("number", "outlet", "agency", "time", "has_page", "digest"))
    return [
        Teaser(
            number=own,
            outlet=outlet,
            time=None if time != time else time,
            agency=agency,
            words=words[begin:end],
            counts=counts[begin:end],
            has_page=has_page,
            digest=digest,
        )
        for begin, end, own, outlet, agency, time, has_page, digest in zip([0, *ends][:-1], ends, *columns, strict=True)
    ]
