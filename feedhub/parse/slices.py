"""A well-formed feed cut at its items without being read: an item whose bytes were read before need not be read again.

    head <item>...</item> <item>...</item> ... tail

The cut is believed only where reading proves it: a document, or what is left of it, must hold as many items as pieces.
What could still deceive (a piece inside a comment that began in the head, an element round the items) is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import xxhash
from msgspec import Struct

_FIRST = re.compile(rb"<(item|entry)(?=[\s>])")
#: what the items stand in; their attributes (namespaces, base, language) count for each of them
_ROUND = re.compile(rb"""<(?:rss|rdf:RDF|feed|channel)(?=[\s>])(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_TAIL = re.compile(rb"\s*(?:</channel\s*>\s*)?</(?:rss|rdf:RDF|feed)\s*>\s*")
_SPACE = b" \t\r\n"
#: beginnings of what may hide a piece, and their ends
_HIDING = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))


class Slices(Struct, frozen=True, kw_only=True):
    """A document in pieces."""

    head: bytes
    items: tuple[bytes, ...]
    tail: bytes
    #: a hash of all that gives an item's bytes their meaning
    context: bytes
    #: of each item
    hashes: tuple[bytes, ...]

    def without(self, known: Collection[bytes]) -> bytes:
        """Return the document without the items that have these hashes."""
        rest = (item for item, digest in zip(self.items, self.hashes, strict=True) if digest not in known)
        return b"".join((self.head, *rest, self.tail))


def cut(body: bytes, *, content_type: str | None, url: str) -> Slices | None:
    """Cut the document into pieces; return None where it is not plainly made of items one after the other."""
    if not (first := _FIRST.search(body)):
        return None
    name, head = first[1], body[: first.start()]
    if any(head.rfind(start) > head.rfind(end) for start, end in _HIDING) or b"<!DOCTYPE" in head:
        return None
    opening, closing = b"<" + name, b"</" + name + b">"
    pieces = body[first.start() :].split(opening)[1:]
    last, end_tag, tail = pieces[-1].rpartition(closing)
    if not end_tag or not _TAIL.fullmatch(tail):
        return None
    pieces[-1] = last + end_tag
    items = [piece.rstrip(_SPACE) for piece in pieces]
    around = _ROUND.findall(head)
    if not around or not all(item.endswith(closing) and item[:1] in b" >\t\r\n" for item in items):
        return None
    start = head.find(around[0])
    meaning = b"\n".join(
        [url.encode("utf-8", "replace"), (content_type or "").encode("utf-8", "replace"), head[:start]]
    )
    return Slices(
        head=head,
        items=tuple([opening + item for item in items]),
        tail=tail,
        context=xxhash.xxh3_128_digest(b"\n".join([meaning, *around])),
        hashes=tuple([xxhash.xxh3_64_digest(item) for item in items]),
    )
