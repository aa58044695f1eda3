"""The units of `deploy/` are as closed as systemd can make them, by its own reckoning."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = sorted((Path(__file__).parent.parent / "deploy").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")


@pytest.mark.skipif(ANALYZE is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_is_exposed_to_little(unit: Path) -> None:
    command = [str(ANALYZE), "security", "--offline=true", "--no-pager", "--threshold=30", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    exposed = re.search(r"Overall exposure level for .*: (\d+\.\d)", done.stdout)
    assert exposed is not None, done.stdout + done.stderr
    assert float(exposed[1]) <= 3.0


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_sets_the_modes_of_what_it_writes(unit: Path) -> None:
    text = unit.read_text()
    assert re.search(r"^UMask=00(22|77)$", text, re.M)
    assert re.search(r"^StateDirectoryMode=07(00|11)$", text, re.M)
