"""OutputFeed -> bytes: Atom 1.0, RSS 2.0 and JSON Feed 1.1, the same feed giving the same bytes.

story -> item     what every format says, made safe      (item, text)
item  -> entry    rendered once per version, kept        (atom, rss, jsonfeed; fragments)
entry... -> feed  a head, the kept entries, a tail
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from feedhub.model import OutputFeed
from feedhub.publish.atom import atom
from feedhub.publish.fragments import Fragments
from feedhub.publish.jsonfeed import json_feed
from feedhub.publish.names import ATOM_TYPE, HUB_NS, JSON_TYPE, RSS_TYPE
from feedhub.publish.rss import rss

__all__ = ["FORMATS", "HUB_NS", "Format", "Fragments", "atom", "json_feed", "rss"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to serve an output: what `/feeds/NAME.SUFFIX` answers with."""

    suffix: str
    label: str
    media_type: str
    render: Callable[[OutputFeed, Fragments | None], bytes]


#: by suffix, in the order in which pages offer them
FORMATS: Mapping[str, Format] = {
    made.suffix: made
    for made in (
        Format(suffix="atom", label="Atom", media_type=f"{ATOM_TYPE}; charset=utf-8", render=atom),
        Format(suffix="rss", label="RSS", media_type=f"{RSS_TYPE}; charset=utf-8", render=rss),
        Format(suffix="json", label="JSON Feed", media_type=JSON_TYPE, render=json_feed),
    )
}
