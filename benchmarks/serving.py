"""What serving costs: requests beside a bare ASGI app with the same bytes on the same server, and changed documents.

    python benchmarks/serving.py            # tables; 0 where every bar is reached, else 1
    python benchmarks/serving.py --large    # with an output of 10,000 stories

Requests: by turns against two servers of the same make, each in a process of its own, so that what else the machine
does falls on both alike; what counts is the ratio of the CPU that a request costs. Freshness alone is wall clock: how
long after a change is in the store a document has it, while the store changes twenty times a second.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
import time
from functools import partial

from served import Answers, Server, backend, cpu_ms, edit, fill, story

from feedhub.publish import FORMATS
from feedhub.serve.http_document import CODINGS
from feedhub.store import Database

ROUNDS = 7
#: the bars: feedhub's rate over the bare app's, CPU ms of a build and of each coding, seconds, rebuilds a second, MB
RATE, BUILD, CODING, FRESH, REBUILDS, MEMORY = 0.5, 10.0, 6.0, 1.0, 2.0, 300.0
SECONDS, EDITS = 6, 20


def requests() -> bool:
    """The table of requests; whether each kind costs at most twice what the bare app takes."""
    with tempfile.TemporaryDirectory() as folder:
        store = Database.open(f"sqlite:///{folder}/hub.db")
        fill(store, 100)
        found = asyncio.run(backend(store, 100).document("all", "atom"))
        store.close()
        assert found is not None
        answers: Answers = {
            b"304": (304, found.plain.not_modified_headers, b""),
            b"plain": (200, found.plain.dated_headers, found.plain.body),
        }
        headers = {"304": f"If-None-Match: {found.plain.etag}\r\n", "plain": ""}
        for coding, variant in found.encoded.items():
            answers[coding.encode()] = (200, variant.dated_headers, variant.body)
            headers[coding] = f"Accept-Encoding: {coding}\r\n"
        servers = {what: Server(what, folder, answers) for what in ("bare", "feedhub")}
        right = True
        print(
            f"{'requests':<24}{'bare us':>10}{'feedhub us':>12}{'rate':>8}  (feedhub's over bare, by CPU; bar {RATE})"
        )
        for kind, header in headers.items():
            line = f"GET /feeds/all.atom HTTP/1.1\r\nHost: localhost\r\n{header}X-Kind: {kind}\r\n\r\n".encode()
            costs: dict[str, list[float]] = {what: [] for what in servers}
            for _ in range(ROUNDS):
                for what, server in servers.items():
                    costs[what].append(server.cost(line, len(answers[kind.encode()][2])))
            mine, theirs = (statistics.median(costs[what]) for what in ("feedhub", "bare"))
            ratio = statistics.median(b / f for b, f in zip(costs["bare"], costs["feedhub"], strict=True))
            right = right and ratio >= RATE
            print(f"{kind:<24}{theirs:>10.0f}{mine:>12.0f}{ratio:>8.2f}")
        for server in servers.values():
            server.stop()
        return right


def documents() -> bool:
    """What a document costs with one of 100 stories changed: reading, rendering, joining; then each coding."""
    right = True
    print(f"\n{'one of 100 changed':<24}{'build ms':>10}" + "".join(f"{f'{name} ms':>12}" for name in CODINGS), end="")
    print(f"  (CPU; bars {BUILD:.0f} and {CODING:.0f})")
    for suffix in FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            store = Database.open(f"sqlite:///{folder}/hub.db")
            fill(store, 100)
            hub = backend(store, 100)
            asyncio.run(hub.document("all", suffix))
            spent: dict[str, list[float]] = {name: [] for name in ("build", *CODINGS)}
            for turn in range(1, 10):
                edit(store, turn, story(turn - 1, version=turn))
                made = hub._documents.current()
                whole = cpu_ms(partial(hub._documents.build, made, hub._directory.rules[0], suffix))
                body = made.main["all", suffix].plain.body
                for name, code in CODINGS.items():
                    spent[name].append(cpu_ms(partial(code, body)))
                spent["build"].append(whole - sum(spent[name][-1] for name in CODINGS))
            store.close()
        build, *codings = (statistics.median(times) for times in spent.values())
        right = right and build <= BUILD and max(codings) <= CODING
        print(f"{suffix:<24}{build:>10.1f}" + "".join(f"{coding:>12.1f}" for coding in codings))
    return right


async def _freshness() -> tuple[float, float]:
    """The longest time from a change to the document that has it, and the rebuilds a second."""
    with tempfile.TemporaryDirectory() as folder:
        store = Database.open(f"sqlite:///{folder}/hub.db")
        fill(store, 100)
        hub = backend(store, 100, always=False)
        edits: list[float] = []

        def change() -> None:
            for turn in range(1, SECONDS * EDITS + 1):
                edit(store, 1, story(0, version=turn))
                edits.append(time.monotonic())
                time.sleep(1 / EDITS)

        seen: dict[str, None] = {}
        late = [0.0]
        told = 0
        changing = asyncio.create_task(asyncio.to_thread(change))
        began = time.monotonic()
        while told < SECONDS * EDITS:
            found = await hub.document("all", "atom")
            assert found is not None
            if found.plain.etag not in seen:
                seen[found.plain.etag] = None
                body, now = found.plain.body, time.monotonic()
                while told < len(edits) and told < _version(body):
                    late.append(now - edits[told])
                    told += 1
            await asyncio.sleep(0.005)
        await changing
        rate = (len(seen) - 1) / (time.monotonic() - began)
        await hub.flush()
        store.close()
        return max(late), rate


def _version(body: bytes) -> int:
    """Which version of the first story a document has."""
    return int(body.partition(b'<title type="text">Story 0, version ')[2].partition(b"<")[0] or 0)


def freshness() -> bool:
    """How soon a change is in the documents, and how often they are built meanwhile."""
    late, rate = asyncio.run(_freshness())
    print(f"\n{EDITS} changes a second{'':<6}{'late s':>10}{'builds/s':>12}  (bars {FRESH:.0f} and {REBUILDS:.0f})")
    print(f"{'atom':<24}{late:>10.2f}{rate:>12.2f}")
    return late <= FRESH and rate <= REBUILDS


def large(count: int = 10_000) -> bool:
    """How much memory an output of that many stories takes, and one change in it."""
    with tempfile.TemporaryDirectory() as folder:
        store = Database.open(f"sqlite:///{folder}/hub.db")
        fill(store, count)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        hub = backend(store, count)
        print(
            f"\n{count} stories{'':<10}{'MB':>10}{'peak MB':>12}{'CPU s':>8}{'one changed':>14}  (bar {MEMORY:.0f} MB)"
        )
        for turn, suffix in enumerate(FORMATS, 1):
            first = cpu_ms(lambda suffix=suffix: asyncio.run(hub.document("all", suffix))) / 1000  # type: ignore[misc]
            edit(store, turn, story(turn - 1, version=turn))
            again = cpu_ms(lambda suffix=suffix: asyncio.run(hub.document("all", suffix))) / 1000  # type: ignore[misc]
            found = asyncio.run(hub.document("all", suffix))
            assert found is not None
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
            print(f"{suffix:<24}{len(found.plain.body) / 1e6:>10.1f}{peak:>12.0f}{first:>8.1f}{again:>14.1f}")
        store.close()
        return peak <= MEMORY


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--large", action="store_true", help="an output of 10,000 stories too")
    asked = parser.parse_args()
    right = [requests(), documents(), freshness(), *([large()] if asked.large else [])]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
