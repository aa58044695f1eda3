"""The README's curl lines, read off the page and asked of a running server over the shipped configuration's outputs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hubs import Newsroom
from outlets import Stand, plain_item

from feedhub.config import load
from feedhub.model import OutputRule
from feedhub.structs import replace

ROOT = Path(__file__).parent.parent
TOKEN = "open-sesame-open-sesame"


def lines() -> list[str]:
    """The lines that ask with curl, in their order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    return [line for line in readme.splitlines() if re.search(r"\bcurl -", line)]


def ask(hub: httpx.Client, line: str, tag: str = "") -> httpx.Response:
    """What a line would get."""
    command = line[line.index("curl -") :].partition(" | ")[0]
    command = command.replace("$hub", "").replace("$tag", tag.replace('"', '\\"'))
    words = shlex.split(command.replace("NAME", "desk").replace("TOKEN", TOKEN), comments=True)
    given = [words[place + 1] for place, word in enumerate(words) if word == "-H"]
    headers = dict(header.split(": ", 1) for header in given)
    (path,) = [word for word in words if word.startswith("/")]
    return hub.request("HEAD" if "-sI" in words else "GET", path, headers=headers)


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    shipped = load(ROOT / "config.yaml").feeds
    outputs = (*(replace(rule, agencies=()) for rule in shipped), OutputRule(name="desk", token=TOKEN))
    room = Newsroom(tmp_path, settings={"feeds": outputs})
    room.source("paper", category="business")
    room.serve("paper", *(plain_item(n) for n in range(24)))
    made = Stand(room)
    made.round()
    return made


@pytest.fixture
def asked(stand: Stand) -> Iterator[httpx.Client]:
    with stand.served() as client:
        yield client


def test_the_readmes_lines_get_what_it_says(stand: Stand, asked: httpx.Client) -> None:
    etag, unchanged, new, page, secret = lines()
    tag = ask(asked, etag).headers["etag"]
    assert ask(asked, unchanged, tag).status_code == 304
    stand.room.serve("paper", *(plain_item(n) for n in range(25)))
    stand.round(1)
    got = ask(asked, new, tag)
    assert (got.status_code, got.text.count("<entry")) == (226, 1)
    older = ask(asked, page)
    assert older.status_code == 200
    assert 0 < older.text.count("<entry") < 20
    assert ask(asked, secret).status_code == 200
    assert ask(asked, secret.replace("=TOKEN", "=guessed")).status_code == 404
