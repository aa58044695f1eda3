"""The matcher beside what people with an archive pick: `benchmarks/libraries.py FOLDER [SET ...] [--methods ...]`.

A set is a folder with items.jsonl and pairs.jsonl, as for `accuracy.py`. Each library is used as its own documentation
shows, with the settings that its users write for news (runs of three words, half of them in common), in a process of
its own; its pairs are joined into clusters, and the judged pairs are read off these. CPU (user and system) and memory
are those of the process beyond what importing and reading took; `lines` are those that a user writes.

Needs `pip install datasketch text-dedup rensa splink rapidfuzz`; what is not installed is left out. semhash is left out
always: it compares by a model that it downloads at first use.
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

Items = list[dict[str, Any]]
Clusters = dict[Any, Any]
HEADER = "".join(
    f"{name:{width}}"
    for name, width in (("set", 10), ("library", 22), ("found", ">11"), ("false", ">11"), ("rule: found", ">14"))
) + "".join(f"{name:>{width}}" for name, width in (("false", 11), ("us/item", 9), ("B/item", 8), ("lines", 7)))


def text_of(item: dict[str, Any]) -> str:
    return f"{item.get('title') or ''}\n{item.get('text') or item.get('summary') or ''}"


def clusters(pairs: Iterable[tuple[Any, Any]], ids: Iterable[Any]) -> Clusters:
    """Pairs joined: of each id the name of its cluster. Every library but feedhub leaves this to its user."""
    leader = {each: each for each in ids}
    for a, b in pairs:
        while leader[a] != a:
            leader[a] = leader[leader[a]]
            a = leader[a]
        while leader[b] != b:
            leader[b] = leader[leader[b]]
            b = leader[b]
        leader[max(a, b)] = min(a, b)
    for each in leader:
        a = each
        while leader[a] != a:
            a = leader[a]
        leader[each] = a
    return leader


def feedhub(items: Items) -> Clusters:
    import feedhub

    return {row.id: row.story for row in feedhub.dedupe(items)}


def datasketch(items: Items) -> Clusters:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=0.5, num_perm=128)
    pairs = []
    for item in items:
        words = re.findall(r"\w+", text_of(item).lower())
        signature = MinHash(num_perm=128)
        signature.update_batch([" ".join(words[n : n + 3]).encode() for n in range(max(1, len(words) - 2))])
        pairs += [(other, item["id"]) for other in index.query(signature)]
        index.insert(item["id"], signature)
    return clusters(pairs, [item["id"] for item in items])


def rensa(items: Items) -> Clusters:
    from rensa import RMinHash, RMinHashLSH

    index = RMinHashLSH(threshold=0.5, num_perm=128, num_bands=32)
    pairs = []
    signatures: list[Any] = []
    for number, item in enumerate(items):
        words = re.findall(r"\w+", text_of(item).lower())
        signature = RMinHash(num_perm=128, seed=42)
        signature.update([" ".join(words[n : n + 3]) for n in range(max(1, len(words) - 2))])
        pairs += [(other, number) for other in index.query(signature) if signature.jaccard(signatures[other]) >= 0.5]
        signatures.append(signature)
        index.insert(number, signature)
    return {items[n]["id"]: leader for n, leader in clusters(pairs, range(len(items))).items()}


def text_dedup(items: Items) -> Clusters:
    from text_dedup import minhash

    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.jsonl"
        rows.write_text("".join(json.dumps({"text": text_of(item)}) + "\n" for item in items))
        asked = f"--path json --data_files {rows} --split train --output {folder}/out --cache_dir {folder} --num_proc 1"
        asked += " --column text --ngram 3 --min_length 1 --num_perm 128 --threshold 0.5"
        minhash.main(asked.split(), standalone_mode=False)
    return {item["id"]: minhash.uf.find(number) for number, item in enumerate(items)}


def splink(items: Items) -> Clusters:
    import pandas
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    frame = pandas.DataFrame(
        {
            "unique_id": range(len(items)),
            "title": [item.get("title") or "" for item in items],
            "lede": [" ".join((item.get("text") or item.get("summary") or "").split()[:40]) for item in items],
        }
    )
    frame["begin"] = frame["lede"].str.lower().str.slice(0, 24)
    settings = SettingsCreator(
        link_type="dedupe_only",
        probability_two_random_records_match=1e-4,
        comparisons=[
            cl.JaroWinklerAtThresholds("title", [0.95, 0.85]),
            cl.JaccardAtThresholds("lede", [0.9, 0.7]),
        ],
        blocking_rules_to_generate_predictions=[block_on("begin"), block_on("title")],
    )
    linker = Linker(DuckDBAPI().register(frame), settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("begin"))
    found = linker.inference.predict(threshold_match_probability=0.9).as_pandas_dataframe()
    pairs = zip(found["unique_id_l"].tolist(), found["unique_id_r"].tolist(), strict=True)
    return {items[n]["id"]: leader for n, leader in clusters(pairs, range(len(items))).items()}


def rapidfuzz(items: Items) -> Clusters:
    import numpy
    from rapidfuzz import fuzz, process

    texts = [text_of(item).lower()[:300] for item in items]
    pairs = []
    for start in range(0, len(texts), 500):
        scores = process.cdist(texts[start : start + 500], texts, scorer=fuzz.ratio, score_cutoff=75, dtype=numpy.uint8)
        pairs += [(a + start, b) for a, b in zip(*(each.tolist() for each in scores.nonzero()), strict=True)]
    return {items[n]["id"]: leader for n, leader in clusters(pairs, range(len(items))).items()}


METHODS: dict[str, tuple[Callable[[Items], Clusters], str]] = {
    "feedhub": (feedhub, "feedhub"),
    "datasketch MinHashLSH": (datasketch, "datasketch"),
    "rensa RMinHashLSH": (rensa, "rensa"),
    "text-dedup MinHash": (text_dedup, "text_dedup"),
    "Splink": (splink, "splink"),
    "rapidfuzz cdist": (rapidfuzz, "rapidfuzz"),
}


def lines_of(function: Callable[[Items], Clusters]) -> int:
    """Statements' lines that a user writes, with those that join pairs where the library does not."""
    source = inspect.getsource(function)
    own = len(source.splitlines()) - 1
    return own + (len(inspect.getsource(clusters).splitlines()) - 2 if "clusters(" in source else 0)


