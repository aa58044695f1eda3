"""One item or entry of a well-formed document -> Entry.

Elements with a meaning have a rule by their name; what has none is passed over with all that it holds.
"""

from __future__ import annotations

from typing import Any

from feedhub.model import Entry
from feedhub.parse.element_names import name_of
from feedhub.parse.element_rules import RULES, Rule
from feedhub.parse.element_text import NeedsFeedparser, Scope
from feedhub.parse.item_values import ItemValues, entry_of

_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


class ItemReader:
    """Reads the items of one document; names that it meets are looked up once."""

    def __init__(self, base: str | None) -> None:
        self._base = base
        self._rules: dict[str, Rule | None] = {}

    def entry(self, node: Any, scope: Scope) -> Entry:
        """Read an item's elements in their order, then combine them."""
        item = ItemValues(scope, self._base, self.read)
        if node.keys():
            item.scope = scope.inside(node)
            item.id = node.get(_RDF_ABOUT)
        self.read(node, item)
        return entry_of(item)

    def read(self, node: Any, item: ItemValues) -> None:
        """Apply the rule of each element inside."""
        rules = self._rules
        for child in node:
            tag = child.tag
            try:
                rule = rules[tag]
            except KeyError:
                rule = rules[tag] = RULES.get(name_of(child))
            if rule is not None:
                rule(item, child)
            elif len(child):
                self._expect_nothing(child)

    def _expect_nothing(self, node: Any) -> None:
        """Raise NeedsFeedparser where an unknown element holds a known one, which feedparser takes for the item's."""
        if any(name_of(inner) in RULES for inner in node.iterdescendants()):
            raise NeedsFeedparser
