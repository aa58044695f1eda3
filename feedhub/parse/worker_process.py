"""The parser process: reads jobs from stdin, writes the results to stdout, dies rather than outgrow its limits.

It reads nothing but its jobs once it has begun: see `worker_sandbox`; `worker_frames` says what it sends.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Literal

from feedhub.errors import bug_reason
from feedhub.model import ArticlePage, Feed, ParseFailed
from feedhub.parse.feed_dates import preload
from feedhub.parse.worker_frames import LENGTH, read_job, result_frame
from feedhub.parse.worker_sandbox import enter, load_codecs
from feedhub.unix import resource

#: what a worker is for: whole feeds, or the pages of articles
Task = Literal["feed", "page"]
Work = Callable[[bytes, str | None, str], Feed | ArticlePage | ParseFailed]

_NICENESS = 5
#: sizes in pages (proc_pid_statm(5))
_STATM = "/proc/self/statm"
_OUT_OF_MEMORY = ParseFailed(reason="reading it needs more memory than a document may take")
#: a worker that has grown past this after a large document makes room for a fresh one
_RETIRE_AT = 160_000_000
_ITEM = (
    "<item><title>Größe &amp; more</title><link>http://a.invalid/1</link><guid>1</guid><description>&lt;p>Text&lt;/p>"
    "</description><pubDate>Tue, 10 Mar 2026 16:00:00 EST</pubDate><author>a@a.invalid (A)</author></item>"
)
_RSS = f"<rss version='2.0'><channel><title>T</title><link>http://a.invalid/</link>{_ITEM}</channel></rss>"
_PARAGRAPHS = "".join(
    f"<p>Paragraph {number} of a page says so much that it counts as its text.</p>" for number in range(9)
)
_PAGE = (
    f"<!doctype html><html lang='en'><head><title>T</title></head><body><article>{_PARAGRAPHS}</article></body></html>"
)
#: well-formed, with a DOCTYPE, broken, in another charset, as JSON; a page
_SAMPLES: dict[Task, tuple[tuple[bytes, str | None], ...]] = {
    "feed": (
        (_RSS.encode(), None),
        (f"<!DOCTYPE rss>{_RSS}".encode(), "text/xml"),
        (f"<!DOCTYPE rss>{_RSS}".replace("</item>", "").encode("latin-1"), "text/xml; charset=iso-8859-1"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"id": "1"}]}', "application/json"),
        (_PAGE.encode(), "text/html"),
    ),
    "page": ((_PAGE.encode(), "text/html; charset=utf-8"), (b"<p>", None)),
}


def main(task: Task, memory: int, seconds: int) -> None:
    """Serve until stdin ends; `memory` bytes of address space, `seconds` of CPU for each job."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # who waits for an answer of the server goes before the feeds that are read meanwhile; Windows knows no such order
    with suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # whatever a library prints must not end up between two frames
    os.dup2(2, 1)
    work = _work(task)
    load_codecs()
    _warm_up(task, work)
    memory_in_use = FileIO(_STATM) if Path(_STATM).exists() else None
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    enter()
    _write(answers, b"")
    while (frame := _read(jobs)) is not None:
        _allow_cpu(seconds)
        _write(answers, _answer(work, frame, memory_in_use))


def _work(task: Task) -> Work:
    """Return the function of a task; its libraries are imported before the first job, so no deadline pays for them."""
    if task == "page":
        from feedhub.parse.page import extract

        return lambda body, content_type, url: extract(body, content_type=content_type, url=url)
    from feedhub.parse import parse

    return lambda body, content_type, url: parse(body, content_type=content_type, url=url)


def _warm_up(task: Task, work: Work) -> None:
    """Read a document of each kind: what a library opens late must be open before files can be opened no more."""
    preload()
    for body, content_type in _SAMPLES[task]:
        result_frame(work(body, content_type, "http://warm-up.invalid/"), retire=False)


def _answer(work: Work, frame: bytes, memory_in_use: FileIO | None) -> bytes:
    try:
        result = work(*read_job(frame))
        return result_frame(result, retire=_resident(memory_in_use) > _RETIRE_AT)
    except MemoryError:
        return result_frame(_OUT_OF_MEMORY, retire=True)
    except Exception as bug:
        # a fault over one document is no reason to start another process for the next
        return result_frame(ParseFailed(reason=bug_reason(bug)), retire=False)


def _resident(memory_in_use: FileIO | None) -> int:
    """Return the bytes in memory now, 0 where only Linux could tell.

    `ru_maxrss` would begin with the parent's peak, which outlives the exec.
    """
    if memory_in_use is None:
        return 0
    memory_in_use.seek(0)
    return int(memory_in_use.read(200).split()[1]) * resource.getpagesize()


def _allow_cpu(seconds: int) -> None:
    """Limit the CPU time of the next job: an orphan whose parent was killed in the middle of a job ends too."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, resource.RLIM_INFINITY))


def _read(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    size = LENGTH.unpack(head)[0]
    frame = stream.read(size)
    return frame if len(frame) == size else None


def _write(stream: BinaryIO, frame: bytes) -> None:
    stream.write(LENGTH.pack(len(frame)) + frame)
    stream.flush()
