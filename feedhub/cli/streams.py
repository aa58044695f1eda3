"""Stdout and stderr that outlive their readers: `feedhub once | head` does its work and ends as if all were read."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO

from feedhub.errors import EnvironmentFailed


class _PatientStream(io.FileIO):
    """A descriptor; what nobody reads any more is dropped, and a full disk is an error with a name."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__(number, "w", closefd=False)
        self._name = name
        self._broken = False

    def write(self, data: Any, /) -> int:
        if self._broken:
            return memoryview(data).nbytes
        try:
            return super().write(data)
        except BrokenPipeError:
            self._broken = True
            return memoryview(data).nbytes
        except OSError as error:
            if self._name == "stderr":
                # Nobody is left to be told; a daemon's next line may find room again.
                return memoryview(data).nbytes
            # Said once: what is left is written again when the interpreter ends.
            self._broken = True
            raise EnvironmentFailed(f"{self._name}: {error.strerror or error}") from error


def install_patient_streams() -> None:
    """Put such streams in the place of the process's own."""
    sys.stdout = _wrapped(sys.stdout, "stdout")
    sys.stderr = _wrapped(sys.stderr, "stderr")


def _wrapped(stream: TextIO | None, name: str) -> TextIO:
    if stream is None:
        # Closed by the caller (`>&-`).
        return open(os.devnull, "w", encoding="utf-8")
    stream.flush()
    raw = _PatientStream(stream.fileno(), name)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=name == "stderr" or os.isatty(raw.fileno()),
    )
