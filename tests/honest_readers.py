"""Readers of a hub in a process of their own: a crowd beside them in one event loop would be measured with the hub.

`python honest_readers.py PORT SECONDS READERS PATIENCE` prints a JSON object: the seconds of each answer by path, and
failures.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

PATHS = ("/feeds/all.atom", "/feeds/all.json", "/feeds/all.rss", "/")
_HEAD = "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n"


async def _exchange(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_HEAD.format(path).encode())
        return await reader.read()
    finally:
        writer.close()


async def _reader(
    number: int, port: int, until: float, patience: float, took: dict[str, list[float]], failures: list[str]
) -> None:
    path = PATHS[number % len(PATHS)]
    # not all in the same instant
    await asyncio.sleep(number / 20)
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            async with asyncio.timeout(patience):
                answer = await _exchange(port, path)
            if not answer.startswith(b"HTTP/1.1 200"):
                failures.append(repr(answer[:60]))
        except (OSError, TimeoutError) as error:
            failures.append(repr(error))
        took[path].append(time.monotonic() - began)
        await asyncio.sleep(1)


async def _read(port: int, seconds: float, readers: int, patience: float) -> dict[str, object]:
    took: dict[str, list[float]] = {path: [] for path in PATHS}
    failures: list[str] = []
    until = time.monotonic() + seconds
    await asyncio.gather(*(_reader(number, port, until, patience, took, failures) for number in range(readers)))
    return {"took": took, "failures": failures}


if __name__ == "__main__":
    asked, length, count, longest = sys.argv[1:]
    json.dump(asyncio.run(_read(int(asked), float(length), int(count), float(longest))), sys.stdout)
