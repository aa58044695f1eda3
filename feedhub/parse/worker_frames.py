"""What a parser process and its parent send each other: lengths, and data that nothing but data can be made of.

A worker reads hostile bytes with libraries in C. Whoever takes one over must not be able to run code in its parent, so
results come back as JSON that is validated against the model, never as pickles.

frame  = 8 bytes of length, content
job    = JSON of [content_type, url], line feed, the document's bytes
result = tag (f a Feed, a an ArticlePage, x ParseFailed), `!` where the worker is to be replaced or `.`, JSON
"""

from __future__ import annotations

import json
import struct

from feedhub.codec import dump, load
from feedhub.model import ArticlePage, Feed, ParseFailed

LENGTH = struct.Struct("!Q")
Result = Feed | ArticlePage | ParseFailed
_KINDS: dict[bytes, type[Feed] | type[ArticlePage] | type[ParseFailed]] = {
    b"f": Feed,
    b"a": ArticlePage,
    b"x": ParseFailed,
}
_TAGS = {kind: tag for tag, kind in _KINDS.items()}


class BadFrame(Exception):
    """The other side does not send what was agreed."""


def job_head(content_type: str | None, url: str) -> bytes:
    """Pack what stands in front of a document's bytes in the job for a worker."""
    return json.dumps([content_type, url]).encode() + b"\n"


def read_job(frame: bytes) -> tuple[bytes, str | None, str]:
    """Unpack a job: the document's bytes, its content type, its address."""
    head, _, body = frame.partition(b"\n")
    content_type, url = json.loads(head)
    return body, content_type, url


def result_frame(result: Result, *, retire: bool) -> bytes:
    """Pack a result for the parent; `retire`: this worker has grown and is to be replaced."""
    return _TAGS[type(result)] + (b"!" if retire else b".") + dump(result).encode()


def read_result(frame: bytes) -> tuple[Result, bool]:
    """Unpack a result and whether to replace the worker; raise BadFrame where it is none."""
    kind = _KINDS.get(frame[:1])
    if kind is None:
        raise BadFrame("an unknown kind of result")
    try:
        return load(kind, frame[2:]), frame[1:2] == b"!"
    except ValueError as error:
        raise BadFrame("a result that is none of its kind") from error
