"""An article's page -> Page: its text by trafilatura, and what the page says of itself in its head."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import trafilatura
from lxml import etree, html

from feedhub.charsets import decode, label_of
from feedhub.model import ArticlePage, ParseFailed
from feedhub.parse.feed_dates import read_date
from feedhub.parse.page_media import put_back, set_aside
from feedhub.parse.xml_text import LONGEST_TEXT, MOST_VALUES, address, line, text

_LANGUAGE = re.compile(rb"""<html\b[^>]{0,300}?\slang\s*=\s*["']?([A-Za-z]{2,3}(?:-[A-Za-z]{2,8})?)\b""", re.IGNORECASE)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
#: what an article calls itself in linked data
_ARTICLES = ("Article", "BlogPosting", "Report")
_MOST_SCRIPTS, _LONGEST_SCRIPT = 20, 300_000
# it tells at length what it tried
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def extract(body: bytes, *, content_type: str | None = None, url: str = "") -> ArticlePage | ParseFailed:
    """Extract the article of a page; ParseFailed where there is none. May take long: see `ParserPool`."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if kind and "html" not in kind:
        return ParseFailed(reason=f"no page: it is {kind[:60]}")
    try:
        tree = _tree(body, content_type)
        if tree is None:
            return ParseFailed(reason="the page is empty")
        about = _about(tree, url)
        carried = set_aside(tree)
        extracted = trafilatura.extract(
            tree,
            url=url or None,
            output_format="html",
            include_links=True,
            include_images=True,
            include_formatting=True,
            include_comments=False,
        )
    except MemoryError:
        raise
    except Exception as error:
        return ParseFailed(reason=f"the page cannot be read: {type(error).__name__}"[:300])
    article = text(put_back(extracted or "", carried))
    if article is None:
        return ParseFailed(reason="no article is found on the page")
    return ArticlePage(url=url, html=article[:LONGEST_TEXT], **about)


def _tree(body: bytes, content_type: str | None) -> Any:
    """Parse a page into its elements; its charset is what the header says, else what the page says, else UTF-8."""
    inside = _META_CHARSET.search(body[:4096])
    spoken = _LANGUAGE.search(body[:4096])
    labels = (label_of(content_type), inside[1].decode() if inside else None)
    page = decode(body, *labels, language=spoken[1].decode() if spoken else None)
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_pis=True)
    try:
        return html.document_fromstring(page.text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _about(tree: Any, url: str) -> dict[str, Any]:
    """Return what the head says: linked data first, since it is made for machines; then meta elements."""
    metas = _metas(tree)
    data = next(_articles(tree), {})
    links = (node.get("href") for node in tree.iterfind(".//link[@href]") if _rel(node) == "canonical")
    written = next(iter(links), None) or metas.get("og:url")
    dates = (data.get("datePublished"), metas.get("article:published_time"), metas.get("date"))
    moments = (read_date(line(written)) for written in dates)
    return {
        "title": line(data.get("headline")) or metas.get("og:title") or line(tree.findtext(".//title")),
        "canonical": address(written, url or None),
        "publisher": next(_names(data.get("publisher")), None) or metas.get("og:site_name"),
        "based_on": next(
            (at for each in _addresses(data.get("isBasedOn")) if (at := address(each, url or None))), None
        ),
        "copyright_holder": next(_names(data.get("copyrightHolder")), None),
        "authors": tuple(dict.fromkeys([*_names(data.get("author"))] or [a for a in [metas.get("author")] if a])),
        "published": next((moment for moment in moments if moment), None),
        "language": line(tree.get("lang")),
    }


def _rel(node: Any) -> str:
    return (node.get("rel") or "").strip().lower()


def _metas(tree: Any) -> dict[str, str]:
    metas: dict[str, str] = {}
    for node in tree.iterfind(".//meta[@content]"):
        name = (node.get("property") or node.get("name") or "").strip().lower()
        if name and (value := line(node.get("content"))):
            metas.setdefault(name, value)
    return metas


def _articles(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of linked data that call themselves an article."""
    scripts = tree.iterfind(".//script[@type='application/ld+json']")
    for _, node in zip(range(_MOST_SCRIPTS), scripts, strict=False):
        written = (node.text or "")[:_LONGEST_SCRIPT]
        try:
            data = json.loads(written)
        except (ValueError, RecursionError):
            continue
        for one in _listed(data):
            yield from (each for each in [one, *_listed(one.get("@graph"))] if _is_article(each))


def _listed(value: object) -> list[dict[str, Any]]:
    values = value[:MOST_VALUES] if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]


def _is_article(data: dict[str, Any]) -> bool:
    kinds = data.get("@type")
    return any(str(kind).endswith(_ARTICLES) for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _names(value: object) -> Iterator[str]:
    """Yield names of people or organisations, written as objects or as text."""
    values = value[:MOST_VALUES] if isinstance(value, list) else [value]
    for each in values:
        if name := line(each.get("name") if isinstance(each, dict) else each):
            yield name


def _addresses(value: object) -> Iterator[str]:
    """Yield addresses of other works, written as objects or as text."""
    values = value[:MOST_VALUES] if isinstance(value, list) else [value]
    for each in values:
        if found := line((each.get("url") or each.get("@id")) if isinstance(each, dict) else each):
            yield found
