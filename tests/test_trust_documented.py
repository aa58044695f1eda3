"""Each row of docs/trust.md names a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_row_of_the_page_names_a_test() -> None:
    page = (ROOT / "docs/trust.md").read_text(encoding="utf-8")
    table = page.partition("| what a source tries |")[2].partition("\n\n")[0]
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    named = [re.search(r"`(test_\w+\.py)::(test_\w+)`", row) for row in rows]
    assert len(rows) > 15
    assert all(named), [row for row, name in zip(rows, named, strict=True) if name is None]
    missing = [name[0] for name in named if name and f"def {name[2]}(" not in (ROOT / "tests" / name[1]).read_text()]
    assert missing == []
