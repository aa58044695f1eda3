"""A folder of feeds read: `python benchmarks/feeds_report.py FOLDER [--json] [--differences N]`.

FOLDER holds MANIFEST.jsonl ({path, origin, expect_type, expect, headers}) and the files it names. Every file goes
through the parser pool as a fetched one would. What the entries say is compared with feedparser (in a process of its
own, its sanitising and link resolving off) and with what each author expects, as far as we are asked.
The rate is that of well-formed feeds of at least 20 kB, in CPU time, alone and with every entry cleaned.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import io
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

URL = "http://127.0.0.1:8097/feed"
REAL = 20_000
Row = dict[str, Any]


def theirs(body: bytes, content_type: str | None) -> list[Row] | str:
    """What feedparser says of each entry, or how it fails."""
    import feedparser

    headers = {"content-type": content_type} if content_type else {}
    try:
        found = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:
        return type(error).__name__
    return [
        {
            "id": entry.get("id") or None,
            "title": entry.get("title") or None,
            "link": entry.get("link") or None,
            "published": (dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed") or [None])[:6],
            "text": max([entry.get("summary") or "", *(part.value for part in entry.get("content", []))], key=len),
            "authors": len([one for one in entry.get("authors", []) if one]),
        }
        for entry in found.entries
    ]


def ours(entry: Any) -> Row:
    moment = entry.published or entry.updated
    texts = [part.value for part in (entry.summary, entry.content) if part]
    return {
        "id": entry.raw_guid,
        "title": entry.title.value if entry.title else None,
        "link": entry.link,
        "published": moment.timetuple()[:6] if moment else [None],
        "text": max(texts, key=len, default=""),
        "authors": len(entry.authors),
    }


def differences(mine: list[Row], other: list[Row] | str) -> Counter[str]:
    """Fields of entries in which the two differ; a number of entries that differs says all."""
    if isinstance(other, str):
        return Counter({f"feedparser raises {other}": 1})
    if len(mine) != len(other):
        return Counter({"number of entries": 1})
    found: Counter[str] = Counter()
    for one, two in zip(mine, other, strict=True):
        found.update(name for name in one if _plain(one[name]) != _plain(two[name]))
    return found


def _plain(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


class View(dict[str, Any]):
    """A Feed as feedparser would show it, as far as it can be asked for."""

    __getattr__ = dict.__getitem__


def view(feed: Any) -> dict[str, Any]:
    """The names that an author's expectation may use."""
    entries = [_entry_view(entry) for entry in feed.entries]
    head = View(title=feed.title or "", link=feed.link or "", id=feed.id or "", language=feed.language)
    head |= {"rights": feed.rights or "", "author": feed.authors[0] if feed.authors else ""}
    return {"feed": head, "entries": entries, "bozo": bool(feed.remarks)}


def _entry_view(entry: Any) -> View:
    seen = View(title=entry.title.value if entry.title else "", link=entry.link or "", id=entry.raw_guid or "")
    if entry.content:
        kind = "text/html" if entry.content.html else "text/plain"
        seen["content"] = [View(value=entry.content.value, type=kind)]
    body = entry.summary or entry.content
    seen |= {"summary": body.value if body else "", "description": body.value if body else ""}
    for name, moment in (("published_parsed", entry.published), ("updated_parsed", entry.updated)):
        if moment:
            seen[name] = moment.utctimetuple()
    if entry.authors:
        seen["author"] = entry.authors[0]
    seen |= {"rights": entry.rights or "", "tags": [View(term=term) for term in entry.categories]}
    return seen


def expected(row: Row, feed: Any) -> str:
    """`as expected`, `otherwise`, or why the expectation is none that we can answer."""
    if row["expect_type"] == "parses":
        return "as expected" if feed and feed.entries else "otherwise"
    if row["expect_type"] != "python-expr":
        return "another program's test"
    if "sanitize" in row["origin"]:
        return "about sanitising: judged in cleaning"
    try:
        names = {"__builtins__": {"len": len, "ord": ord, "tuple": tuple, "isinstance": isinstance, "str": str}}
        return "as expected" if feed and eval(row["expect"], names, view(feed)) else "otherwise"
    except Exception:
        return "about what we do not keep"


async def read_all(rows: list[Row], bodies: list[bytes]) -> list[tuple[Any, float]]:
    from feedhub.parse.parser_pool import ParserPool

    done = []
    async with ParserPool() as pool:
        for row, body in zip(rows, bodies, strict=True):
            started = time.perf_counter()
            try:
                feed: Any = await pool.parse(body, content_type=content_type(row), url=URL)
            except Exception as error:
                feed = error
            done.append((feed, time.perf_counter() - started))
    return done


