"""Real feeds in, entries out: `python benchmarks/fidelity.py FOLDER [--all] [--worst N] [--sample N] [--json]`.

For every entry of the feeds below FOLDER (those of at least 20 kB; `--all`: every file) what a reader would see in the
feed is counted, and what a reader sees of it in the cleaned copy: the share of the article's words, pictures, links,
embedded players, media, lists, tables, code, rules, formulas, date, authors. A table first, then the entries that lose
most of their words, side by side, with the rules that dropped them; or a sample of all. How many of the entries with a
picture show one in each of the three formats stands below the table.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from textwrap import wrap
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedhub.clean import Agencies, clean
from feedhub.model import Copy, Entry, Feed, OutputFeed, OutputItem, Publisher, Source, Story
from feedhub.parse import parse
from feedhub.publish import atom, json_feed, rss

REAL = 20_000
#: an article needs as many words before its share of kept words says anything
ARTICLE = 20
NOW = datetime(2030, 1, 1, tzinfo=UTC)
URL = "http://127.0.0.1:8097/feed"
_WORD = re.compile(r"[^\W_]+")
#: closed in itself, as XML writes it: an HTML parser would take all that follows for its content
_SELF_CLOSED = re.compile(r"<(script|style|iframe|textarea|title|noscript)\b[^>]*/>", re.IGNORECASE)
#: codes of page builders that nothing turned into markup are no words of the article
_CODES = re.compile(r"\[/?(?:(?:vc|fusion|et_pb|av|mk|cs|siteorigin)_\w+|caption)(?:\s[^\[\]<>]*)?\]")
_UNSEEN = ("script", "style", "template", "textarea", "select", "button", "title", "head", "svg", "iframe")
_ADDRESSES = ("src", "srcset", "data-src", "data-lazy-src", "data-original", "data-orig-file", "data-srcset")
_COUNTED = {
    "list items": "li",
    "tables": "table",
    "spanning cells": "[colspan]:not([colspan='1']),[rowspan]:not([rowspan='1'])",
    "code blocks": "pre",
    "rules": "hr",
    "formulas": "math",
    "headings": "h1,h2,h3,h4,h5,h6",
    "definitions": "dt,dd",
    "ruby": "ruby",
    "captions": "figcaption",
    "directions": "[dir]",
}
KINDS = ("words", "pictures", "links", "embeds", "media", *_COUNTED, "date", "authors")


@dataclass(slots=True)
class Fidelity:
    """What one entry holds and what its copy holds, kind by kind."""

    file: str
    entry: Entry
    copy: Copy
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    text_before: str = ""
    text_after: str = ""
    #: words of the entry that stand nowhere in its copy
    lost: int = 0
    #: whether the entry has a picture, in its text or beside it, and whether each output shows one
    shown: dict[str, bool] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """Return the share of the entry's words that the copy still has."""
        return 1 - self.lost / self.before["words"] if self.before["words"] else 1.0


def measure(file: str, entry: Entry, copy: Copy) -> Fidelity:
    """Count what stands in an entry and in its copy."""
    row = Fidelity(file, entry, copy)
    markups = [part for part in (entry.content, entry.summary) if part]
    fullest = max(markups, key=lambda part: len(part.value), default=None)
    source = _CODES.sub("", _SELF_CLOSED.sub("", fullest.value)) if fullest else ""
    is_html = fullest is not None and (fullest.html or "</" in source)
    row.before, row.text_before = _count(source) if is_html else (Counter(), source)
    row.after, row.text_after = _count(copy.html or "")
    elsewhere = [copy.title, copy.summary or "", copy.rights or "", str(copy.wire), " ".join(copy.authors)]
    had = Counter(_words(row.text_before))
    has = Counter(_words(" ".join([row.text_after, *elsewhere])))
    row.before["words"], row.lost = sum(had.values()), sum((had - has).values())
    row.after["words"] = row.before["words"] - row.lost
    row.shown = _shown_pictures(entry, copy, row.before["pictures"] > 0)
    # no entry shows more than it came with, in this count: a surplus would hide another entry's loss
    row.before["media"], row.after["media"] = len(entry.media), len(copy.media)
    row.before["date"], row.after["date"] = bool(entry.published or entry.updated), bool(copy.published)
    row.before["authors"], row.after["authors"] = len(entry.authors), len(copy.authors)
    for kind in KINDS:
        row.after[kind] = min(row.after[kind], row.before[kind])
    return row


