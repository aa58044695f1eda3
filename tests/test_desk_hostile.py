"""What an address, a form or a pasted line may hold that is no number, no text or far too much: one answer each."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from commands import Desk
from desk_world import Browser, desk_open, desk_over, furnish
from hubs import NOON, Newsroom
from loop_watch import watched

from feedhub.admin.pair_queue import COMPARED_PEOPLE, agreements
from feedhub.desk.desk_context import in_one_line, row_number
from feedhub.store import Database, pair_labels
from feedhub.store.pair_labels import PairLabel

#: what Python calls digits, what int() refuses, what no row is called, what no calendar has
NO_ROWS = ("²", "①", "٣", "𝟙", "9" * 19, "9" * 38, "9" * 5_000, "-1", "1_0", "1e3", "\0", "")
PAIR = {"a": "herald 1", "b": "courier 8", "label": 1}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return furnish(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def browser(hub: Desk) -> Iterator[Browser]:
    with desk_open(hub) as opened:
        opened.read("/label")
        yield opened


@pytest.mark.parametrize("text", NO_ROWS)
def test_what_no_row_is_called_is_no_number(browser: Browser, text: str) -> None:
    assert row_number(text) is None
    for path in ("/decisions?before={}", "/today?before={}-1", "/today?before=1-{}", "/near-misses?page={}"):
        assert browser.ask("GET", path.format(quote(text)))[0] == 200, path
    for path in ("/pair/{}/1", "/pair/1/{}"):
        assert browser.ask("GET", path.format(quote(text)))[0] == 404, path


def test_the_largest_number_and_the_smallest_are_asked_for(browser: Browser) -> None:
    assert (row_number("0"), row_number("007"), row_number("9" * 18)) == (0, 7, 10**18 - 1)
    assert browser.ask("GET", f"/decisions?before={'9' * 18}")[0] == 200
    assert browser.ask("GET", f"/today?before={'9' * 18}-{'9' * 18}")[0] == 200


@pytest.mark.parametrize(
    "row",
    [
        {**PAIR, "a": "herald \ud800"},
        {**PAIR, "b": "courier \udfff"},
        {**PAIR, "a": "herald\0 1"},
        {**PAIR, "kind": "\ud800"},
        {**PAIR, "kind": "\0"},
        {**PAIR, "by": {"\ud800": 1}},
        {**PAIR, "by": {"\0": 1}},
        {**PAIR, "by": {"an\u202ena": 1}},
        {**PAIR, "by": {f"person {number}": 1 for number in range(20_000)}},
        {**PAIR, "label": "\ud800"},
    ],
)
def test_a_label_that_no_database_keeps_is_refused_and_costs_no_other(browser: Browser, row: dict[str, object]) -> None:
    lines = "\n".join([json.dumps(row), json.dumps({**PAIR, "by": {"bo": 0}})])
    began = time.monotonic()
    page = browser.post("/label", do="import", lines=lines)
    assert "1 labels were kept; 1 refused: line:1: " in page
    assert time.monotonic() - began < 10


def test_agreement_of_any_number_of_people_is_of_those_who_labelled_most(tmp_path: Path) -> None:
    store = Database.open(f"sqlite:///{tmp_path / 'hub.db'}")
    people = {f"person {number:03}": 1 + (number < COMPARED_PEOPLE) for number in range(200)}
    rows = [
        PairLabel(left=f"a {n}", right=f"b {n}", labelled_by=name, judgement="same", kind="", labelled_at=NOON)
        for name, pairs in people.items()
        for n in range(pairs)
    ]
    store.transact(lambda connection: pair_labels.save(connection, rows))
    with store.read() as connection:
        made = agreements(connection)
    store.close()
    assert len(made) == COMPARED_PEOPLE * (COMPARED_PEOPLE - 1) // 2
    assert {each.pairs for each in made} == {2}


@pytest.mark.parametrize(
    "strange",
    [
        'theme={"dark": true}',
        "a b=c d",
        "[x]=1",
        '"',
        'open="',
        "=;=",
        "flag",
        "é=ü",
        "path=/",
        "secure",
        "{ours}=tossed",
    ],
)
def test_the_cookies_of_another_server_of_this_machine_sign_nobody_out(browser: Browser, strange: str) -> None:
    ours = browser.cookie.partition("=")[0]
    text = strange.replace("{ours}", ours).encode().decode("latin-1")
    for cookie in (f"{text}; {browser.cookie}", f"{browser.cookie}; {text}"):
        assert browser.ask("GET", "/today", cookie=cookie)[0] == 200, cookie
        assert browser.ask("GET", "/today", cookie=text)[0] == 401


@pytest.mark.parametrize(
    ("written", "recorded"),
    [
        ("two\r\nlines\tand\x85a third", "two lines and a third"),
        ("\x00nul\x00", "nul"),
        ("\x1b[31mred\x9b0m", "[31mred 0m"),
        ("gnp.\u202eexe", "gnp. exe"),
        ("line\u2028separator", "line separator"),
        ("نمی\u200cخواهم", "نمی\u200cخواهم"),
        ("שלום\u200f!", "שלום\u200f!"),
        ("\u202e\x00", None),
    ],
)
def test_why_is_one_line_that_turns_and_commands_nothing(written: str, recorded: str | None) -> None:
    assert (in_one_line(written) or None) == recorded


@pytest.mark.usefixtures("engine")
def test_what_no_text_of_a_database_holds_is_left_out_of_forms_on_each(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    with desk_over(room) as browser:
        browser.read("/label")
        form = {"token": browser.token, "do": "pin", "source": "her\0ald", "guid": "\0", "why": "a\0b"}
        assert browser.ask("POST", "/queue", form)[0] == 409
        form = {"token": browser.token, "do": "remove", "left": "a\0", "right": "b\0"}
        assert browser.ask("POST", "/label", form)[0] == 409
        assert browser.ask("GET", "/decisions?before=" + "9" * 18)[0] == 200
        assert browser.ask("GET", "/today?before=1-" + "9" * 18)[0] == 200
        assert browser.ask("GET", "/sources/%00")[0] == 404
        assert browser.ask("GET", "/pair/1/" + "9" * 18)[0] == 404


def test_a_long_form_of_percent_signs_keeps_no_other_request_waiting(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    with watched() as watch, desk_over(room) as browser:
        browser.read("/queue")
        watch.clear()
        # the token is missing; it has to be read to know that
        assert browser.ask("POST", "/queue", b"why=" + b"%" * 1_500_000)[0] == 403
        assert watch.worst < 0.1, str(watch)
