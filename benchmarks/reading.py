"""What reading pages to decide is worth: `benchmarks/reading.py FOLDER [SET ...] [--view VIEW] [--budget SHARE]`.

A set is a folder with items.jsonl and pairs.jsonl as for `accuracy.py`. Its texts are hidden (`summary`: headline and
the page's own description are shown; `lead40`: headline and 40 words; `mixed`: half the sources show all) and played
as pages by the path of `feedhub dedupe --pages`, under budgets from nothing to every page. Then what it costs to find
the open pairs of 100,000 invented teasers, and a page to be extracted. 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import io
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import rows, view
from numpy.typing import NDArray

from feedhub.item_pages import PagedItems, PageFile
from feedhub.items import ItemCleaner, copies
from feedhub.match import TeaserIndex, TeaserText, match_stream, teasers_of
from feedhub.parse.page import extract

FloatArray = NDArray[np.float64]

BUDGETS = (0.05, 0.10, 0.15, 0.20, 0.25, 0.35, 1.0)
#: set, view -> gold pairs that may be missed at a quarter of the pages
MISSED = {("odu", "summary"): 2, ("odu", "lead40"): 1}
HEADER = f"{'set':9}{'view':9}{'budget':>8}{'read':>8}{'gold: false':>14}{'missed':>9}{'rule: false':>14}{'found':>9}"
#: microseconds and bytes an item, and microseconds an item of the last batch
MOST_TIME, MOST_BYTES = 60.0, 200.0
ITEMS, BATCH, VOCABULARY = 100_000, 2_000, 200_000


class Played:
    """A set in one view, with its hidden texts as pages."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        whole = list(rows(folder / "items.jsonl"))
        self.items = [view(item, name) for item in whole]
        hidden = [{"id": w["id"], "text": w.get("text")} for w in whole if w.get("text")]
        self.file = io.BytesIO("".join(f"{json.dumps(page)}\n" for page in hidden).encode())
        self.whole = {w["id"]: w.get("text") for w in whole}
        self.pairs = list(rows(folder / "pairs.jsonl"))

    def line(self, label: str, read: float, story: dict[str, str]) -> str:
        """One line of the table."""
        counts = self.counts(story)
        gold, rule = counts["gold"], counts["rule"]
        return (
            f"{self.folder.name:9}{self.name:9}{label:>8}{read:8.1%}{gold[0]:>8} of {gold[1]:<3}{gold[2]:>4} of "
            f"{gold[3]:<3}{rule[0]:>7} of {rule[1]:<5}{rule[3] - rule[2]:>4} of {rule[3]:<3}"
        )

    def counts(self, story: dict[str, str]) -> dict[str, tuple[int, int, int, int]]:
        """False merges, pairs to keep apart, missed merges, pairs to merge: of gold pairs and of those by rule."""
        found = {"gold": [0, 0, 0, 0], "rule": [0, 0, 0, 0]}
        for pair in self.pairs:
            if pair["label"] not in (0, 1) or pair["a"] not in story or pair["b"] not in story:
                continue
            where = found["gold" if pair["basis"].startswith("gold") or pair["basis"] == "implied" else "rule"]
            merged = story[pair["a"]] == story[pair["b"]]
            if pair["label"] == 1:
                where[2] += not merged
                where[3] += 1
            else:
                where[0] += merged
                where[1] += 1
        return {name: (a, b, c, d) for name, (a, b, c, d) in found.items()}

    def stories(self, budget: float | None) -> tuple[float, dict[str, str]]:
        """The share of pages read and the story of each item; None: no page, 1.0 and more: those that are asked for."""
        if budget is None:
            return 0.0, {row.id: row.story for row in match_stream(copies(self.items))}
        self.file.seek(0)
        paged = PagedItems(PageFile(self.file, "pages"), budget=budget)
        cleaner = ItemCleaner()
        made: Any = ((item, cleaner.copy(item)) for item in self.items)
        story = {row.id: row.story for row in paged.rows(made)}
        return paged.read / max(1, paged.pages), story

    def everything(self) -> dict[str, str]:
        """The story of each item where every page is read."""
        return {
            row.id: row.story
            for row in match_stream(copies([i | {"text": self.whole[i["id"]] or i.get("text")} for i in self.items]))
        }


