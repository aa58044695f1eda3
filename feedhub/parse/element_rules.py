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
from feedhub.parse.xml_text import MOST_VALUES, address, line

LINKS_TO_PAGES = (HTML, XHTML, "html", "xhtml")

Rule = Callable[[ItemValues, Any], None]


def _guid(found: ItemValues, node: Any) -> None:
    value = text_of(node, found.scope)
    permalink = not node.keys() or attributes(node).get("ispermalink", "true") == "true"
    if permalink and found.scope.base:
        value = join(found.scope.base, value)
    found.id = value
    if permalink and found.link is None:
        found.link = value


def _read_link(found: ItemValues, node: Any) -> None:
    given = attributes(node) if node.keys() else {}
    scope = found.scope.inside(node) if given else found.scope
    relation, kind = given.get("rel", "alternate"), given.get("type", HTML)
    href = given.get("url") or given.get("uri") or given.get("href")
    if href is None:
        href = join(scope.base, text_of(node, scope)).replace("&amp;", "&")
        found.link = href
    elif href:
        href = join(scope.base, href)
        if relation == "alternate" and kind in LINKS_TO_PAGES:
            found.link = href
    if relation == "enclosure":
        found.files.enclosure({**given, "href": href})
    if relation == "alternate" and len(found.alternates) < MOST_VALUES:
        found.alternates += (href,)


def _read_title(found: ItemValues, node: Any) -> None:
    if found.title is None or not found.title.value:
        found.title = construct(node, found.scope, PLAIN)


def _described(kind: str) -> Rule:
    def rule(found: ItemValues, node: Any) -> None:
        if found.summed and not found.contents:
            # a second summary is the content that the first one sums up
            return _add_content(found, construct(node, found.scope, PLAIN))
        found.summary, found.summed = construct(node, found.scope, kind), True

    return rule


def _content(kind: str) -> Rule:
    return lambda found, node: _add_content(found, construct(node, found.scope, kind))


def _add_content(found: ItemValues, content: Construct | None) -> None:
    if content is None or len(found.contents) >= MOST_VALUES:
        return
    found.contents += (content,)
    found.summed = True


def _keep(field: str) -> Rule:
    return lambda found, node: setattr(found, field, text_of(node, found.scope))


def _rights(found: ItemValues, node: Any) -> None:
    rights = construct(node, found.scope, PLAIN)
    found.rights = rights.value if rights else None


def _author(found: ItemValues, node: Any) -> None:
    author, someone = read_person(node, found.scope)
    found.author = author
    found.people = (*found.people[: MOST_VALUES - 1], someone)


def _category(found: ItemValues, node: Any) -> None:
    given: Mapping[str, str] = attributes(node) if node.keys() else {}
    if given:
        _tag(found, given.get("term"), given.get("scheme", given.get("domain")), given.get("label"))
    value = text_of(node, found.scope)
    last = found.categories[-1] if found.categories else None
    if value and last and not last[0]:
        found.categories = (*found.categories[:-1], (value, *last[1:]))
    elif value:
        _tag(found, value, None, None)


def _tag(found: ItemValues, term: str | None, scheme: str | None, label: str | None) -> None:
    full = len(found.categories) >= MOST_VALUES
    if (term or scheme or label) and not full and (term, scheme, label) not in found.categories:
        found.categories += ((term, scheme, label),)


def _media_category(found: ItemValues, node: Any) -> None:
    given = attributes(node)
    _tag(found, given.get("term"), given.get("scheme", "media"), given.get("label"))
    if value := text_of(node, found.scope):
        term, scheme, label = found.categories[-1]
        if term:
            _tag(found, value, None, None)
        else:
            found.categories = (*found.categories[:-1], (value, scheme, label))


def _keywords(found: ItemValues, node: Any) -> None:
    for term in text_of(node, found.scope).split(","):
        _tag(found, term.strip(), None, None)


def _source(found: ItemValues, node: Any) -> None:
    scope = found.scope.inside(node)
    inner = ItemValues(scope, None, found.read)
    for child in node:
        name = name_of(child)
        if name in ("title", "guid", "link"):
            RULES_OF_SOURCES[name](inner, child)
    title = inner.title.value if inner.title else None
    direct = "" if len(node) else text_of(node, scope)
    url = address(inner.link, found.base) or address(node.get("url"), found.base)
    origin = EntryOrigin(id=line(inner.id), title=line(direct or title), url=url)
    found.origin = None if origin == EntryOrigin() else origin


def _odd(found: ItemValues, node: Any) -> None:
    raise NeedsFeedparser


def _files(name: str) -> Rule:
    def rule(found: ItemValues, node: Any) -> None:
        getattr(found.files, name)(attributes(node), node, found.scope)
        if len(node):
            found.read(node, found)

    return rule


RULES: dict[str, Rule] = {
    "guid": _guid,
    "link": _read_link,
    "feedburner:origlink": _keep("origlink"),
    "title": _read_title,
    "description": _described(HTML),
    "summary": _described(PLAIN),
    "content": _content(PLAIN),
    "content:encoded": _content(HTML),
    "published": _keep("published"),
    "updated": _keep("updated"),
    "created": _keep("created"),
    "language": _keep("language"),
    "rights": _rights,
    "author": _author,
    "category": _category,
    "media:category": _media_category,
    "media:keywords": _keywords,
    "source": _source,
    "enclosure": lambda found, node: found.files.enclosure(attributes(node)),
    "media:group": lambda found, node: found.read(node, found),
    "media:content": _files("content"),
    "media:thumbnail": _files("thumbnail"),
    "media:credit": _files("credit"),
    "media:description": _files("description"),
    **dict.fromkeys(("abstract", "body", "xhtml:body", "fullitem", "tags", "item", "textinput", "image"), _odd),
}
RULES_OF_SOURCES = {name: RULES[name] for name in ("title", "guid", "link")}
