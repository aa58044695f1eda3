"""Markup that no feed has and that a lenient reader takes minutes over, found in one pass over the bytes."""

from __future__ import annotations

import re

#: namespaces and all, real elements have a few dozen; feedparser's time grows with the square of them
MOST_ATTRIBUTES = 256
#: a start tag with its attributes, closed or not; `>` may stand in a value. Possessive: nothing is tried twice
_TAG = re.compile(rb"""<(?:!\[CDATA\[|!--|[A-Za-z_:](?:[^<>"']|"[^"]*"|'[^']*')*+)""")
#: what ends text that is no markup of the document's own
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->"}
#: so many bytes hold no more attributes than an element may have
_SHORT = 2 * MOST_ATTRIBUTES
_ATTRIBUTE = re.compile(rb"""=\s*+(?:"[^"]*"|'[^']*'|[^\s"'=<>]++)?+""")


def crooked(body: bytes) -> str | None:
    """Return why a document is not worth reading leniently, None where it may be."""
    ends = dict(_ENDS)
    at = 0
    while (tag := _TAG.search(body, at)) is not None:
        start, at = tag.span()
        if tag[0] in _ENDS:
            end = body.find(ends[tag[0]], at) if tag[0] in ends else -1
            if end < 0:
                # looked for once: there is none further on either
                ends.pop(tag[0], None)
            at = max(end, at)
        elif at - start > _SHORT:
            count = sum(1 for _ in _ATTRIBUTE.finditer(body, start, at))
            if count > MOST_ATTRIBUTES:
                return f"an element with {count} attributes, more than any feed has"
    return None
