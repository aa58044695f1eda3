"""What is given back of memory: pages of libraries that only a start has read, and none that the loader has written."""

from __future__ import annotations

import subprocess
import sys

import pytest

from feedhub.allocator import _mappings

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SMAPS = """\
1000-3000 r-xp 00000000 08:01 7  /lib/libone.so
Rss:                   8 kB
Anonymous:             0 kB
3000-4000 r--p 00002000 08:01 7  /lib/libone.so
Rss:                   4 kB
Anonymous:             4 kB
4000-5000 rw-p 00003000 08:01 7  /lib/libone.so
Rss:                   4 kB
Anonymous:             0 kB
5000-6000 r-xp 00000000 00:00 0  [vdso]
Rss:                   4 kB
Anonymous:             0 kB
7000-8000 r--p 00001000 08:01 9  /lib/swapped.so
Rss:                   0 kB
Anonymous:             0 kB
Swap:                  4 kB
SwapPss:               4 kB
6000-7000 r--p 00000000 08:01 9  /lib/libtwo.so
Rss:                   0 kB
Anonymous:             0 kB
"""
WORK = """
import ctypes, numpy, lxml.etree, sqlite3
from feedhub.allocator import LibraryPages, _bytes_of_files

pages = LibraryPages()
import nh3

before = _bytes_of_files()
pages.release()
print(before - _bytes_of_files())
again = _bytes_of_files()
pages.release()
print(_bytes_of_files() - again)
assert numpy.linalg.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 4.0]).tolist() == [1.0, 1.0]
assert lxml.etree.fromstring("<a><b/></a>")[0].tag == "b"
assert sqlite3.connect(":memory:").execute("SELECT 1 + 1").fetchone() == (2,)
assert nh3.clean("<p onclick='x'>a</p>") == "<p>a</p>"
"""


def test_only_mappings_that_are_as_the_file_has_them_are_given_back() -> None:
    assert [begin for begin, *_ in _mappings(SMAPS)] == [0x1000, 0x6000]


def test_what_was_noted_goes_once_and_everything_works_on() -> None:
    done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    released, later = map(int, done.stdout.split())
    assert released > 4_000_000
    # hardly anything has come back: it is not worth a look
    assert abs(later) < 1_000_000
