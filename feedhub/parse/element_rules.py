"""What each element within an item means: a function for every name, under the rules by which feedparser reads it.

Of two elements of one name the last speaks, of two titles the first that speaks; a second summary is content.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from feedhub.model import EntryOrigin
from feedhub.parse.admission import attributes
from feedhub.parse.element_names import name_of
from feedhub.parse.element_text import HTML, PLAIN, XHTML, Construct, NeedsFeedparser, construct, join, text_of
from feedhub.parse.item_values import ItemValues
from feedhub.parse.people import read_person
from feedhub.parse.podcast import MOST_PARTS, PODCAST_FIELDS, PODCAST_PARTS
from feedhub.parse.text_elsewhere import OTHER_TEXTS
from feedhub.parse.xml_text import MOST_VALUES, address, line

LINKS_TO_PAGES = (HTML, XHTML, "html", "xhtml")

Rule = Callable[[ItemValues, Any], None]


def _guid(item: ItemValues, node: Any) -> None:
    value = text_of(node, item.scope)
    permalink = not node.keys() or attributes(node).get("ispermalink", "true") == "true"
    if permalink and item.scope.base:
        value = join(item.scope.base, value)
    item.id = value
    if permalink and item.link is None:
        item.link = value


def _read_link(item: ItemValues, node: Any) -> None:
    attrs = attributes(node) if node.keys() else {}
    scope = item.scope.inside(node) if attrs else item.scope
    relation, kind = attrs.get("rel", "alternate"), attrs.get("type", HTML)
    href = attrs.get("url") or attrs.get("uri") or attrs.get("href")
    if href is None:
        href = join(scope.base, text_of(node, scope)).replace("&amp;", "&")
        item.link = href
    elif href:
        href = join(scope.base, href)
        if relation == "alternate" and kind in LINKS_TO_PAGES:
            item.link = href
    if relation == "replies" and kind in LINKS_TO_PAGES and href:
        # RFC 4685, 4; where an item has several, the first
        item.replies = item.replies or href
    if relation == "enclosure":
        item.files.enclosure({**attrs, "href": href})
    if relation == "alternate" and len(item.alternates) < MOST_VALUES:
        item.alternates += (href,)


def _read_title(item: ItemValues, node: Any) -> None:
    if item.title is None or not item.title.value:
        item.title = construct(node, item.scope, PLAIN)


def _described(kind: str) -> Rule:
    def rule(item: ItemValues, node: Any) -> None:
        if item.summed and not item.contents:
            # a second summary is the content that the first one sums up
            return _add_content(item, construct(node, item.scope, PLAIN))
        item.summary, item.summed = construct(node, item.scope, kind), True

    return rule


def _content(kind: str) -> Rule:
    def rule(item: ItemValues, node: Any) -> None:
        if (src := node.get("src")) and item.scope.atom:
            # RFC 4287, 4.1.3.2: the content is elsewhere, a page or a file
            item.elsewhere = item.elsewhere or (join(item.scope.inside(node).base, src), node.get("type"))
        _add_content(item, construct(node, item.scope, kind))

    return rule


def _add_content(item: ItemValues, content: Construct | None) -> None:
    if content is None or len(item.contents) >= MOST_VALUES:
        return
    item.contents += (content,)
    item.summed = True


def _text_rule(field: str) -> Rule:
    return lambda item, node: setattr(item, field, text_of(node, item.scope))


def _comments(item: ItemValues, node: Any) -> None:
    item.comments = text_of(node, item.scope)


def _rights(item: ItemValues, node: Any) -> None:
    rights = construct(node, item.scope, PLAIN)
    item.rights = rights.value if rights else None


def _author(item: ItemValues, node: Any) -> None:
    author, someone = read_person(node, item.scope)
    item.author = author
    item.people = (*item.people[: MOST_VALUES - 1], someone)


def _category(item: ItemValues, node: Any) -> None:
    attrs: Mapping[str, str] = attributes(node) if node.keys() else {}
    if attrs:
        _tag(item, attrs.get("term"), attrs.get("scheme", attrs.get("domain")), attrs.get("label"))
    value = text_of(node, item.scope)
    last = item.categories[-1] if item.categories else None
    if value and last and not last[0]:
        item.categories = (*item.categories[:-1], (value, *last[1:]))
    elif value:
        _tag(item, value, None, None)


def _tag(item: ItemValues, term: str | None, scheme: str | None, label: str | None) -> None:
    full = len(item.categories) >= MOST_VALUES
    if (term or scheme or label) and not full and (term, scheme, label) not in item.categories:
        item.categories += ((term, scheme, label),)


def _media_category(item: ItemValues, node: Any) -> None:
    attrs = attributes(node)
    _tag(item, attrs.get("term"), attrs.get("scheme", "media"), attrs.get("label"))
    if value := text_of(node, item.scope):
        term, scheme, label = item.categories[-1]
        if term:
            _tag(item, value, None, None)
        else:
            item.categories = (*item.categories[:-1], (value, scheme, label))


def _keywords(item: ItemValues, node: Any) -> None:
    for term in text_of(node, item.scope).split(","):
        _tag(item, term.strip(), None, None)


def _source(item: ItemValues, node: Any) -> None:
    scope = item.scope.inside(node)
    inner = ItemValues(scope, None, item.read)
    for child in node:
        name = name_of(child)
        if name in ("title", "guid", "link"):
            RULES_OF_SOURCES[name](inner, child)
    title = inner.title.value if inner.title else None
    direct = "" if len(node) else text_of(node, scope)
    url = address(inner.link, item.base) or address(node.get("url"), item.base)
    origin = EntryOrigin(id=line(inner.id), title=line(direct or title), url=url)
    item.origin = None if origin == EntryOrigin() else origin


def _needs_feedparser(item: ItemValues, node: Any) -> None:
    raise NeedsFeedparser


def _media_group(item: ItemValues, node: Any) -> None:
    item.files.open_group()
    item.read(node, item)
    item.files.close_group()


def _media_description(item: ItemValues, node: Any) -> None:
    item.files.description(attributes(node), node, item.scope)
    if name_of(node.getparent()) != "media:content":
        item.media_text = item.media_text or text_of(node, item.scope)


def _media_text(item: ItemValues, node: Any) -> None:
    item.media_text = item.media_text or text_of(node, item.scope)


def _other_text(name: str) -> Rule:
    def rule(item: ItemValues, node: Any) -> None:
        if not node.keys():
            item.other_texts = {**item.other_texts, name: text_of(node, item.scope)}

    return rule


def _podcast(name: str) -> Rule:
    def rule(item: ItemValues, node: Any) -> None:
        value = node.get("href") or node.get("url") if name == "image" else text_of(node, item.scope)
        item.podcast = {**item.podcast, name: value or ""}

    return rule


def _podcast_part(name: str) -> Rule:
    def rule(item: ItemValues, node: Any) -> None:
        if len(item.podcast_parts) < MOST_PARTS:
            part = {**attributes(node), "text": text_of(node, item.scope)}
            item.podcast_parts += ((name, part),)

    return rule


def _files(name: str) -> Rule:
    def rule(item: ItemValues, node: Any) -> None:
        getattr(item.files, name)(attributes(node), node, item.scope)
        if len(node):
            item.read(node, item)

    return rule


RULES: dict[str, Rule] = {
    "guid": _guid,
    "link": _read_link,
    "feedburner:origlink": _text_rule("origlink"),
    "title": _read_title,
    "description": _described(HTML),
    "summary": _described(PLAIN),
    "content": _content(PLAIN),
    "content:encoded": _content(HTML),
    "published": _text_rule("published"),
    "updated": _text_rule("updated"),
    "created": _text_rule("created"),
    "language": _text_rule("language"),
    "rights": _rights,
    "author": _author,
    "category": _category,
    "media:category": _media_category,
    "media:keywords": _keywords,
    "source": _source,
    "enclosure": lambda item, node: item.files.enclosure(attributes(node)),
    "media:group": _media_group,
    "media:content": _files("content"),
    "media:thumbnail": _files("thumbnail"),
    "media:credit": _files("credit"),
    "media:description": _media_description,
    "media:text": _media_text,
    **{name: _other_text(name) for name in OTHER_TEXTS},
    **{name: _podcast_part(name) for name in PODCAST_PARTS},
    "psc:chapters": lambda item, node: item.read(node, item),
    "media:player": _files("player"),
    "comments": _comments,
    **{f"itunes:{name}": _podcast(name) for name in (*PODCAST_FIELDS, "summary", "subtitle", "author")},
    **dict.fromkeys(
        ("abstract", "body", "xhtml:body", "fullitem", "tags", "item", "textinput", "image"), _needs_feedparser
    ),
}
RULES_OF_SOURCES = {name: RULES[name] for name in ("title", "guid", "link")}
