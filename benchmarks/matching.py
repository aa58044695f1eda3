"""Rates, memory and recall of the matcher beside a bare MinHash loop: `python benchmarks/matching.py [--items N ...]`.

Both go over the same made-up items in the same run on the same core, each in a process of its own, so that its memory
can be told. The bare loop parses JSON, makes 3-grams and asks and fills datasketch's MinHashLSH (128 permutations, no
verification, nothing cleaned, no stories). Ours goes all the way from the line of JSON to the story. The index stages
start from the same tokens. Needs `pip install feedhub[bench]`; --million takes ten minutes and 10 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from made import KINDS, write

THRESHOLD = 0.5
METHODS = ("bare loop", "feedhub", "bare index", "feedhub index")
HEADER = f"{'method':15}{'us/item':>8}{'items/s':>9}{'peak MB':>9}{'B/item':>8}{'false':>7}  recall: " + " ".join(
    f"{kind:>7}" for kind in KINDS
)
#: items whose tokens are at hand at once, so that making them is not measured and not much is held
CHUNK = 2000
#: items that our index reads at once, as the matcher does
AT_ONCE = 64

Pairs = set[tuple[int, int]]


def peak() -> float:
    """The most memory this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from file


def bare_loop(path: Path) -> tuple[float, Pairs]:
    """CPU seconds, and the pairs (earlier item, item) that the bare loop finds."""
    ask = _minhash()
    found: Pairs = set()
    started = time.process_time()
    for number, line in enumerate(lines(path)):
        found.update((earlier, number) for earlier in ask(number, json.loads(line)["text"].lower().split()))
    return time.process_time() - started, found


def _minhash() -> Callable[[int, list[str]], list[int]]:
    """Words of an item -> numbers of earlier items that look alike; the item joins them."""
    from datasketch import MinHash, MinHashLSH

    empty = MinHash(num_perm=128)
    index = MinHashLSH(threshold=THRESHOLD, num_perm=128)

    def ask(number: int, words: list[str]) -> list[int]:
        sketch = empty.copy()
        grams = {" ".join(gram).encode() for gram in zip(words, words[1:], words[2:], strict=False)}
        sketch.update_batch(list(grams))
        earlier = index.query(sketch)
        index.insert(number, sketch, check_duplication=False)
        return list(earlier)

    return ask


def feedhub(path: Path) -> tuple[float, Pairs]:
    """CPU seconds, and for each item the pair with its story's first item."""
    from feedhub.items import copies
    from feedhub.match import match_stream

    started = time.process_time()
    rows = match_stream(copies(map(json.loads, lines(path))))
    found = {(int(row.story), int(row.id)) for row in rows}
    return time.process_time() - started, found


def _tokens(path: Path) -> Iterator[list[str]]:
    from feedhub.match.text.spelling import tokens

    return (tokens(json.loads(line)["text"]) for line in lines(path))


def bare_index(path: Path) -> tuple[float, Pairs]:
    """CPU seconds for tokens in and candidates out, and the candidates."""
    ask = _minhash()
    found: Pairs = set()
    spent, number, source = 0.0, 0, _tokens(path)
    while chunk := list(islice(source, CHUNK)):
        started = time.process_time()
        for words in chunk:
            found.update((earlier, number) for earlier in ask(number, words))
            number += 1
        spent += time.process_time() - started
    return spent, found


def feedhub_index(path: Path) -> tuple[float, Any]:
    """The same of the matcher's index."""
    import numpy as np

    from feedhub.match.index.candidates import PostingFiles
    from feedhub.match.index.keys import keys_of
    from feedhub.match.text.tokens import codes_of

    spent, source = 0.0, _tokens(path)
    untitled = np.zeros(0, dtype=np.uint64)
    with PostingFiles() as index:
        while chunk := list(islice(source, CHUNK)):
            started = time.process_time()
            for first in range(0, len(chunk), AT_ONCE):
                found = codes_of([" ".join(words) for words in chunk[first : first + AT_ONCE]])
                for keys in keys_of([(untitled, body) for body in found]):
                    index.add(keys)
            spent += time.process_time() - started
        started = time.process_time()
        left, right = index.pairs()
        spent += time.process_time() - started
    return spent, np.stack([left, right], axis=1)


def roots(truth: list[tuple[str, int]]) -> list[int]:
    """Of each item the number of the item that its story began with."""
    found: list[int] = []
    for kind, origin in truth:
        found.append(len(found) if kind == "fresh" else found[origin])
    return found


def judge(method: str, found: Any, truth: list[tuple[str, int]]) -> dict[str, Any]:
    """Recall by kind, and how many pairs (of stories: items joined to one that is not theirs) are wrong."""
    story = roots(truth)
    first = dict(sorted(((b, a) for a, b in found), reverse=True)) if method == "feedhub" else {}
    hits: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for number, (kind, origin) in enumerate(truth):
        if kind != "fresh":
            total[kind] += 1
            hits[kind] += first[number] == first[origin] if first else (origin, number) in found
    return {
        "recall": {kind: hits[kind] / max(1, total[kind]) for kind in KINDS},
        "false": sum(story[a] != story[b] for a, b in found),
    }


def work(method: str, path: Path) -> None:
    """One method in this process; its figures as JSON."""
    ways = dict(zip(METHODS, (bare_loop, feedhub, bare_index, feedhub_index), strict=True))
    truth = [tuple(each) for each in json.loads(path.with_suffix(".truth").read_text())]
    few = path.with_suffix(".few")
    few.write_bytes(b"".join(islice(lines(path), 300)))
    ways[method](few)
    before = peak()
    spent, found = ways[method](path)
    held = peak()
    found = {(int(a), int(b)) for a, b in found}
    print(json.dumps({"spent": spent, "peak": held, "grown": held - before, **judge(method, found, truth)}))


def row(method: str, path: Path, count: int) -> str:
    """Run one method in a process of its own; its line of the table."""
    command = [sys.executable, __file__, "--method", method, "--path", str(path)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    each = told["spent"] / count
    line = f"{method:15}{1e6 * each:8.0f}{1 / each:9.0f}{told['peak'] / 1e6:9.0f}{told['grown'] / count:8.0f}"
    return line + f"{told['false']:7}  {'':8}" + " ".join(f"{told['recall'][kind]:7.3f}" for kind in KINDS)


def pin() -> None:
    """Stay on one core where the system lets us."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def table(count: int, methods: list[str], rounds: int) -> None:
    """Make so many items and print each method's line."""
    with tempfile.TemporaryDirectory(prefix="feedhub-bench-") as folder:
        path = Path(folder) / "items.jsonl"
        path.with_suffix(".truth").write_text(json.dumps(write(path, count)))
        print(f"\n{count:,} items\n{HEADER}", flush=True)
        for _ in range(rounds):
            for method in methods:
                print(row(method, path, count), flush=True)


def main() -> None:
    """Print a table for each number of items."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="1,000,000 items too")
    parser.add_argument("--rounds", type=int, default=1, help="run the methods in turn so many times")
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=list(METHODS))
    parser.add_argument("--method", help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    pin()
    if given.method:
        work(given.method, given.path)
        return
    for count in [*given.items, *([1_000_000] if given.million else [])]:
        table(count, given.methods, given.rounds)


if __name__ == "__main__":
    main()
