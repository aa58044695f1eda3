"""The page about one's own data runs as it stands: what it says is printed is printed."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from commands import Desk

PAGE = Path(__file__).parent.parent / "docs" / "library.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_page_runs_and_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    printed = ""
    shown = 0
    for kind, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, str(PAGE), "exec"), names)
            printed = out.getvalue()
        elif kind == "sh":
            for line in text.splitlines():
                done = Desk(tmp_path).run(*shlex.split(line)[1:])
                assert done.code == 0, (line, done.err)
                printed = done.out
        else:
            assert printed == text
            shown += 1
    assert shown >= 5
    assert "<title>Stories of 5 items</title>" in (tmp_path / "report.html").read_text(encoding="utf-8")
