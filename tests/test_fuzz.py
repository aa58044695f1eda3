"""Ten minutes of coverage-guided fuzzing for each kind of bytes that strangers send: `pytest -m fuzz`, with atheris."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

SECONDS = int(os.environ.get("FEEDHUB_FUZZ_SECONDS", "600"))
pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(SECONDS * 2 + 120)]
HERE = Path(__file__).parent


@pytest.mark.parametrize("target", ["heads", "answers", "feeds", "pages"])
def test_nothing_that_strangers_send_breaks_its_reader(target: str, tmp_path: Path) -> None:
    assert importlib.util.find_spec("atheris"), "needs atheris: pip install -e '.[fuzz]'"
    command = [sys.executable, str(HERE / "fuzz_targets.py"), target, f"-max_total_time={SECONDS}"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(HERE), str(HERE.parent)))}
    done = subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/"], capture_output=True, text=True, env=env, check=False
    )
    print(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr[-4_000:]
