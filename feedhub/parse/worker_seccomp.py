"""A filter of system calls (seccomp, BPF): what is not needed to read a document is refused with EPERM, for good.

It closes what limits leave open, also to root: datagrams, signals, threads, new executable memory. The Python packages
for it have had no release for years, and what it takes is one table of numbers and one call.
"""

from __future__ import annotations

import ctypes
import platform
import struct

_NO_NEW_PRIVILEGES, _GET_SECCOMP, _SET_SECCOMP, _FILTER = 38, 21, 22, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
#: BPF: load a word of the call, compare, test bits, return
_LOAD, _EQUAL, _BITS, _RETURN = 0x20, 0x15, 0x45, 0x06
#: where a call has its number, architecture, and the lower halves of its first and third argument
_NUMBER, _ARCHITECTURE, _FIRST, _THIRD = 0, 4, 16, 32
_EXECUTABLE = 4

#: by machine: its name for the kernel; calls that may be made; those that may not make memory executable; prlimit64,
#: which may change the caller's own limits alone
_MACHINES: dict[str, tuple[int, tuple[int, ...], tuple[int, ...], int]] = {
    # read write close fstat poll lseek munmap brk rt_sigaction rt_sigprocmask rt_sigreturn pread64 readv writev
    # sched_yield mremap madvise nanosleep getpid exit gettimeofday getrlimit getrusage times sigaltstack setrlimit
    # gettid time futex sched_getaffinity restart_syscall clock_gettime clock_getres clock_nanosleep exit_group ppoll
    # getrandom membarrier rseq; mmap mprotect
    "x86_64": (
        0xC000003E,
        (
            *(0, 1, 3, 5, 7, 8, 11, 12, 13, 14, 15, 17, 19, 20, 24, 25, 28, 35, 39, 60, 96, 97, 98, 100, 131, 160, 186),
            *(201, 202, 204, 219, 228, 229, 230, 231, 271, 318, 324, 334),
        ),
        (9, 10),
        302,
    ),
    # the same, where the architecture has them
    "aarch64": (
        0xC00000B7,
        (
            *(63, 64, 57, 80, 62, 215, 214, 134, 135, 139, 67, 65, 66, 124, 216, 233, 101, 172, 93, 169, 163, 165, 153),
            *(132, 164, 178, 98, 123, 128, 113, 114, 115, 94, 73, 278, 283, 293),
        ),
        (222, 226),
        261,
    ),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def is_available() -> bool:
    """Whether the kernel can filter, and the numbers of this machine's system calls are known."""
    return platform.machine() in _MACHINES and ctypes.CDLL(None).prctl(_GET_SECCOMP, 0, 0, 0, 0) >= 0


def restrict_calls() -> bool:
    """Refuse all but the needed system calls from now on; False where machine or kernel does not know how."""
    if not is_available():
        return False
    instructions = _instructions(*_MACHINES[platform.machine()])
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        return False
    restricted: int = libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)
    return restricted == 0


def _instructions(
    architecture: int, allowed: tuple[int, ...], not_executable: tuple[int, ...], own_limits: int
) -> bytes:
    """Return the filter's instructions, eight bytes each (linux/filter.h)."""
    made = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, architecture, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
    ]
    for number in allowed:
        made += [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _ALLOW)]
    for number in not_executable:
        made += [_instruction(_EQUAL, number, 0, 4), _instruction(_LOAD, _THIRD)]
        made += [_instruction(_BITS, _EXECUTABLE, 1, 0), _instruction(_RETURN, _ALLOW), _instruction(_RETURN, _REFUSE)]
    made += [_instruction(_EQUAL, own_limits, 0, 4), _instruction(_LOAD, _FIRST)]
    made += [_instruction(_EQUAL, 0, 0, 1), _instruction(_RETURN, _ALLOW), _instruction(_RETURN, _REFUSE)]
    return b"".join([*made, _instruction(_RETURN, _REFUSE)])


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
