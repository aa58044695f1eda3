"""Who may not use the desk: forged, replayed, cross-site and wrong requests, each refused by a real process."""

from __future__ import annotations

import os
import pty
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import Desk, ended, until
from desk_world import Browser, desk_open, furnish

from feedhub.desk.desk_routes import own_path

FORM = {"do": "never", "left": "1", "right": "3"}
SHOWN = (
    "/today",
    "/near-misses",
    "/queue",
    "/decisions",
    "/pair/1/3",
    "/sources",
    "/sources/herald",
    "/charts",
    "/label",
    "/tune",
)
PAGES = (*SHOWN, "/none", "/sign-in?key=none")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return furnish(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def browser(hub: Desk) -> Iterator[Browser]:
    with desk_open(hub) as opened:
        opened.read("/today")
        yield opened


#: name -> method, path, what differs from a good request, the status; "token" and "cookie" are those of the browser
REFUSED: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "no cookie": ("GET", "/today", {"cookie": None}, 401),
    "no cookie, a form": ("POST", "/pair", {"cookie": None}, 401),
    "a cookie of somebody's own": ("GET", "/today", {"cookie": "{name}=forged"}, 401),
    "the name of another desk's cookie": ("GET", "/today", {"cookie": "feedhub-desk-1={value}"}, 401),
    "a cookie that is none": ("GET", "/today", {"cookie": "\x80=;;{name}"}, 401),
    "no token": ("POST", "/pair", {"token": None}, 403),
    "an empty token": ("POST", "/pair", {"token": ""}, 403),
    "another token": ("POST", "/pair", {"token": "A" * 43}, 403),
    "a token that is no ASCII": ("POST", "/pair", {"token": "é"}, 403),
    "the cookie for a token": ("POST", "/pair", {"token": "{value}"}, 403),
    "another site's form": ("POST", "/pair", {"origin": "https://evil.test"}, 403),
    "a form of another port": ("POST", "/pair", {"origin": "http://127.0.0.1:1"}, 403),
    "a form of another scheme": ("POST", "/pair", {"origin": "https://{host}"}, 403),
    "a form of a sandboxed frame": ("POST", "/pair", {"origin": "null"}, 403),
    "a form of nowhere": ("POST", "/pair", {"origin": None}, 403),
    "a cross-site request": ("POST", "/pair", {"sec_fetch_site": "cross-site"}, 403),
    "a same-site request, another port": ("POST", "/pair", {"sec_fetch_site": "same-site"}, 403),
    "another site's link": ("GET", "/today", {"sec_fetch_site": "cross-site"}, 403),
    "another site's script tag": ("GET", "/static/desk.js", {"sec_fetch_site": "cross-site"}, 403),
    "another name": ("GET", "/today", {"host": "evil.test"}, 421),
    "another name, a form": ("POST", "/pair", {"host": "evil.test", "origin": "http://evil.test"}, 421),
    "another name without a cookie": ("GET", "/static/desk.js", {"host": "evil.test"}, 421),
    "a name that begins like ours": ("GET", "/today", {"host": "localhost.evil.test"}, 421),
    "JSON": ("POST", "/pair", {"content_type": "application/json"}, 415),
    "a form in parts": ("POST", "/pair", {"content_type": "multipart/form-data; boundary=x"}, 415),
    "plain text": ("POST", "/pair", {"content_type": "text/plain"}, 415),
    "a form for a page": ("POST", "/today", {}, 405),
    "a form for signing in": ("POST", "/sign-in", {}, 404),
    "a form in an address": ("GET", "/pair?do=never&left=1&right=3", {}, 405),
    "another method": ("PUT", "/pair", {}, 405),
    "a form that is too long": ("POST", "/pair", {"body": b"a" * 4_000_001}, 413),
    "a form of too many fields": ("POST", "/pair", {"body": b"a=1&" * 1_001}, 400),
    "a form that is no text": ("POST", "/pair", {"body": b"token=\xff\xfe&do=never"}, 400),
    "no such decision": ("POST", "/pair", {"do": "burn"}, 404),
    "no such copy": ("POST", "/pair", {"right": "99"}, 409),
    "no number": ("POST", "/pair", {"right": "1; drop table copy"}, 404),
    "a copy beyond numbers": ("POST", "/pair", {"right": "9" * 30}, 404),
    "a decision that nobody made": ("POST", "/decisions", {"do": "forget", "number": "99"}, 409),
    "an item that waits for nobody": ("POST", "/queue", {"do": "seen", "item": "notice 1"}, 409),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_request_that_is_not_the_operators_own_is_refused(browser: Browser, hub: Desk, name: str) -> None:
    method, path, differs, status = REFUSED[name]
    words = {
        "name": browser.cookie.partition("=")[0],
        "value": browser.cookie.partition("=")[2],
        "host": browser.origin.removeprefix("http://"),
    }
    differs = {k: v.format(**words) if isinstance(v, str) and "{" in v else v for k, v in differs.items()}
    headers = {
        k: differs.pop(k) for k in list(differs) if k in {"cookie", "origin", "host", "sec_fetch_site", "content_type"}
    }
    body = differs.pop("body", None)
    form = {"token": browser.token, **FORM, **differs}
    sent = body or {k: v for k, v in form.items() if v is not None}
    answer, page, _ = browser.ask(method, path, sent if method != "GET" else None, **headers)
    assert answer == status, page
    assert "Traceback" not in page
    assert hub.ask("select count(*) from decision") == [0]


def test_the_same_request_with_nothing_wrong_is_carried_out(tmp_path: Path) -> None:
    hub = furnish(tmp_path)
    with desk_open(hub) as browser:
        browser.read("/today")
        for origin in ("http://127.0.0.1", "http://localhost"):
            named = origin + ":" + browser.origin.rpartition(":")[2]
            headers = {"origin": named, "host": named.removeprefix("http://"), "sec_fetch_site": "same-origin"}
            status, page, _ = browser.ask("POST", "/pair", {"token": browser.token, **FORM, "do": "confirm"}, **headers)
            assert status == 303, page
        # forwarded by SSH from another port
        status, _, _ = browser.ask("GET", "/today", host="localhost:9000")
        assert status == 200
    assert hub.ask("select kind from decision") == ["confirm", "confirm"]


def test_a_key_works_once_and_only_for_a_page_of_nobody(hub: Desk) -> None:
    with desk_open(hub) as browser:
        again = Browser(browser.address)
        assert again.sign_in() == 403
        assert again.cookie == ""
        assert "Enter in the terminal" in again.ask("GET", browser.address.replace(browser.origin, ""))[1]
        assert browser.ask("GET", "/today")[0] == 200
        key = browser.address.partition("key=")[2]
        assert key not in hub.log
    with desk_open(hub) as later:
        assert replace(later, cookie=browser.cookie).ask("GET", "/today")[0] == 401
        assert Browser(browser.address.replace(browser.origin, later.origin)).sign_in() == 403


def test_a_key_survives_what_only_looks_at_the_address(hub: Desk) -> None:
    with hub.start("desk", "--port", "0", "--no-browser") as process:
        assert process.stdout is not None
        browser = Browser(process.stdout.readline().decode().strip())
        path = browser.address.replace(browser.origin, "")
        assert browser.ask("HEAD", path)[0] == 401
        assert browser.ask("GET", path, sec_fetch_site="cross-site")[0] == 403
        assert browser.ask("GET", path + "&key=other")[0] == 403
        assert browser.ask("GET", path, host="evil.test")[0] == 421
        assert browser.sign_in() == 303


def test_enter_in_the_terminal_prints_a_fresh_address_and_kills_the_one_before(hub: Desk) -> None:
    ours, theirs = pty.openpty()
    try:
        with hub.start("desk", "--port", "0", "--no-browser", stdin=theirs) as process:
            assert process.stdout is not None
            first = Browser(process.stdout.readline().decode().strip())
            until(lambda: first.ask("GET", "/static/desk.js")[0] == 200, "the desk")
            os.write(ours, b"\n")
            second = Browser(process.stdout.readline().decode().strip())
            assert first.address != second.address
            assert (first.sign_in(), second.sign_in()) == (403, 303)
            assert second.ask("GET", "/today")[0] == 200
            assert ended(process, signal.SIGTERM) == 0
    finally:
        os.close(ours)
        os.close(theirs)


def test_read_only_shows_every_page_without_a_button_and_refuses_every_form(hub: Desk) -> None:
    with desk_open(hub, "--read-only") as browser:
        for path in SHOWN:
            page = browser.read(path)
            # a form that only asks may stay
            assert 'method="post"' not in page
            assert 'name="do"' not in page
            assert "read-only" in page
        for path in ("/pair", "/queue", "/decisions", "/label", "/none"):
            status, page, _ = browser.ask("POST", path, {"token": browser.token, **FORM})
            assert status == 403
            assert "read-only: it was started with --read-only, and nothing was changed" in page
    assert hub.ask("select count(*) from decision") == [0]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_forbids_strange_scripts_frames_and_caches(browser: Browser, path: str) -> None:
    _, page, headers = browser.ask("GET", path)
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert " style=" not in page
    assert " onclick" not in page


def test_the_cookie_is_for_this_desk_and_no_script(hub: Desk) -> None:
    with desk_open(hub) as browser:
        pass
    with hub.start("desk", "--port", "0", "--no-browser") as process:
        assert process.stdout is not None
        browser = Browser(process.stdout.readline().decode().strip())
        _, _, headers = browser.ask("GET", browser.address.replace(browser.origin, ""))
        parts = {part.strip().lower() for part in headers["set-cookie"].split(";")[1:]}
        assert parts == {"httponly", "path=/", "samesite=strict"}
        assert headers["location"] == "/"


def test_what_a_source_writes_is_shown_and_never_run(browser: Browser) -> None:
    for path in ("/today", "/near-misses", "/pair/1/3"):
        page = browser.read(path)
        assert "&#34; onmouseover=&#34;alert(1)" in page, path
        assert '" onmouseover' not in page
        assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    "back", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", "/a\r\nx: y", ""]
)
def test_a_form_leads_back_to_the_desk_alone(back: str) -> None:
    assert own_path(back, "/today") == "/today"


def test_a_form_leads_back_to_the_page_that_it_was_on() -> None:
    assert own_path("/today?before=1773165600000000-12", "/") == "/today?before=1773165600000000-12"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--as", " "], "--as: expected a name"),
        (["--as", "a\nb"], "--as: expected a name"),
        (["--now", "soon"], "--now: expected an instant"),
        (["-c", "none.yaml"], "none.yaml"),
    ],
)
def test_a_wrong_option_is_one_line(hub: Desk, options: list[str], words: str) -> None:
    done = hub.run("desk", "--port", "0", "--no-browser", *options)
    assert done.code == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 1


def test_a_port_that_is_taken_is_named_with_its_option(hub: Desk, browser: Browser) -> None:
    done = hub.run("desk", "--no-browser", "--port", browser.origin.rpartition(":")[2])
    assert done.code == 5
    assert "--port: port" in done.err


def test_there_is_no_desk_where_no_hub_has_run(tmp_path: Path) -> None:
    made = Desk(tmp_path)
    made.configure()
    done = made.run("desk", "--no-browser")
    assert done.code == 2
    assert "no hub has run" in done.err
    assert not (tmp_path / "feedhub.db").exists()
