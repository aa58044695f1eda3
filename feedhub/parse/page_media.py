"""Carry a page's pictures, captions and players past the extraction of its text, which knows plain <img> alone.

A mark stands for each while the text is extracted: a word, or a paragraph between others. Where the mark is still in
the article afterwards, what it stood for is put back as the page wrote it. What it means is for cleaning to say.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

#: what is carried: the outermost of these
_CARRIED = ("figure", "picture", "img", "iframe", "video", "audio", "object", "embed", "amp-img", "amp-youtube")
#: where nothing that belongs to the article stands
_OUTSIDE = ("header", "footer", "nav", "aside", "form", "template", "button")
#: what holds paragraphs
_BLOCKS = ("div", "section", "article", "main", "body", "center", "blockquote", "figure")
_MOST = 300
#: a figure with more text than this is no picture with its caption
_LONGEST_CAPTION = 1_500
_MARK = re.compile(r"(?:<p>\s*)?xfigure(\d{1,3})xfigure(?:\s*</p>)?")


def set_aside(tree: Any) -> list[str]:
    """Put a mark in the place of each picture and player of a page; return what they were, as markup."""
    carried: list[str] = []
    for node in list(tree.iter(*_CARRIED, "noscript")):
        if len(carried) >= _MOST:
            break
        if not _is_carried(node):
            continue
        above = node.getparent()
        if above.tag == "a" and len(above) == 1 and not above.text_content().strip() and above.getparent() is not None:
            # a picture that is a link
            node = above
        tail, node.tail = node.tail, None
        markup = html.tostring(node, encoding="unicode")
        _leave_mark(node, f"xfigure{len(carried)}xfigure", tail or "")
        carried.append(markup)
    return carried


def put_back(article: str, carried: list[str]) -> str:
    """Put back what the marks in an extracted article stood for."""

    def markup(match: re.Match[str]) -> str:
        number = int(match[1])
        return carried[number] if number < len(carried) else ""

    return _MARK.sub(markup, article)


def _leave_mark(node: Any, word: str, tail: str) -> None:
    parent, before = node.getparent(), node.getprevious()
    if parent.tag in _BLOCKS:
        mark = etree.Element("p")
        mark.text, mark.tail = word, tail
        parent.replace(node, mark)
        return
    parent.remove(node)
    if before is None:
        parent.text = f"{parent.text or ''} {word} {tail}"
    else:
        before.tail = f"{before.tail or ''} {word} {tail}"


def _is_carried(node: Any) -> bool:
    parent = node.getparent()
    if parent is None or any(above.tag in (*_CARRIED, "noscript", *_OUTSIDE, "head") for above in node.iterancestors()):
        return False
    if node.tag == "noscript":
        return any(True for _ in node.iter("img", "iframe"))
    if node.tag == "figure":
        return any(True for _ in node.iter(*_CARRIED[1:])) and len(node.text_content()) <= _LONGEST_CAPTION
    return True
