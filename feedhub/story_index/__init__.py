"""An index of items that is added to: after any adds, in any order, the stories that `dedupe` gives of all at once.

items
| index_file      one SQLite file, one transaction a batch: what is killed has not been
| posting_blocks  keys of the new items -> the postings of these keys
| furniture_state of each source with new items what it repeats now, and what that changed
| pair_counts     postings before and after -> pairs that are worth comparing now and were not, and the other way round
| regrouping      verdicts that are new or changed -> groups -> stories
StoryChange...

What `dedupe` decides depends on the set of items alone, so later items may overrule what earlier ones showed: a text
that a third unlike headline shows to be furniture stops counting. Nothing is frozen and nothing approximated: an add
works out which keys, pairs, verdicts and groups the new items touch, by themselves and by what they teach, and does
just those again; every other verdict is read back.
"""

from feedhub.story_index.index_values import Changes, IndexedItem, ItemPair, ItemStory, StoryChange
from feedhub.story_index.story_index import Index

__all__ = ["Changes", "Index", "IndexedItem", "ItemPair", "ItemStory", "StoryChange"]
