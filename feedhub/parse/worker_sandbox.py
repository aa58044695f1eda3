"""A parser process gives up what it does not need: no file, no socket, no process, no signal, no other's memory.

Without privileges Linux gives three means. Resource limits, which cannot be raised again: no new descriptor, so neither
files nor sockets nor pipes; no new process; no byte into a file. And Landlock (kernel 5.13 on, each right as the kernel
knows it), which beside files and TCP keeps it from signalling and tracing processes outside. And a filter of system
calls (`worker_seccomp`), which refuses all that reading a document does not need. Each holds without the others.
"""

from __future__ import annotations

import ctypes
import encodings
import os
import pkgutil
import sys
from collections.abc import Collection
from contextlib import suppress
from importlib import import_module

from feedhub.parse import worker_seccomp
from feedhub.unix import resource

#: what a worker is kept in by, in the order in which it enters
MEANS = ("landlock", "limits", "seccomp")
#: the same numbers on every architecture
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_VERSION = 1
_NO_NEW_PRIVILEGES = 38
#: by version of Landlock: how many rights over files, over TCP, and scopes (signals, abstract sockets) it knows
_FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NET, _SCOPES = {4: 2}, {6: 2}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


def load_codecs() -> None:
    """Import every text codec: charsets are looked up by the documents, when files can be opened no more."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with suppress(ImportError):
            import_module(f"encodings.{module.name}")


def enter(means: Collection[str] = MEANS) -> tuple[str, ...]:
    """Give everything up for good; return by which of the `means` the system has."""
    linux, entered = sys.platform == "linux", []
    if "landlock" in means and linux and _landlock():
        entered.append("landlock")
    if "limits" in means and resource is not None:
        for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE):
            resource.setrlimit(limit, (0, 0))
        entered.append("limits")
    # the last: it refuses the calls that the others are made of
    if "seccomp" in means and linux and worker_seccomp.restrict_calls():
        entered.append("seccomp")
    return tuple(entered)


def available() -> tuple[str, ...]:
    """Return which of MEANS this system has, without entering."""
    linux = sys.platform == "linux"
    has = {
        "landlock": linux and _landlock_version(ctypes.CDLL(None, use_errno=True)) > 0,
        "limits": resource is not None,
        "seccomp": linux and worker_seccomp.is_available(),
    }
    return tuple(name for name in MEANS if has[name])


def _landlock_version(libc: ctypes.CDLL) -> int:
    """Return the version of Landlock that the kernel has, below 1 where it has none or keeps it from us."""
    return int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))


def _landlock() -> bool:
    """Handle every right and grant none; False where the kernel has no Landlock."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = _landlock_version(libc)
    if version < 1:
        return False
    ruleset = _Ruleset(_rights(_FILES, version), _rights(_NET, version), _rights(_SCOPES, version))
    # older kernels refuse a structure with fields that they do not know
    size = 8 if version < 4 else 16 if version < 6 else 24
    handle = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if handle < 0:
        return False
    try:
        if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            return False
        restricted: int = libc.syscall(_RESTRICT_SELF, ctypes.c_int(handle), ctypes.c_uint32(0))
        return restricted == 0
    finally:
        os.close(handle)


def _rights(known: dict[int, int], version: int) -> int:
    """Return all rights that a version knows, as bits."""
    count = max((number for since, number in known.items() if since <= version), default=0)
    return (1 << count) - 1
