"""What strangers wrote commands no terminal and turns no text, whichever command prints it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Desk
from origin import Origin, Reply

from feedhub.cli.configuration import read_config

#: a title for the window, a colour, both of them in C1, a reversal, an isolate, and DEL
HOSTILE = "\x1b]0;owned\x07\x1b[31m\x9d0;owned\x9c\x9b31m\u202eabc\u2066\x7f"
_ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_LIST = """<?xml version="1.0" encoding="utf-8"?><opml version="2.0"><body>
<outline text="A \u202eabc\u2066" xmlUrl="http://a.example/feed" category="/x\u202ey"/>
<outline text="B" xmlUrl="ftp://b.example/\u202eabc"/></body></opml>"""


@pytest.fixture(scope="module")
def site() -> Iterator[Origin]:
    page = f"<html><head><title>{HOSTILE}</title></head><body>{HOSTILE}</body></html>".encode()
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"Paper {HOSTILE}",
        "items": [{"id": "1", "title": "a"}],
    }
    with Origin() as made:
        made.serve("/page", Reply(200, {"Content-Type": "text/html; charset=utf-8"}, page))
        made.serve("/feed", Reply(200, {"Content-Type": "application/feed+json"}, json.dumps(feed).encode()))
        yield made


@pytest.fixture
def desk(tmp_path: Path, site: Origin) -> Desk:
    made = Desk(tmp_path)
    made.configure(made.file("paper"), f'fetch: {{allow: ["{site.place}"]}}')
    (tmp_path / "list.opml").write_text(_LIST, encoding="utf-8")
    item = {"id": f"x{HOSTILE}", "title": HOSTILE, "published": HOSTILE}
    (tmp_path / "items.jsonl").write_text(f"{json.dumps(item)}\n{json.dumps(item)[:-9]}\n", encoding="utf-8")
    return made


COMMANDS = {
    "a site without a feed": ("sources", "add", "{site}/page", "--yes"),
    "a feed to add": ("sources", "add", "{site}/feed", "--yes"),
    "a list to print": ("sources", "import", "list.opml"),
    "a list to append": ("sources", "import", "list.opml", "--append"),
    "items that are none": ("dedupe", "items.jsonl"),
    "a story of no hub": ("explain", HOSTILE.replace("\x00", "")),
    "words": ("search", HOSTILE),
    "a decision": ("kill", HOSTILE),
    "a file of no name": ("check", "--labels", f"x{HOSTILE}.jsonl"),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_no_command_hands_a_terminal_what_a_stranger_wrote(
    desk: Desk, site: Origin, arguments: tuple[str, ...]
) -> None:
    done = desk.run(*(each.replace("{site}", site.url("")) for each in arguments))
    assert done.out + done.err
    assert "Traceback" not in done.err
    assert not _ACTS.findall(f"{done.out}{done.err}".replace("\x1b[1m", "").replace("\x1b[0m", ""))


def test_a_row_that_turns_its_text_is_written_by_numbers_and_read_as_it_was(desk: Desk) -> None:
    assert desk.run("sources", "import", "list.opml", "--append").code == 0
    assert "\\u202E" in (desk.folder / "config.yaml").read_text(encoding="utf-8")
    names = {source.name for source in read_config(desk.folder / "config.yaml").sources}
    assert any("\u202e" in (name or "") for name in names)


_BUG = """import logging
from feedhub.cli.console import set_up_log
set_up_log()
try:
    raise ValueError({hostile!r})
except ValueError:
    logging.getLogger("feedhub").exception("broke")
"""


@pytest.mark.parametrize("form", ["logfmt", "json", "terminal"])
def test_a_traceback_in_the_log_commands_no_terminal(form: str) -> None:
    """On a terminal colours are the log's own, and nothing else is."""
    own, theirs = pty.openpty()
    environment = {**os.environ, "FEEDHUB_LOG": "" if form == "terminal" else form}
    stderr = theirs if form == "terminal" else subprocess.PIPE
    done = subprocess.run(
        [sys.executable, "-c", _BUG.format(hostile=HOSTILE)], stderr=stderr, env=environment, check=True
    )
    os.close(theirs)
    text = (os.read(own, 65_536) if form == "terminal" else done.stderr).decode()
    os.close(own)
    assert "ValueError" in text
    assert "Traceback (most recent call last)" in text
    assert not _ACTS.findall(re.sub(r"\x1b\[(?:1|2|0|22|3[0-9])(?:;[0-9]+)*m", "", text).replace("\r\n", "\n"))
