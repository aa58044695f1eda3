"""One item or entry of a well-formed document -> Entry.

Elements with a meaning have a rule, found by name; what has none is passed over with all that it holds.
"""

from __future__ import annotations

from typing import Any

from feedhub.model import Entry
from feedhub.parse.element_names import name_of
from feedhub.parse.element_rules import RULES, Rule
from feedhub.parse.element_text import NeedsFeedparser, Scope
from feedhub.parse.item_values import ItemValues, entry_of
from feedhub.parse.xml_text import base_of

_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


class ItemReader:
    """Reads the items of one document; names that it meets are looked up once."""

    def __init__(self, url: str) -> None:
        self._base = base_of(url)
        self._rules: dict[str, Rule | None] = {}

    def entry(self, node: Any, scope: Scope) -> Entry:
        """An item's elements in their order, then what they say together."""
        found = ItemValues(scope, self._base, self.read)
        if node.keys():
            found.scope = scope.inside(node)
            found.id = node.get(_RDF_ABOUT)
        self.read(node, found)
        return entry_of(found)

    def read(self, node: Any, found: ItemValues) -> None:
        """Apply the rule of each element inside."""
        rules = self._rules
        for child in node:
            tag = child.tag
            try:
                rule = rules[tag]
            except KeyError:
                rule = rules[tag] = RULES.get(name_of(child))
            if rule is not None:
                rule(found, child)
            elif len(child):
                self._expect_nothing(child)

    def _expect_nothing(self, node: Any) -> None:
        """feedparser would take a title within an unknown element for the item's."""
        if any(name_of(inner) in RULES for inner in node.iterdescendants()):
            raise NeedsFeedparser
