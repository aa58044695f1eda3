"""What an index costs beside `dedupe`: `benchmarks/incremental.py [--items 100000] [--add 1000]`.

Made-up items (`made.py`). CPU of the process: an item of `dedupe` over all, of an index that is filled at once, and of
an add of some more; memory: what the process holds beyond the texts once the index is filled, an item.
"""

from __future__ import annotations

import argparse
import gc
import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import made

from feedhub import Index
from feedhub.items import copies
from feedhub.match import match_stream


def anonymous() -> int:
    """Bytes that this process holds and no file backs."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def items(count: int) -> Iterator[dict[str, Any]]:
    return (item for item, _, _ in made.Maker().items(count))


def making(count: int) -> float:
    """CPU seconds that making the items takes."""
    started = time.process_time()
    for _ in items(count):
        pass
    return time.process_time() - started


def dedupe(some: Iterable[dict[str, Any]]) -> float:
    started = time.process_time()
    for _ in match_stream(copies(some)):
        pass
    return time.process_time() - started


def main() -> None:
    """Print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--add", type=int, default=1_000)
    parser.add_argument("--adds", type=int, default=3)
    asked = parser.parse_args()
    count, more = asked.items, asked.add
    fresh = list(islice(items(count + asked.adds * more), count, None))
    dedupe(fresh[:500])
    own = making(count)
    bulk = (dedupe(items(count)) - own) / count
    print(f"dedupe of {count:,}: {1e6 * bulk:.0f} us an item", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        gc.collect()
        before = anonymous()
        index = Index(Path(folder) / "archive.fh")
        started = time.process_time()
        index.add(items(count))
        filling = (time.process_time() - started - own) / count
        print(f"index filled at once: {1e6 * filling:.0f} us an item, {filling / bulk:.2f} times dedupe", flush=True)
        gc.collect()
        size = (Path(folder) / "archive.fh").stat().st_size
        print(f"memory: {(anonymous() - before) / count:.0f} bytes an item; file: {size / count:.0f}", flush=True)
        for number in range(asked.adds):
            started = time.process_time()
            index.add(fresh[number * more : (number + 1) * more])
            each = (time.process_time() - started) / more
            print(
                f"add of {more:,} to {len(index) - more:,}: {1e6 * each:.0f} us an item, {each / bulk:.2f} x",
                flush=True,
            )
        index.close()
        started = time.process_time()
        Index(Path(folder) / "archive.fh").close()
        print(f"opened in {time.process_time() - started:.2f} s", flush=True)


if __name__ == "__main__":
    main()
