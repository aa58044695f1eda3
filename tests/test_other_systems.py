"""What Windows and macOS lack is never asked for at import: the matcher and a round run without it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from commands import ROOT, feed, item

#: an interpreter in which our modules miss what only Unix has, or only some have
_WITHOUT = """
import builtins, os, sys

missing = {"fcntl", "resource", "uvloop", "pwd", "grp", "termios"}
real = builtins.__import__

def importing(name, globals=None, locals=None, fromlist=(), level=0):
    if name in missing and str((globals or {}).get("__name__")).startswith("feedhub"):
        raise ImportError(f"no module named {name}")
    return real(name, globals, locals, fromlist, level)

builtins.__import__ = importing
for name in ("O_NONBLOCK O_NOCTTY O_NOFOLLOW O_CLOEXEC fchmod fchown fork geteuid pread pwrite").split():
    delattr(os, name)

import asyncio
def refuse(*arguments):
    raise NotImplementedError
asyncio.unix_events._UnixSelectorEventLoop.add_signal_handler = refuse

import importlib, json, pathlib
import feedhub.cli, feedhub.unix

assert feedhub.unix.fcntl is None and feedhub.unix.resource is None
for path in sorted(pathlib.Path(feedhub.cli.__file__).parent.glob("[a-z]*.py")):
    importlib.import_module(f"feedhub.cli.{path.stem}")
importlib.import_module("feedhub.parse.worker_process")
for line in sys.argv.pop().splitlines():
    sys.argv[1:] = line.split()
    try:
        feedhub.cli.main()
    except SystemExit as end:
        assert not end.code, line
"""


def test_every_command_can_be_imported_and_dedupe_and_once_run_where_unix_s_modules_are_missing(tmp_path: Path) -> None:
    items = [{"id": name, "source": name, "text": "The bridge at Marrow Ferry was shut. " * 9} for name in "ab"]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(each) + "\n" for each in items))
    (tmp_path / "paper.json").write_bytes(feed("paper", item("1", "Ferry aground")))
    (tmp_path / "config.yaml").write_text("sources:\n  - paper.json\n")
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, "dedupe items.jsonl -o stories.jsonl\nonce --out public --json"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    stories = [json.loads(line)["story"] for line in (tmp_path / "stories.jsonl").read_text().splitlines()]
    assert stories == ["a", "a"]
    assert {each["source"] for each in json.loads(done.stdout)["sources"]} == {"paper"}