def _shown_pictures(entry: Entry, copy: Copy, in_text: bool) -> dict[str, bool]:
    """Tell where a picture of the entry is to be seen: in the feed, and in each of our documents."""
    beside = any(file.medium == "image" or (file.type or "").startswith("image/") for file in entry.media)
    shown = {"in": in_text or beside}
    if not shown["in"]:
        return shown
    feed = OutputFeed(
        name="f", id="tag:f", title="f", home_url=URL, feed_url=URL, updated=NOW, items=(_output_item(copy),)
    )
    documents = {"Atom": atom(feed), "RSS": rss(feed), "JSON Feed": json_feed(feed)}
    return shown | {name: _PICTURE_OUT[name].search(document) is not None for name, document in documents.items()}


#: in the text, as an enclosure, as Media RSS, as JSON's image
_PICTURE_OUT = {
    "Atom": re.compile(rb'&lt;img|rel="enclosure"[^>]*type="image|type="image[^>]*rel="enclosure"|<media:thumbnail'),
    "RSS": re.compile(rb'<img|&lt;img|<enclosure[^>]*type="image|<media:(?:thumbnail|content[^>]*(?:image))'),
    "JSON Feed": re.compile(rb'<img|"image":|"mime_type":"image'),
}


def _output_item(copy: Copy) -> OutputItem:
    story = Story(
        id="tag:f:1",
        canonical=copy.key,
        title=copy.title,
        html=copy.html or None,
        summary=copy.summary,
        url=copy.url,
        media=copy.media,
        published=copy.published or NOW,
        updated=copy.published or NOW,
        released=NOW,
        publisher=Publisher(source="s", name="s", outlet="s"),
    )
    return OutputItem(story=story, entered=NOW)


def _words(text: str) -> Iterator[str]:
    return (match[0].casefold() for match in _WORD.finditer(text))


def _count(markup: str) -> tuple[Counter[str], str]:
    """Count the elements of a fragment; return the counts and the text that a browser would show."""
    body = LexborHTMLParser(markup).body
    if body is None:
        return Counter(), ""
    counts = Counter({kind: len(body.css(selector)) for kind, selector in _COUNTED.items()})
    counts["tables"] = sum(map(_shows_data, body.css("table")))
    # a link to a place in the entry itself may have come as the article's whole address
    links = [node for node in body.css("a[href]") if _is_web(href := node.attributes.get("href")) or _is_local(href)]
    counts["links"] = sum(bool(node.text(strip=True)) for node in links)
    counts["pictures"] = len({address for node in body.css("img") if (address := _picture(node))})
    frames = [node for node in body.css("iframe,embed,object") if _is_web(_player(node))]
    counts["embeds"] = len(frames) + len(body.css("figure > p > a:only-child"))
    return counts, _text(body)


def _shows_data(table: LexborNode) -> bool:
    """Tell whether a table is wider than a column and longer than a row, and no other stands in it."""
    if table.attributes.get("role") == "presentation" or len(table.css("table")) > 1 or len(table.css("tr")) < 2:
        return False
    return any(len(row.css("td,th")) > 1 for row in table.css("tr"))


def _is_web(address: str | None) -> bool:
    return bool(address) and not re.match(r"\s*(?:javascript|data|about|#)", address or "", re.IGNORECASE)


def _is_local(address: str | None) -> bool:
    return (address or "").startswith("#n-")


def _player(node: LexborNode) -> str | None:
    return node.attributes.get("src") or node.attributes.get("data")


def _picture(node: LexborNode) -> str | None:
    attributes = node.attributes
    if any(re.fullmatch(r"\s*[0-2](?:px)?\s*", attributes.get(side) or "") for side in ("width", "height")):
        return None
    return next((value for name in _ADDRESSES if _is_web(value := attributes.get(name))), None)


def _text(body: LexborNode) -> str:
    for node in body.css(",".join(_UNSEEN)):
        node.decompose()
    for node in body.css("p,div,li,br,td,th,tr,h1,h2,h3,h4,h5,h6,pre,blockquote,figcaption,dt,dd"):
        node.insert_before("\n")
        node.insert_after("\n")
    lines = (" ".join(line.split()) for line in body.text().split("\n"))
    return "\n".join(line for line in lines if line)


