"""Carry a page's pictures, captions and players past the extraction of its text, which knows plain <img> alone.

A mark stands for each while the text is extracted: a word, or a paragraph between others. Where the mark is still in
the article afterwards, what it stood for is put back as the page wrote it. What it means is for cleaning to say.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

#: what is carried: the outermost of these
_CARRIED = (
    "figure", "picture", "img", "iframe", "video", "audio", "object", "embed", "amp-img", "amp-youtube", "amp-vimeo",
    "amp-twitter", "amp-instagram", "amp-iframe", "amp-video", "lite-youtube", "lite-vimeo", "oembed", "twitter-widget",
)  # fmt: skip
#: what a script makes a player or a post of, where it has no words of its own
_MADE = ("div", "blockquote", "section", "script")
_NAMES_POST = re.compile(r"^(?:data-(?:telegram-post|bluesky-uri|(?:video|youtube|yt|vimeo|tweet)-?id|id)|cite)$")
_PLAYER = re.compile(r"youtube|vimeo|tiktok|\bfb-(?:post|video)\b|embed|player")
#: where nothing that belongs to the article stands
_OUTSIDE = ("header", "footer", "nav", "aside", "form", "template", "button")
#: what holds paragraphs
_BLOCKS = ("div", "section", "article", "main", "body", "center", "blockquote", "figure")
_MOST, _MOST_INSIDE = 300, 20
#: a figure with more text than this is no picture with its caption
_LONGEST_CAPTION = 1_500
_MARK = re.compile(r"(?:<p>\s*)?xfigure(\d{1,3})xfigure(?:\s*</p>)?")


def set_aside(tree: Any) -> list[str]:
    """Put a mark in the place of each picture and player of a page; return what they were, as markup."""
    carried: list[str] = []
    for node in list(tree.iter(*_CARRIED, *_MADE, "noscript")):
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
    if node.tag in _MADE:
        return _is_made(node)
    if node.tag == "noscript":
        return any(True for _ in node.iter("img", "iframe"))
    if node.tag == "figure":
        return any(True for _ in node.iter(*_CARRIED[1:])) and len(node.text_content()) <= _LONGEST_CAPTION
    return True


def _is_made(node: Any) -> bool:
    """Tell whether an element without words is one of which a script makes something, or shows a picture behind it."""
    if node.tag == "script":
        return "data-telegram-post" in node.attrib or "gist.github.com/" in node.get("src", "")
    # the attributes first: to look for words takes the square of a page's depth
    if not _names_something(node) or len(node) > _MOST_INSIDE:
        return False
    return not node.text_content().strip() and not any(True for _ in node.iter(*_CARRIED))


def _names_something(node: Any) -> bool:
    if "url(" in node.get("style", ""):
        return True
    is_player = _PLAYER.search(node.get("class", "")) is not None
    return any(
        (name.startswith("data-") and "/" in value) or (_NAMES_POST.match(name) and (is_player or name != "data-id"))
        for name, value in node.attrib.items()
    )
