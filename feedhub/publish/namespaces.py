"""Namespaces and media types of the documents; readers depend on them, so they never change."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

#: of the `hub:` elements and the `about` of `_feedhub`; described in docs/outputs.md
HUB_NS = "https://feedhub.example/ns/1"
ATOM_NS = "http://www.w3.org/2005/Atom"
#: RFC 6721
TOMBSTONE_NS = "http://purl.org/atompub/tombstones/1.0"
#: RFC 5005
HISTORY_NS = "http://purl.org/syndication/history/1.0"
DC_NS = "http://purl.org/dc/elements/1.1/"
#: Media RSS 1.5.1
MEDIA_NS = "http://search.yahoo.com/mrss/"
ITUNES_NS = "http://www.itunes.com/dtds/podcast-1.0.dtd"
#: Podcasting 2.0, and Podlove Simple Chapters 1.2
PODCAST_NS = "https://podcastindex.org/namespace/1.0"
CHAPTERS_NS = "http://podlove.org/simple-chapters"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

ATOM_TYPE = "application/atom+xml"
RSS_TYPE = "application/rss+xml"
JSON_TYPE = "application/feed+json"

GENERATOR = "feedhub"


def _installed() -> str:
    """Return the program's version, or `0` out of a bare checkout."""
    try:
        return version("feedhub")
    except PackageNotFoundError:
        return "0"


VERSION = _installed()
