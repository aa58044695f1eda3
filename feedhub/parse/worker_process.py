"""The parser process: reads jobs from stdin, writes the results to stdout, dies rather than outgrow its limits.

frame = 8 bytes of length, then a pickle: (body, content_type, url) in, (Feed | Page | ParseFailed, retire) out
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO, Literal

from feedhub.model import ArticlePage, Feed, ParseFailed

#: what a worker is for: whole feeds, or the pages of articles
Task = Literal["feed", "page"]
Work = Callable[[bytes, str | None, str], Feed | ArticlePage | ParseFailed]

LENGTH = struct.Struct("!Q")
_OUT_OF_MEMORY = ParseFailed(reason="reading it needs more memory than a document may take")
#: a worker that has grown past this after a large document makes room for a fresh one
_RETIRE_AT = 160_000_000


def main(task: Task, memory: int, seconds: int) -> None:
    """Serve until stdin ends; `memory` bytes of address space, `seconds` of CPU for each job."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # whatever a library prints must not end up between two frames
    os.dup2(2, 1)
    work = _work(task)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _write(answers, b"")
    while (frame := _read(jobs)) is not None:
        _allow_cpu(seconds)
        _write(answers, _answer(work, frame))


def _work(task: Task) -> Work:
    """Return the function of a task; its libraries are imported before the first job, so no deadline pays for them."""
    if task == "page":
        from feedhub.parse.html_page import extract

        return lambda body, content_type, url: extract(body, content_type=content_type, url=url)
    from feedhub.parse import parse

    return lambda body, content_type, url: parse(body, content_type=content_type, url=url)


def _answer(work: Work, frame: bytes) -> bytes:
    try:
        return _packed(work(*pickle.loads(frame)))
    except MemoryError:
        return _packed(_OUT_OF_MEMORY, spent=True)


def _packed(result: Feed | ArticlePage | ParseFailed, spent: bool = False) -> bytes:
    return pickle.dumps((result, spent or _resident() > _RETIRE_AT), pickle.HIGHEST_PROTOCOL)


def _resident() -> int:
    """Return the bytes in memory now; `ru_maxrss` would begin with the parent's peak, which outlives the exec."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _allow_cpu(seconds: int) -> None:
    """Limit the CPU time of the next job: an orphan whose parent was killed in the middle of a job ends too."""
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
