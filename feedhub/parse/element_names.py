"""Elements by name: which of the many namespaces of feeds an element belongs to, and what the reader calls it."""

from __future__ import annotations

from typing import Any

from feedhub.parse.element_text import NeedsFeedparser

#: feeds' own vocabularies: RSS in its versions, RDF's, Atom's
_OWN = (
    "",
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://purl.org/rss/1.0/modules/rss091#",
    "http://purl.org/atom/ns#",
    "http://www.w3.org/2005/atom",
)
_PREFIXES = {
    **dict.fromkeys(_OWN, ""),
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://search.yahoo.com/mrss": "media:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
}
#: two names of one thing
_SAME = {
    "managingeditor": "author",
    "dc:author": "author",
    "dc:creator": "author",
    "dc:title": "title",
    "dc:description": "description",
    "dc:rights": "rights",
    "copyright": "rights",
    "dc:subject": "category",
    "keywords": "category",
    "dc:language": "language",
    "id": "guid",
    "pubdate": "published",
    "issued": "published",
    "dcterms:issued": "published",
    "modified": "updated",
    "lastbuilddate": "updated",
    "dc:date": "updated",
    "dcterms:modified": "updated",
    "dcterms:created": "created",
    "entry": "item",
}


class Names(dict[str, str]):
    """The names met in one document, each looked up once."""

    def of(self, node: Any) -> str:
        """Return `name_of` of an element, looked up once for each tag."""
        tag = node.tag
        if tag not in self:
            self[tag] = name_of(node)
        return self[tag]


def name_of(node: Any) -> str:
    """Return the reader's name for an element: `dc:creator` is `author`, whatever prefix and case it came with."""
    tag: str = node.tag
    if tag[0] != "{":
        if ":" in tag:
            raise NeedsFeedparser
        return _SAME.get(tag.lower(), tag.lower())
    space, _, local = tag[1:].lower().partition("}")
    if "backend.userland.com/rss" in space:
        space = _OWN[1]
    prefix = _PREFIXES.get(space)
    if prefix is None:
        prefix = f"{node.prefix.lower()}:" if node.prefix else ""
    return _SAME.get(prefix + local, prefix + local)
