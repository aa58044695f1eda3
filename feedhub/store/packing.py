"""How rows are compressed: zstd, with what all rows have in common known beforehand.

A story's row has a third of its bytes in the names of its fields: with `_COMMON` as the dictionary 220 bytes of 1,060
are left instead of 400, in 5 microseconds, and of a copy's 310 bytes 106 instead of 213.
"""

from __future__ import annotations

import sys
from threading import local
from typing import Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LEVEL = 3
#: of rows, which the dictionary makes small: a higher one takes half as long again for half a percent
_ROW_LEVEL = 1
#: bytes of what a row or text is unpacked to: four times the longest document that is fetched. A few kilobytes may hold
#: gigabytes in a database that somebody else has written
_LARGEST = 64 << 20
#: what rows of our values have in common, all of it invented; a row cannot be read with another one, so that it changes
#: by a migration alone
_COMMON = (
    b'"rights":"summary","priority":1,"trust":"high","agency_own":true,"via":"http://www.","cited":["'
    b'"place":"","date":"2026-06-0","revision":"update 2","correction":"","disputes":[{"key":{"source":"'
    b'"related":[{"id":"tag:","title":"","shared_words":40,"ground":" shared words, "}],"agencies":["'
    b'"comments":"https://","media":[{"url":"https://www.","type":"image/jpeg","medium":"image","length":,"width":,'
    b'"height":,"title":"","description":"","credit":"'
    b'"date_doubtful":true,"origin":{"name":"","url":"https://www."},"wire":{"agency":"","credit":"","place":"",'
    b'"byline":"","desk":"","revision":{"kind":"update","number":2}},"dropped":{"'
    b'"removed":[["'
    b'"standing":"earlier","relation":"revision","score":0.9,"ground":" words in shared runs"}'
    b'"relation":"excerpt","relation":"copy","score":1.0,"ground":" of  words in shared runs","'
    b'{"key":{"source":"","guid":"https://www."},"outlet":".com","title":"","summary":"","url":"https://www.",'
    b'"url_key":"","published":"2026-06-01T12:00:00Z","first_seen":"2026-06-01T12:00:00Z","language":"en",'
    b'"authors":[""],"categories":["World","News"],"rights":"Copyright "}'
    b'{"id":"tag:,2026:","canonical":{"source":"","guid":"https://www."},"title":"","summary":"","url":"https://www.",'
    b'"authors":[""],"categories":["News"],"language":"en","published":"2026-06-01T12:00:00Z",'
    b'"updated":"2026-06-01T12:00:00Z","released":"2026-06-01T12:00:00Z","publisher":{"source":"","name":"","outlet":"",'
    b'"id":"https://www.","title":"","link":"https://www.","self_link":"https://www.","updated":"2026-06-01T12:00:00Z",'
    b'"authors":[""]},"copies":[{"key":{"source":"","guid":"https://www."},"outlet":".com","name":"","title":"",'
    b'"url":"https://www.","published":"2026-06-01T12:00:00Z","first_seen":"2026-06-01T12:00:00Z","relation":"first",'
    b'"categories":["News"],"language":"en"}],"words":300,"provenance":{"title":{"source":"","guid":"https://www."},'
    b'"html":{"source":"","guid":"https://www."},"summary":{"source":"","guid":"https://www."},'
    b'"authors":{"source":"","guid":"https://www."}}}'
)
_DICTIONARY = zstd.ZstdDict(_COMMON, is_raw=True)


class _Compressors(local):
    """A thread's own: to make one costs as much as to compress a row."""

    def __init__(self) -> None:
        self.row = zstd.ZstdCompressor(level=_ROW_LEVEL, zstd_dict=_DICTIONARY.as_digested_dict)
        self.text = zstd.ZstdCompressor(level=_LEVEL)


_compressors = _Compressors()


def pack_row(text: str) -> bytes:
    """Compress the JSON of a row."""
    return _compressors.row.compress(_bytes(text), mode=zstd.ZstdCompressor.FLUSH_FRAME)


class DamagedRow(ValueError):
    """A row of the database does not hold what a hub writes."""


def unpack_row(packed: bytes) -> str:
    """Decompress what `pack_row` gave; raises DamagedRow."""
    return _unpacked(packed, _DICTIONARY)


def pack_text(text: str, base: str | None = None) -> bytes:
    """Compress a text, as the difference from `base` where there is one."""
    if base is None:
        return _compressors.text.compress(_bytes(text), mode=zstd.ZstdCompressor.FLUSH_FRAME)
    prefix = zstd.ZstdDict(_bytes(base), is_raw=True).as_prefix
    return zstd.compress(_bytes(text), level=_LEVEL, zstd_dict=prefix)


def unpack_text(packed: bytes, base: str | None = None) -> str:
    """Decompress what `pack_text` gave, by the same `base`; raises DamagedRow."""
    return _unpacked(packed, None if base is None else zstd.ZstdDict(_bytes(base), is_raw=True).as_prefix)


def _unpacked(packed: bytes, dictionary: Any) -> str:
    try:
        decompressor = zstd.ZstdDecompressor(zstd_dict=dictionary)
        data = decompressor.decompress(packed, _LARGEST)
        if not decompressor.eof or decompressor.unused_data:
            raise DamagedRow(f"a packed text is cut off, or longer than {_LARGEST >> 20} MB")
        return _text(data)
    except (zstd.ZstdError, UnicodeDecodeError, TypeError) as error:
        raise DamagedRow(f"a packed text cannot be read: {error}") from error


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