def cpu() -> float:
    return sum(
        each.ru_utime + each.ru_stime
        for each in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, filter(str.strip, lines))


def work(method: str, folder: Path) -> None:
    """One library over one set in this process; its figures as JSON on the last line."""
    function, _ = METHODS[method]
    items = list(rows(folder / "items.jsonl"))
    function(items[:200])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = cpu()
    made = function(items)
    spent = cpu() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    counts = {"gold": [0, 0, 0, 0], "rule": [0, 0, 0, 0]}
    for pair in rows(folder / "pairs.jsonl"):
        if pair["label"] is not None:
            count = counts["gold" if pair["basis"].startswith("gold") else "rule"]
            place = 0 if pair["label"] else 2
            count[place] += made[pair["a"]] == made[pair["b"]]
            count[place + 1] += 1
    print(json.dumps({**counts, "us": 1e6 * spent / len(items), "bytes": grown / len(items)}))


def share(count: list[int], place: int) -> str:
    return f"{count[place]} of {count[place + 1]}" if count[place + 1] else ""


def main() -> None:
    """Print a line for each library and set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", default=["odu", "agnews"])
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=list(METHODS))
    parser.add_argument("--method", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.method:
        work(asked.method, asked.folder)
        return
    print(HEADER, flush=True)
    for name in asked.sets:
        for method in asked.methods:
            function, package = METHODS[method]
            if importlib.util.find_spec(package) is None:
                print(f"{name:10}{method:22} not installed", flush=True)
                continue
            command = [sys.executable, __file__, str(asked.folder / name), "--method", method]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name:10}{method:22} failed: {done.stderr.strip().splitlines()[-1][:90]}", flush=True)
                continue
            told = json.loads(done.stdout.strip().splitlines()[-1])
            gold, rule = told["gold"], told["rule"]
            print(
                f"{name:10}{method:22}{share(gold, 0):>11}{share(gold, 2):>11}{share(rule, 0):>14}{share(rule, 2):>11}"
                f"{told['us']:9.0f}{told['bytes']:8.0f}{lines_of(function):7}",
                flush=True,
            )


if __name__ == "__main__":
    main()
