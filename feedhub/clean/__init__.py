"""Clean an Entry: turn it into a Copy.

text             entities, mojibake, controls, whitespace
html             markup to lines (tags, tree, attributes, links), and lines to safe HTML
line_signs       what a line tells by itself, found out once
furniture        what the site added goes: lines by their form, appeals to the reader by their vocabulary
wire_marks       byline, credit, desk code and dateline, revisions and citations are lifted out
titles           the headline alone

`article` runs furniture and wire_marks until nothing changes; `entry_to_copy` and `plain_item` are the two ways in.
From outside the package itself is called: `feedhub.clean(text)` is `clean_text(text)`.
What the rules look for is data: `feedhub/catalogue/*.yaml`, read by `catalogue`.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from feedhub.clean.agencies import Agencies
from feedhub.clean.entry_to_copy import clean
from feedhub.clean.links import url_key
from feedhub.clean.plain_item import CleanItem, clean_item, clean_text
from feedhub.clean.titles import clean_title, common_suffix

__all__ = ["Agencies", "CleanItem", "clean", "clean_item", "clean_text", "clean_title", "common_suffix", "url_key"]


class _CallableModule(ModuleType):
    """A module that may be called: the package and the public function have one name, `feedhub.clean`."""

    def __call__(self, *arguments: Any, **named: Any) -> CleanItem:
        return clean_text(*arguments, **named)


sys.modules[__name__].__class__ = _CallableModule
