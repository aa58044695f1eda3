"""Safe text: legal characters, http(s) links, language tags, plain text out of HTML."""

from __future__ import annotations

import copy
import html
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from lxml import etree
from lxml import html as lxml_html

#: all that XML 1.0 (2.2, Char) cannot carry; feedgen raises on any of it and the whole feed is lost
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_BLOCKS = tuple(
    "p div ul ol li dl br hr blockquote h1 h2 h3 h4 h5 h6 table tr td th dt dd figure figcaption pre".split()
)
_TAG_START = re.compile(r"<(?=[A-Za-z/!?])")
#: characters of a long text in which its first paragraphs are looked for, and those that are enough of the last one
_BEGINNING, _LONG_LINE = 8_000, 4_000
#: characters of an excerpt for each of its words: languages that write no blanks have a paragraph of one word
_WORD = 16
_ALT = re.compile(r'<img\b[^<>]*?\salt="([^"]*)"')


def legal(text: str) -> str:
    """Return the text without the characters that no XML document can carry."""
    return _ILLEGAL.sub("", text)


def twice_safe(text: str) -> str:
    """Return a plain text that is the same text to a reader of HTML: where a tag could begin, `<` is `&#x3C;`.

    RSS does not say which of the two its titles are; the advisory board's profile recommends this spelling.
    """
    return _TAG_START.sub("&#x3C;", text) if "<" in text else text


def line(text: str | None) -> str:
    """Return the text as one legal line."""
    return " ".join(legal(text or "").split())


def link(url: str | None) -> str | None:
    """Return an absolute http(s) address as a feed may carry it, without user info; None for anything else."""
    try:
        parts = urlsplit(legal(url or "").strip())
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        # UnicodeError is one too
        return None
    if parts.scheme not in ("http", "https") or not host or any(c in host for c in " <>\"'\\^`{|}%"):
        return None
    host = f"[{host}]" if ":" in host else host
    netloc = host if port is None else f"{host}:{port}"
    path, query, fragment = (_quoted(part) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, netloc, path, query, fragment))


def _quoted(part: str) -> str:
    """Percent-encode all that a URI cannot hold: Atom takes IRIs, RSS does not."""
    return re.sub(r"[^!-~]|[<>\"'`{}|\\^]|%(?![0-9A-Fa-f]{2})", lambda match: quote(match.group(), safe=""), part)


def language(tag: str | None) -> str | None:
    """Return a well-formed language tag (BCP 47), or None."""
    tag = (tag or "").strip().replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) else None


def seconds(when: datetime) -> datetime:
    """Return the moment in UTC, to the second, as dates in feeds are written."""
    return when.astimezone(UTC).replace(microsecond=0)


def plain(markup: str) -> str:
    """Return the words of an HTML fragment on one line, blocks set apart."""
    if not markup.strip():
        return ""
    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError):
        return line(html.unescape(re.sub(r"<[^<>]*>", " ", markup)))
    for block in root.iter(*_BLOCKS):
        block.text, block.tail = f" {block.text or ''}", f" {block.tail or ''}"
    return line(str(_without_captions(root).text_content()))


def picture_text(markup: str) -> str:
    """Return what the first picture of an HTML fragment that says anything shows, by its alternative text."""
    return next((text for each in _ALT.findall(markup) if (text := line(html.unescape(each)))), "")


def paragraphs(markup: str) -> list[str]:
    """Return the words of an HTML fragment, a line for each block."""
    if not markup.strip():
        return []
    try:
        root = lxml_html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError):
        return [plain(markup)]
    for element in root.iter():
        if isinstance(element.tag, str):
            # breaks of the source are spaces; ours are the blocks
            element.text = " ".join((element.text or "").splitlines()) if element.text else element.text
            element.tail = " ".join((element.tail or "").splitlines()) if element.tail else element.tail
    for block in root.iter(*_BLOCKS):
        block.text = f"\n{block.text or ''}"
        block.tail = f"\n{block.tail or ''}"
    return [text for each in str(_without_captions(root).text_content()).splitlines() if (text := line(each))]


def first_paragraphs(markup: str, count: int) -> list[str]:
    """Return the words of the first blocks of an HTML fragment that have any; of a long one the beginning is read.

    A page of thirty articles as long as books took a second of CPU, for a line of each.
    """
    start = markup[:_BEGINNING]
    if len(markup) > _BEGINNING and "<figure" not in start:
        found = paragraphs(start[: start.rfind("<")] if start.rfind("<") > start.rfind(">") else start)
        # the last one may be cut off
        if len(found) > count or (len(found) == count and len(found[-1]) > _LONG_LINE):
            return found[:count]
    return paragraphs(markup)[:count]


def _without_captions(root: Any) -> Any:
    """Take figures out of a fragment, unless all that it says stands in them: a caption is no text of the article."""
    figures = list(root.iter("figure")) if root.find(".//figure") is not None else []
    if figures:
        rest = copy.deepcopy(root)
        for figure in list(rest.iter("figure")):
            figure.drop_tree()
        if line(str(rest.text_content())):
            return rest
    return root


def excerpt(text: str, words: int) -> str:
    """Return the first words of a plain text, an ellipsis where it goes on; 16 letters a word at most, on average."""
    parts = text.split(maxsplit=words)
    first, longest = " ".join(parts[:words]), words * _WORD
    is_whole = len(parts) <= words and len(first) <= longest
    return first if is_whole else f"{first[:longest].rstrip()} …"


def repeats(text: str, teaser: str) -> bool:
    """Whether a teaser says nothing that the text does not say in the same words."""
    core = " ".join(teaser.split()).rstrip(" .…[]").casefold()
    return core in text.casefold()
