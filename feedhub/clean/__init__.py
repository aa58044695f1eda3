"""The clean stage: Entry -> Copy.

text       entities, mojibake, controls, whitespace
html       markup -> lines (tags, tree, attributes, links) and lines -> safe HTML
furniture  what the site added goes: lines by their form, appeals to the reader by their vocabulary
wire       byline, credit, desk code and dateline (dateline, eastern, filing, dates), revisions, citations are lifted
           out; names tells by its form a name that no list of agencies knows
titles     the headline alone

`article` runs furniture and wire until nothing changes; `entry` and `item` are the two ways in. What the rules look
for is data: `feedhub/catalogue/*.yaml`, read by `catalogue`.
"""

from feedhub.clean.agencies import Agencies
from feedhub.clean.entry_to_copy import clean
from feedhub.clean.links import url_key
from feedhub.clean.plain_item import CleanItem, clean_item
from feedhub.clean.titles import clean_title

__all__ = ["Agencies", "CleanItem", "clean", "clean_item", "clean_title", "url_key"]
