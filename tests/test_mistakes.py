"""What people read when something is wrong: the page of mistakes is what the program says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mistakes
import pytest
from mistakes import MISTAKES, Mistake
from origin import Origin


@pytest.fixture(scope="module")
def paper() -> Iterator[Origin]:
    with mistakes.site() as origin:
        mistakes.serve(origin)
        yield origin


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_a_mistake_is_told_as_the_page_has_it(mistake: Mistake, paper: Origin, tmp_path: Path) -> None:
    code, lines = mistakes.messages(mistake, paper, tmp_path / "desk", quickly=True)
    assert code == mistake.code
    assert not any("Traceback" in line or str(tmp_path) in line for line in lines)
    row = mistakes.row(mistake, lines)
    assert row in mistakes.PAGE.read_text(encoding="utf-8").splitlines(), "python tests/mistakes.py makes the page anew"


def test_the_page_has_no_other_rows() -> None:
    rows = [line for line in mistakes.PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(rows) == len(MISTAKES) + 1
    assert len(MISTAKES) >= 30
