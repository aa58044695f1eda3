"""Who wrote it: names out of the ways in which feeds write people."""

from __future__ import annotations

import re
from typing import Any

from feedhub.parse.element_names import name_of
from feedhub.parse.element_text import NeedsFeedparser, Scope, text_of
from feedhub.parse.xml_text import MOST_VALUES, line

#: name and address
Person = tuple[str | None, str | None]
#: `desk@paper.example (Ann Example)`, `Ann Example <ann@paper.press>`, with any top-level domain
_ADDRESS = re.compile(
    r"(?:mailto:)?[a-zA-Z0-9_.+'-]{1,64}@(?:\[[0-9]{1,3}(?:\.[0-9]{1,3}){3}\]|(?:[a-zA-Z0-9-]{1,63}\.){1,8}"
    r"(?:[a-zA-Z][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]|[0-9]{1,3}))(?:\?subject=\S+)?"
)

#: the lenient reader leaves entities as they are
_QUOTED = re.compile(r'("|&quot;)(.+)\1')
#: what stood between a name and an address that is gone
_AROUND = " ,;:|/<>-\u2013\u2014"
#: what some write before a name
_BY = re.compile(r"^(?:By|BY|by):?\s+(?=[^\W\d_a-z])")
#: `desk [at] paper.example (Ann Example)`
_DISGUISED = re.compile(r"\S{1,64}\s*[\[(]at[\])]\s*\S{1,100}\s*\((?P<name>[^()]{1,100})\)", re.IGNORECASE)
#: a name and an address; to look through more takes the square of its length
_LONGEST = 300


def read_person(node: Any, scope: Scope) -> tuple[str, Person]:
    """Read an author element; return its text and the person."""
    if not len(node):
        text = text_of(node, scope)
        return text, taken_apart(text)
    name = email = None
    for child in node:
        kind = name_of(child)
        if kind == "name":
            name = text_of(child, scope)
        elif kind == "email":
            email = text_of(child, scope)
        elif len(child):
            raise NeedsFeedparser
    return name or email or "", (name, email)


def names_of(people: tuple[Person, ...], author: str | None) -> tuple[str, ...]:
    """Return the names of all people, else their addresses; else the text of the last author element."""
    names = [bare_name(line(name)) or line(email) for name, email in people[:MOST_VALUES]]
    known = [name for name in names if name] or [name for name in [line(author)] if name]
    return tuple(dict.fromkeys(known))


def bare_name(name: str | None) -> str | None:
    """Return a name without the address that some write into it; an address alone is what there is."""
    if name is None:
        return None
    if "@" in name:
        return taken_apart(name)[0] or name
    if disguised := _DISGUISED.fullmatch(name[:_LONGEST]):
        return disguised["name"]
    if name.startswith("(") and name.endswith(")") and len(name) > len("()"):
        name = name[1:-1].strip()
    return _BY.sub("", name)


def taken_apart(text: str) -> Person:
    """Return the name and the address that a text names; either may be None."""
    if "@" not in text or not (match := _ADDRESS.search(text[:_LONGEST])):
        return text or None, None
    rest = (
        text.replace(match[0], "")
        .replace("()", "")
        .replace("<>", "")
        .replace("&lt;&gt;", "")
        .replace("&quot;", '"')
        .strip()
    )
    rest = rest.removeprefix("(").removesuffix(")").strip(_AROUND)
    if quoted := _QUOTED.fullmatch(rest):
        rest = quoted[2].strip()
    return rest or None, match[0].removeprefix("mailto:")
