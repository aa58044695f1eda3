"""Stories of an index as one page to look at: the copies of each side by side, shares, near misses. No scripts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from feedhub.match import Explanation
from feedhub.story_index import Index, ItemPair, ItemStory

#: stories and near misses shown, copies of one story, words of a copy, passages of a pair
MOST_STORIES, MOST_NEAR, MOST_COPIES, WORDS, PASSAGES = 200, 100, 12, 60, 8
_STYLE = """
:root { color-scheme: light dark; --ink: #1d1f23; --soft: #62666e; --line: #d9dbe0; --ground: #fbfbfa; --card: #fff;
  --same: #dcefdc; --other: #f7dfd6; --bar: #3d7a4f; --rest: #e6e7ea; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e3; --soft: #9a9da4; --line: #3a3d43; --ground: #17181b;
  --card: #1f2125; --same: #24402b; --other: #4a2c22; --bar: #6fb583; --rest: #34373d; } }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; } p { margin: .35rem 0; overflow-wrap: anywhere; }
small, .soft { color: var(--soft); }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
.side { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: .75rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .75rem; }
.speaks { border-color: var(--bar); border-width: 2px; }
.bar { background: var(--rest); border-radius: 3px; height: 6px; margin: .35rem 0; }
.bar span { background: var(--bar); border-radius: 3px; display: block; height: 6px; }
table { border-collapse: collapse; width: 100%; } td { vertical-align: top; padding: .25rem .5rem; width: 46%; }
td:first-child { width: 8%; color: var(--soft); } .same td { background: var(--same); }
.number td, .name td, .date td, .negation td { background: var(--other); }
"""


def report_page(index: Index, closing: str) -> Iterator[str]:
    """Return the page's parts: whatever the items say is text in it, never markup."""
    stories = sorted((story for story in index.stories() if len(story.rows) > 1), key=lambda story: -len(story.rows))
    near = sorted(index.pairs(near=True), key=lambda pair: pair.threshold - pair.score)
    yield "<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<title>Stories of {len(index):,} items</title><style>{_STYLE}</style>\n"
    yield f"<h1>Stories of {len(index):,} items</h1><p>{escape(closing)}</p>"
    yield "<p class=soft>A copy's bar is the share of the shorter text that it has in common with the copy it matched. "
    yield "The card with the thick border speaks for its story.</p>"
    yield f"<h2>Stories with more than one copy{_of(len(stories), MOST_STORIES)}</h2>"
    for story in stories[:MOST_STORIES]:
        yield from _story(index, story)
    if not stories:
        yield "<p>None: every item is a story of its own.</p>"
    yield f"<h2>Near misses{_of(len(near), MOST_NEAR)}</h2>"
    for pair in near[:MOST_NEAR]:
        yield from _near_miss(index, pair)
    if not near:
        yield "<p>None.</p>"
    yield "</html>\n"


def _of(count: int, most: int) -> str:
    return f" <small>{count:,}{f', the first {most}' if count > most else ''}</small>"


def _story(index: Index, story: ItemStory) -> Iterator[str]:
    yield f"<section><h3>{escape(index.item(story.canonical).title or str(story.id))}"
    yield f" <small>{len(story.rows)} copies</small></h3><div class=side>"
    for row in story.rows[:MOST_COPIES]:
        item = index.item(row.id)
        yield f"<div class='card{' speaks' if row.canonical else ''}'><small>{escape(item.source or 'no source')} · "
        yield f"{escape(str(row.id))} · {row.relation.value}</small><p><b>{escape(item.title)}</b></p>"
        if row.matched is not None:
            made = index.explain(row.id, row.matched)
            yield _bar(made.measures.get("all", row.score or 0.0))
            yield f"<small>of {escape(str(row.matched))}: {escape(row.ground)}</small>"
        yield f"<p>{escape(_beginning(item.text))}</p></div>\n"
    yield "</div>"
    if len(story.rows) > MOST_COPIES:
        yield f"<p class=soft>and {len(story.rows) - MOST_COPIES:,} more</p>"
    yield "</section>\n"


def _near_miss(index: Index, pair: ItemPair) -> Iterator[str]:
    made = index.explain(pair.left, pair.right)
    yield f"<section><h3>{_name(index, pair.left)} <small>and</small> {_name(index, pair.right)}</h3>"
    yield _bar(made.measures.get("all", 0.0))
    yield f"<p>{pair.score:.2f} of {pair.threshold:.2f}; {escape(pair.ground)}</p>"
    for veto in made.match.vetoes:
        yield f"<p class=soft>{escape(veto)}</p>"
    yield from _passages(made)
    yield "</section>\n"


def _passages(made: Explanation) -> Iterator[str]:
    yield f"<table><tr><td>title<td>{escape(made.titles[0])}<td>{escape(made.titles[1])}"
    for passage in made.passages[:PASSAGES]:
        yield f"<tr class={passage.kind}><td>{passage.kind}"
        yield f"<td>{escape(_beginning(passage.left))}<td>{escape(_beginning(passage.right))}"
    yield "</table>"


def _name(index: Index, item: Any) -> str:
    return f"{escape(str(item))} <small>{escape(index.item(item).source or 'no source')}</small>"


def _bar(share: float) -> str:
    width = round(100 * min(1.0, max(0.0, share)))
    return f"<div class=bar title='{width} % in common'><span style='width:{width}%'></span></div>"


def _beginning(text: str) -> str:
    words = text.split()
    return " ".join(words[:WORDS]) + (" ..." if len(words) > WORDS else "")
