"""Outputs -> OPML 2.0, for a reader that subscribes to all of them at once."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from feedhub.publish.safe_text import line, link

OPML_TYPE = "text/x-opml; charset=utf-8"


def subscription_list(title: str, home_url: str, outputs: Iterable[tuple[str, str]]) -> bytes:
    """Render outputs, each by its title and the address of its Atom document."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = line(title)
    body = etree.SubElement(root, "body")
    for name, url in outputs:
        text = line(name) or url
        etree.SubElement(
            body, "outline", type="rss", text=text, title=text, xmlUrl=link(url) or "", htmlUrl=link(home_url) or ""
        )
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))