def content_type(row: Row) -> str | None:
    return next((v for k, v in (row.get("headers") or {}).items() if k.lower() == "content-type"), None)


# ---------------------------------------------------------------- rate


def cpu(work: Callable[[bytes], Any], bodies: Iterable[bytes]) -> float:
    """The better of two runs, in seconds of CPU."""
    return min(_once(work, bodies) for _ in range(2))


def _once(work: Callable[[bytes], Any], bodies: Iterable[bytes]) -> float:
    started = time.process_time()
    for body in bodies:
        work(body)
    return time.process_time() - started


def rates(bodies: list[bytes]) -> Row:
    """How many times feedparser's rate ours is, parsing alone and with every entry cleaned after it."""
    import feedparser

    from feedhub.parse import parse, parse_fast

    # what the report holds is no part of what is measured
    gc.collect()
    gc.freeze()
    plain = [body for body in bodies if len(body) >= REAL and parse_fast(body, content_type=None, url=URL)]
    slow = cpu(
        lambda b: feedparser.parse(io.BytesIO(b), sanitize_html=False, resolve_relative_uris=False).entries, plain
    )
    fast = cpu(lambda b: parse(b, url=URL), plain)
    cleaning = _once(lambda b: clean_all(parse(b, url=URL)), plain) - fast
    return {
        "feeds": len(plain),
        "megabytes": round(sum(map(len, plain)) / 1e6, 1),
        "feedparser_ms": round(slow * 1e3),
        "ours_ms": round(fast * 1e3),
        "times": round(slow / fast, 1),
        "cleaning_ms": round(cleaning * 1e3),
        "times_with_cleaning": round((slow + cleaning) / (fast + cleaning), 1),
    }


def clean_all(feed: Any) -> None:
    from feedhub.clean import Agencies, clean
    from feedhub.model import Source

    source, now, known = Source(id="s", url=URL, name="S"), datetime(2026, 1, 1, tzinfo=UTC), Agencies.known(())
    for entry in feed.entries:
        clean(
            entry,
            source=source,
            feed_title=feed.title,
            feed_language=feed.language,
            outlet="s",
            first_seen=now,
            now=now,
            agencies=known,
        )


# ---------------------------------------------------------------- report


def report(folder: Path) -> Row:
    """All figures of a folder."""
    from feedhub.model import Feed

    rows = [json.loads(line) for line in (folder / "MANIFEST.jsonl").read_text().splitlines() if line.strip()]
    bodies = [(folder / row["path"]).read_bytes() for row in rows]
    done = asyncio.run(read_all(rows, bodies))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        other = list(pool.map(theirs, bodies, [content_type(row) for row in rows], chunksize=50))
    feeds = [feed if isinstance(feed, Feed) else None for feed, _ in done]
    apart = {
        row["path"]: dict(found)
        for row, feed, them in zip(rows, feeds, other, strict=True)
        if feed and (found := differences([ours(entry) for entry in feed.entries], them))
    }
    slowest = max(range(len(rows)), key=lambda n: done[n][1])
    return {
        "files": len(rows),
        "read": sum(feed is not None for feed in feeds),
        "refused": dict(Counter(feed.reason[:60] for feed, _ in done if hasattr(feed, "reason")).most_common(12)),
        "crashed": [row["path"] for row, (feed, _) in zip(rows, done, strict=True) if isinstance(feed, Exception)],
        "entries": sum(len(feed.entries) for feed in feeds if feed),
        "repaired": sum(bool(feed.remarks) for feed in feeds if feed),
        "files_that_differ": len(apart),
        "differences": dict(sum((Counter(found) for found in apart.values()), Counter[str]()).most_common()),
        "expectations": dict(Counter(expected(row, feed) for row, feed in zip(rows, feeds, strict=True)).most_common()),
        "slowest": {"path": rows[slowest]["path"], "ms": round(done[slowest][1] * 1e3, 1)},
        "rate": rates(bodies),
        "apart": apart,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--differences", type=int, default=0, metavar="N", help="name the first N files that differ")
    chosen = arguments.parse_args()
    found = report(chosen.folder)
    if chosen.json:
        print(json.dumps(found, indent=2))
        return
    apart = found.pop("apart")
    for name, value in found.items():
        print(f"{name.replace('_', ' '):20}", value if not isinstance(value, dict) else "")
        if isinstance(value, dict):
            print("\n".join(f"    {key:62}{count}" for key, count in value.items()))
    for path, what in list(apart.items())[: chosen.differences]:
        print(path, what)


if __name__ == "__main__":
    main()
