"""Bytes of which the pages that are read are in memory, until they are let go of."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from feedhub.mapped_bytes import MappedBytes

#: more than is worth a file
LONG = np.random.default_rng(7).bytes(2_000_000)


def _resident(address: int) -> int:
    """Return the kB that this process has of the mapping at an address."""
    rows = iter(Path("/proc/self/smaps").read_text().splitlines())
    for row in rows:
        begin, _, end = row.partition(" ")[0].partition("-")
        if end and int(begin, 16) <= address < int(end, 16):
            return next(int(each.split()[1]) for each in rows if each.startswith("Rss:"))
    raise AssertionError("no mapping")


@pytest.mark.parametrize("data", [b"", b"few", LONG], ids=["none", "few", "many"])
def test_bytes_are_read_as_they_were_written_before_and_after_they_are_let_go_of(data: bytes) -> None:
    mapped = MappedBytes(lambda: [data[:300_000], data[300_000:]])
    assert mapped.view == data
    mapped.release()
    assert mapped.view == data


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_let_go_of_takes_no_memory_until_it_is_read_again() -> None:
    mapped = MappedBytes(lambda: [LONG])
    array = np.frombuffer(mapped.view, dtype=np.uint8)
    whole = int(array.sum(dtype=np.int64))
    assert _resident(array.ctypes.data) > 1_900
    mapped.release()
    assert _resident(array.ctypes.data) < 200
    assert int(array.sum(dtype=np.int64)) == whole


@pytest.mark.parametrize("size", [3, 2_000_000], ids=["few", "many"])
def test_bytes_are_read_once(size: int) -> None:
    asked = []
    MappedBytes(lambda: asked.append(1) or [LONG[:size]])  # type: ignore[func-returns-value]
    assert len(asked) == 1


def test_an_array_outlives_what_it_was_made_of() -> None:
    array = np.frombuffer(MappedBytes(lambda: [LONG]).view, dtype=np.uint8)
    assert array.tobytes() == LONG


def test_bytes_lie_in_memory_where_no_file_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    mapped = MappedBytes(lambda: [LONG])
    mapped.release()
    assert isinstance(mapped.view.obj, bytes)
    assert mapped.view == LONG


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_file_stays_open_once_nothing_of_it_is_used() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        MappedBytes(lambda: [LONG]).release()
    assert len(os.listdir("/proc/self/fd")) == before
