"""The parser process: reads jobs from stdin, writes Feeds to stdout, dies rather than outgrow its limits.

frame = 8 bytes of length, then a pickle: (body, content_type, url) in, (Feed | ParseFailed, retire) out
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
from typing import BinaryIO

from ..model import Feed, ParseFailed

LENGTH = struct.Struct("!Q")
_OUT_OF_MEMORY = ParseFailed(reason="reading it needs more memory than a feed may take")
#: a worker that has grown past this after a large document makes room for a fresh one
_RETIRE_AT = 160_000_000


def main(memory: int, seconds: int) -> None:
    """Serve until stdin ends; `memory` bytes of address space, `seconds` of CPU for each job."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # whatever a library prints must not end up between two frames
    os.dup2(2, 1)
    from . import legacy as legacy  # imported before the first job, so that no deadline has to pay for it

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _write(answers, b"")
    while (frame := _read(jobs)) is not None:
        _allow_cpu(seconds)
        _write(answers, _answer(frame))


def _answer(frame: bytes) -> bytes:
    from . import parse

    result: Feed | ParseFailed
    try:
        body, content_type, url = pickle.loads(frame)
        result = parse(body, content_type=content_type, url=url)
        return _packed(result)
    except MemoryError:
        return _packed(_OUT_OF_MEMORY, spent=True)


def _packed(result: Feed | ParseFailed, spent: bool = False) -> bytes:
    return pickle.dumps((result, spent or _resident() > _RETIRE_AT), pickle.HIGHEST_PROTOCOL)


def _resident() -> int:
    """Bytes in memory now; `ru_maxrss` would begin with the parent's peak, which outlives the exec."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _allow_cpu(seconds: int) -> None:
    """An orphan whose parent was killed in the middle of a job ends too."""
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
