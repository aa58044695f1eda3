"""A body with its media type, validators and codings, made once per version and served many times."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256

from msgspec import Struct

from feedhub.packed_bytes import BLOCK, PackedBytes

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

RawHeaders = list[tuple[bytes, bytes]]
Content = bytes | PackedBytes

#: 306 kB of Atom take 3.3 ms for 75 kB at gzip's level 4 and 6.3 ms for 69 kB at 6; 1.8 ms for 56 kB at zstd's level 5
GZIP_LEVEL, ZSTD_LEVEL = 4, 5
#: by their names in HTTP, the one that we would rather send first. br is left out: 53 kB, but 3.8 ms
CODINGS: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda body: zstd.compress(body, ZSTD_LEVEL),
    "gzip": lambda body: gzip.compress(body, GZIP_LEVEL, mtime=0),
}
#: 15 bits of window, with gzip's header and trailer (zlib.h, deflateInit2)
_GZIP_WRAPPER = 31
MAX_AGE = 60
_STALE = 24 * 60 * 60


class Variant(Struct, frozen=True, kw_only=True):
    """A document in one coding, its headers ready to send."""

    #: strong, quoted, of this coding alone
    etag: str
    #: what is long lies compressed in memory, and is sent in pieces
    content: Content
    #: of a 200, the same with Last-Modified, and the fewer of a 304 (RFC 9110, 15.4.5)
    headers: RawHeaders
    dated_headers: RawHeaders
    not_modified_headers: RawHeaders

    @property
    def body(self) -> bytes:
        """Return the whole body."""
        return self.content if isinstance(self.content, bytes) else self.content.joined()

    @property
    def memory(self) -> int:
        """Return how many bytes of memory the body takes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.memory


class Document(Struct, frozen=True, kw_only=True):
    """One version of something served."""

    plain: Variant
    #: by the name of its coding; those that make it no shorter are left out
    encoded: Mapping[str, Variant]
    #: when these bytes came to be, not when they were asked for; None where only the ETag tells versions apart
    modified: datetime | None
    #: 226 where these bytes are only what is new to one reader
    status: int = 200

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Return the plain body and the encoded ones."""
        return (self.plain, *self.encoded.values())


def document(
    body: Content,
    media_type: str,
    modified: datetime | None = None,
    *,
    private: bool = False,
    max_age: int = MAX_AGE,
    links: Sequence[tuple[str, str]] = (),
) -> Document:
    """Make a version to serve: `private` keeps it out of shared caches, `links` (rel, address) are its Link header."""
    control = f"{'private' if private else 'public'}, max-age={max_age}, stale-if-error={_STALE}"
    shared = {"cache-control": control, "vary": "Accept-Encoding"}
    own = {"content-type": media_type}
    if links:
        own["link"] = ", ".join(f'<{address}>; rel="{rel}"' for rel, address in links)
    content = _content(body)
    return _encoded(content, _digest(content), shared, own, modified)


def delta(body: Content, media_type: str, whole: Document) -> Document:
    """Make what of `whole` is new to one reader (RFC 3229); it bears the tag of the whole, which the reader now has."""
    shared = {"cache-control": "no-store, im", "vary": "Accept-Encoding, A-IM, If-None-Match", "im": "feed"}
    return _encoded(
        _content(body), version_of(whole.plain.etag), shared, {"content-type": media_type}, whole.modified, status=226
    )


def version_of(etag: str) -> str:
    """Return the version that an entity tag of ours stands for, whatever its coding; a foreign tag as it is."""
    version, _, coding = etag.strip().removeprefix("W/").strip('"').rpartition("-")
    return version if coding in CODINGS else etag.strip().removeprefix("W/").strip('"')


def _content(body: Content) -> Content:
    """Return a body as it lies in memory: one of common length whole."""
    return body.joined() if not isinstance(body, bytes) and len(body) <= BLOCK else body


def _digest(body: Content) -> str:
    digest = sha256()
    for piece in [body] if isinstance(body, bytes) else body:
        digest.update(piece)
    return digest.hexdigest()[:32]


def _zstd(pieces: PackedBytes) -> bytes:
    coder = zstd.ZstdCompressor(ZSTD_LEVEL)
    coder.set_pledged_input_size(len(pieces))
    return _coded(pieces, coder.compress, coder.flush)


def _gzip(pieces: PackedBytes) -> bytes:
    # the header that gzip.compress writes with mtime=0
    coder = zlib.compressobj(GZIP_LEVEL, wbits=_GZIP_WRAPPER)
    return _coded(pieces, coder.compress, coder.flush)


def _coded(pieces: PackedBytes, compress: Callable[[bytes], bytes], flush: Callable[[], bytes]) -> bytes:
    return b"".join([*map(compress, pieces), flush()])


#: the same codings, of what comes in pieces
_STREAMED: Mapping[str, Callable[[PackedBytes], bytes]] = {"zstd": _zstd, "gzip": _gzip}


def _code(name: str, body: Content) -> bytes:
    return CODINGS[name](body) if isinstance(body, bytes) else _STREAMED[name](body)


def _encoded(
    body: Content,
    tag: str,
    shared: dict[str, str],
    own: dict[str, str],
    modified: datetime | None,
    status: int = 200,
) -> Document:
    packed = {name: _code(name, body) for name in CODINGS}
    modified = modified.astimezone(UTC).replace(microsecond=0) if modified else None
    date = {"last-modified": format_datetime(modified, usegmt=True)} if modified else {}
    own = {**own, "accept-ranges": "none"}
    return Document(
        plain=_variant(body, f'"{tag}"', shared, own, date),
        encoded={
            name: _variant(short, f'"{tag}-{name}"', shared, {**own, "content-encoding": name}, date)
            for name, short in packed.items()
            if len(short) < len(body)
        },
        modified=modified,
        status=status,
    )


def _variant(body: Content, etag: str, shared: dict[str, str], own: dict[str, str], date: dict[str, str]) -> Variant:
    unchanged = {"etag": etag, **shared}
    headers = {**unchanged, **own, "content-length": str(len(body))}
    dated = {**headers, **date}
    return Variant(
        etag=etag, content=body, headers=_raw(headers), dated_headers=_raw(dated), not_modified_headers=_raw(unchanged)
    )


def _raw(headers: dict[str, str]) -> RawHeaders:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