def rows_of(files: list[Path], root: Path) -> tuple[list[Fidelity], float]:
    """Clean every entry of these files; return what each holds, and the seconds that the cleaning took."""
    agencies, rows, seconds = Agencies.known(), [], 0.0
    for file in files:
        feed = parse(file.read_bytes(), url=URL)
        if not isinstance(feed, Feed):
            continue
        name = str(file.relative_to(root))
        source = Source(id="s", url=URL, name=name)
        for entry in feed.entries:
            start = time.process_time()
            copy = clean(
                entry,
                source=source,
                feed_title=feed.title,
                feed_language=getattr(feed, "language", None),
                outlet="s",
                first_seen=NOW,
                now=NOW,
                agencies=agencies,
            )
            seconds += time.process_time() - start
            rows.append(measure(name, entry, copy))
    return rows, seconds


def table(rows: list[Fidelity]) -> list[dict[str, Any]]:
    """Sum up kind by kind: how many in, how many out, and how many entries lose one."""
    return [
        {
            "kind": kind,
            "in": sum(row.before[kind] for row in rows),
            "out": sum(row.after[kind] for row in rows),
            "entries": sum(row.before[kind] > 0 for row in rows),
            "losing": sum(row.after[kind] < row.before[kind] for row in rows),
        }
        for kind in KINDS
    ]


def show_pair(row: Fidelity, width: int = 58, height: int = 24) -> Iterator[str]:
    """Print an entry and its copy side by side, the beginning of each."""
    title = row.copy.title or (row.entry.title.value if row.entry.title else "")
    yield f"--- {row.share:.0%} of {row.before['words']} words | {row.file} | {title[:60]!r} | {dict(row.copy.dropped)}"
    columns = [
        [part for line in text.split("\n") for part in wrap(line, width) or [""]]
        for text in (row.text_before, row.text_after)
    ]
    for left, right in list(zip(*(column + [""] * max(map(len, columns)) for column in columns), strict=False))[
        : min(height, max(map(len, columns)))
    ]:
        yield f"{left:<{width}} | {right}"


def main() -> int:
    """Print the table and the worst entries; return 2 where the folder holds no feed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--all", action="store_true", help="small files too")
    options.add_argument("--worst", type=int, default=20, help="how many entries to show side by side (20)")
    options.add_argument("--sample", type=int, default=0, help="show so many at random over the feeds, not the worst")
    options.add_argument("--seed", type=int, default=1, help="of the sample (1)")
    options.add_argument("--json", action="store_true", help="the table as JSON, nothing else")
    chosen = options.parse_args()
    least = 0 if chosen.all else REAL
    files = sorted(path for path in chosen.folder.rglob("*") if path.is_file() and path.stat().st_size >= least)
    rows, seconds = rows_of([file for file in files if file.name != "MANIFEST.jsonl"], chosen.folder)
    if not rows:
        print(f"{chosen.folder}: no feed with entries is in this folder", file=sys.stderr)
        return 2
    sums, articles = table(rows), [row for row in rows if row.before["words"] >= ARTICLE]
    poor = [sum(row.share < share for row in articles) for share in (0.98, 0.9, 0.6, 0.1)]
    if chosen.json:
        print(json.dumps({"entries": len(rows), "articles": len(articles), "losing words": poor, "kinds": sums}))
        return 0
    print(f"{len(rows)} entries of {len({row.file for row in rows})} feeds, {1000 * seconds / len(rows):.2f} ms each")
    print(f"{'':<16}{'in':>9}{'out':>9}{'share':>9}{'entries':>9}{'losing':>8}")
    for one in sums:
        share = f"{one['out'] / one['in']:.1%}" if one["in"] else "-"
        print(f"{one['kind']:<16}{one['in']:>9}{one['out']:>9}{share:>9}{one['entries']:>9}{one['losing']:>8}")
    pictured = [row.shown for row in rows if row.shown["in"]]
    of = ", ".join(f"{name} {sum(shown[name] for shown in pictured)}" for name in _PICTURE_OUT)
    print(f"entries with a picture in their text or beside it: {len(pictured)} in; with one out: {of}")
    print(f"articles that keep less than 98, 90, 60, 10 % of their words: {poor} of {len(articles)}")
    if chosen.sample:
        draw = Random(chosen.seed)
        by_file = defaultdict(list)
        for row in rows:
            by_file[row.file].append(row)
        for file in draw.choices(sorted(by_file), k=chosen.sample):
            print(*show_pair(draw.choice(by_file[file])), sep="\n")
        return 0
    for row in sorted(articles, key=lambda row: row.share)[: chosen.worst]:
        print(*show_pair(row), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