def invented(first: int, chance: np.random.Generator, common: FloatArray) -> list[TeaserText]:
    """Teasers of nine and 36 words, as common as words are (Zipf), of 200 outlets within three days."""
    words = np.searchsorted(common, chance.random((BATCH, 45)))
    return [
        TeaserText(
            number=first + row,
            title=" ".join(f"w{word}" for word in some[:9]),
            text=" ".join(f"w{word}" for word in some[9:]),
            outlet=f"paper{row % 200}",
            time=(first + row) * 2.5,
            agency=None,
            readable=True,
        )
        for row, some in enumerate(words.tolist())
    ]


def finding() -> bool:
    """Print what it costs to find open pairs; True where a bar is missed."""
    share = 1 / np.arange(1, VOCABULARY + 1)
    common, chance = np.cumsum(share / share.sum()), np.random.default_rng(1)
    index, total, last = TeaserIndex(72 * 3_600), 0.0, 0.0
    for first in range(0, ITEMS, BATCH):
        texts = invented(first, chance, common)
        begun = time.process_time()
        index.add(teasers_of(texts))
        last = time.process_time() - begun
        total += last
    each, size = 1e6 * total / ITEMS, index.nbytes / ITEMS
    print(
        f"open pairs of {ITEMS:,} teasers: {each:.0f} us an item ({1e6 * last / BATCH:.0f} in the last batch), "
        f"bar {MOST_TIME:.0f}; {size:.0f} bytes an item, bar {MOST_BYTES:.0f}"
    )
    return each > MOST_TIME or size > MOST_BYTES


def extracting() -> None:
    """Print what the extraction of an invented page of 66 kB costs."""
    told = "".join(f"<p>{f'The harbour of Tarn will close to ferries on day {n}. ' * 6}</p>" for n in range(12))
    links = "".join(f"<li><a href=/story/{n}>Another story, number {n}, told elsewhere</a></li>" for n in range(900))
    page = f"<html><body><nav><ul>{links}</ul></nav><article><h1>Tarn</h1>{told}</article></body></html>".encode()
    extract(page, content_type="text/html", url="http://paper.test/1")
    begun = time.process_time()
    for _ in range(20):
        extract(page, content_type="text/html", url="http://paper.test/1")
    print(f"extraction of a page of {len(page) / 1e3:.0f} kB: {1e3 * (time.process_time() - begun) / 20:.1f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--view", action="append", choices=("summary", "lead40", "mixed"))
    parser.add_argument("--budget", action="append", type=float)
    parser.add_argument("--cost", action="store_true", help="nothing but what it costs")
    chosen = parser.parse_args()
    names = chosen.sets or sorted(path.parent.name for path in chosen.folder.glob("*/pairs.jsonl"))
    wrong = int(finding())
    extracting()
    if chosen.cost:
        return wrong
    print(HEADER)
    for name in names:
        for shown in chosen.view or ("summary", "lead40", "mixed"):
            begun = time.perf_counter()
            played = Played(chosen.folder / name, shown)
            print(played.line("nothing", 0.0, played.stories(None)[1]), flush=True)
            for budget in chosen.budget or BUDGETS:
                read, story = played.stories(budget)
                print(played.line("asked" if budget == 1.0 else f"{budget:.0%}", read, story), flush=True)
                if budget == 0.25 and (name, shown) in MISSED:
                    gold = played.counts(story)["gold"]
                    wrong += gold[0] > 0 or gold[2] > MISSED[name, shown]
            print(played.line("every", 1.0, played.everything()), f"{time.perf_counter() - begun:.0f} s", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
