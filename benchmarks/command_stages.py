"""`feedhub` under a sampler: which stage each thread's CPU goes to, written to `stages.json` at the end.

`python benchmarks/command_stages.py once --all`: a stage is the innermost package of ours on a thread's stack; `import`
is what happens while a module is loaded. What a process of the parser pool uses is one line.
"""

from __future__ import annotations

import atexit
import json
import resource
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

_EVERY_SECONDS = 0.005
_SWITCH_SECONDS = 0.000_1
_FILE = "stages.json"


class Sampler(threading.Thread):
    """Charges the CPU of each thread to what it does."""

    def __init__(self, detail: bool) -> None:
        super().__init__(daemon=True)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._last: dict[int, float] = {}
        self._detail = detail

    def run(self) -> None:
        while True:
            time.sleep(_EVERY_SECONDS)
            self.sample()

    def sample(self) -> None:
        """Charge what was used since the last sample."""
        frames = sys._current_frames()
        for thread in threading.enumerate():
            if thread is self or thread.ident is None:
                continue
            try:
                used = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
            except OSError:
                continue
            spent = used - self._last.get(thread.ident, 0.0)
            self._last[thread.ident] = used
            frame = frames.get(thread.ident)
            if frame is not None and spent > 0:
                self.seconds[_stage(frame, self._detail)] += spent

    def write(self) -> None:
        """Write what was sampled."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds["parser pool"] = ended.ru_utime + ended.ru_stime
        Path(_FILE).write_text(json.dumps(self.seconds))


def _stage(frame: FrameType | None, detail: bool) -> str:
    stage = "other"
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name.startswith("importlib._bootstrap"):
            return "import"
        if stage == "other" and name.startswith("feedhub."):
            stage = f"{name} {frame.f_code.co_name}" if detail else name.split(".")[1]
        frame = frame.f_back
    return stage


def stages(folder: Path) -> Iterator[str]:
    """Yield a line a stage of the command that ran in the folder, the costliest first."""
    seconds = Counter(json.loads((folder / _FILE).read_text()))
    whole = sum(seconds.values())
    for stage, spent in seconds.most_common(40):
        if spent >= whole / 200:
            yield f"{stage:40}{spent:>8.2f} s{spent / whole:>7.0%}"


def main() -> None:
    detail = "--detail" in sys.argv
    sys.argv = ["feedhub", *(each for each in sys.argv[1:] if each != "--detail")]
    # else a thread that computes keeps the lock for five milliseconds, and what lets go of it by itself (a statement, a
    # compressor, a search for phrases) is charged for what ran before it
    sys.setswitchinterval(_SWITCH_SECONDS)
    sampler = Sampler(detail)
    sampler.start()
    atexit.register(sampler.write)
    from feedhub.cli import main as feedhub

    feedhub()


if __name__ == "__main__":
    main()
