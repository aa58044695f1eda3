"""A hub below a path, under several names, read by scripts of other pages; static files and their address."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from commands import NOW, PATIENCE, Desk, Done, item, said_once, until
from daemons import Subscriber, free_port
from newsstand import TOKEN, full_backend, serving
from subscribers import Lemon, Newsboat

from feedhub.serve import ServerSettings

BASE = "https://www.example.org/news"


@pytest.fixture(scope="module")
def hub() -> Iterator[httpx.Client]:
    settings = ServerSettings(base_url=BASE, hosts=("hub.lan", "2001:db8::7"))
    with serving(full_backend(), settings) as url, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/feeds/all.atom", "/feeds/all.html", "/static/hub.css", "/healthz", "/favicon.ico"]
)
def test_a_proxy_may_take_the_path_off_or_leave_it_on(hub: httpx.Client, path: str) -> None:
    stripped, whole = hub.get(path), hub.get(f"/news{path}")
    assert (stripped.status_code, whole.status_code) == (200, 200)
    assert stripped.content == whole.content
    assert stripped.headers.get("etag") == whole.headers.get("etag")


def test_the_path_alone_is_the_front_page_and_a_longer_word_is_another_path(hub: httpx.Client) -> None:
    assert hub.get("/news").content == hub.get("/").content
    for path in ("/newsroom/feeds/all.atom", "/news/nothing", "/news/news/feeds/all.atom", "/News/"):
        assert hub.get(path).status_code == 404


def test_pages_below_a_path_lead_below_it(hub: httpx.Client) -> None:
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', hub.get("/").text)
    assert links
    for path in {urlsplit(link).path for link in links}:
        assert path.startswith("/news/")
        assert hub.get(path).status_code == 200, path


def test_a_path_that_is_called_as_one_of_the_hub_s_own(tmp_path: Path) -> None:
    with (
        serving(full_backend(), ServerSettings(base_url="https://www.example.org/feeds")) as url,
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
    ):
        whole, stripped = client.get("/feeds/feeds/all.atom"), client.get("/feeds/all.atom")
        assert (whole.status_code, stripped.status_code) == (200, 200)
        assert whole.content == stripped.content


HOSTS = {
    "hub.lan": 200,
    "HUB.LAN:8080": 200,
    "[2001:db8::7]": 200,
    "www.example.org": 200,
    "lan": 421,
    "x.hub.lan": 421,
}


@pytest.mark.parametrize(("host", "status"), HOSTS.items())
def test_the_hub_goes_by_every_name_of_the_configuration(hub: httpx.Client, host: str, status: int) -> None:
    answer = hub.get("/healthz", headers={"host": host})
    assert answer.status_code == status
    assert status == 200 or "server.hosts" in answer.text
    # another name opens nothing that wants the token
    assert hub.get("/health", headers={"host": host}).status_code in (401, 421)


def test_scripts_of_any_page_may_read_what_needs_no_token_and_nothing_else(hub: httpx.Client) -> None:
    got = hub.get("/feeds/all.json", headers={"origin": "https://reader.example"})
    assert got.headers["access-control-allow-origin"] == "*"
    again = hub.get("/feeds/all.json", headers={"if-none-match": got.headers["etag"]})
    assert (again.status_code, again.headers["access-control-allow-origin"]) == (304, "*")
    asked = hub.options("/feeds/all.json", headers={"access-control-request-method": "GET"})
    assert asked.status_code == 204
    assert "If-None-Match" in asked.headers["access-control-allow-headers"]
    secret = hub.get(f"/feeds/{TOKEN}/secret.json")
    assert secret.status_code == 200
    for answer in (
        secret,
        hub.options(f"/feeds/{TOKEN}/secret.json"),
        hub.get("/"),
        hub.get("/health"),
        hub.get("/metrics"),
    ):
        assert "access-control-allow-origin" not in answer.headers


def test_readers_and_crawlers_find_what_they_ask_for_unasked(hub: httpx.Client) -> None:
    icon = hub.get("/favicon.ico")
    assert icon.headers["content-type"] == "image/vnd.microsoft.icon"
    assert icon.content[:4] == b"\0\0\1\0"
    robots = hub.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /news/metrics" in robots.text.splitlines()
    assert "feeds" not in robots.text


def static(tmp_path: Path, *arguments: str, more: str = "") -> tuple[Desk, Done]:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground")), more)
    return desk, desk.run("once", "--now", NOW, "--out", "public", *arguments)


def test_static_files_name_the_address_that_their_folder_is_given(tmp_path: Path) -> None:
    desk, done = static(tmp_path, "--base-url", "https://www.example.org/feeds/")
    assert done.code == 0, done.err
    files = desk.files("public")
    document = json.loads(files["all.json"])
    assert document["feed_url"] == "https://www.example.org/feeds/all.json"
    assert document["home_page_url"] == "https://www.example.org/feeds/"
    assert b'href="https://www.example.org/feeds/all.atom"' in files["all.atom"]
    assert b'href="https://www.example.org/feeds/all.rss"' in files["all.rss"]
    assert not any(b"127.0.0.1" in body for body in files.values())


def test_static_files_that_do_not_know_their_address_name_none(tmp_path: Path) -> None:
    desk, done = static(tmp_path)
    assert done.code == 0, done.err
    files = desk.files("public")
    assert json.loads(files["all.json"]).keys() & {"feed_url", "home_page_url"} == set()
    assert b'rel="self"' not in files["all.atom"] + files["all.rss"]
    assert not any(b"127.0.0.1" in body for body in files.values())


def test_the_address_of_static_files_is_checked(tmp_path: Path) -> None:
    _, done = static(tmp_path, "--base-url", "www.example.org")
    assert done.code == 2
    assert "--base-url: expected an address" in done.err
    alone = Desk(tmp_path).run("once", "--base-url", BASE)
    assert said_once(alone, "--base-url", "--out")


NGINX = """pid {folder}/pid; daemon off; error_log stderr; user root;
events {{}}
http {{ access_log off; {places}
  proxy_set_header Host $host;
  server {{ listen 127.0.0.1:{strips}; location /news/ {{ proxy_pass http://127.0.0.1:{hub}/; }} }}
  server {{ listen 127.0.0.1:{leaves}; location /news/ {{ proxy_pass http://127.0.0.1:{hub}; }} }}
}}
"""


@pytest.mark.nginx
@pytest.mark.timeout(300)
def test_real_readers_subscribe_below_a_path_behind_nginx_both_ways(tmp_path: Path) -> None:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/bin")
    assert program is not None, "nginx is not installed: apt-get install nginx-light"
    strips, leaves = free_port(), free_port()
    desk = Desk(tmp_path)
    rows = desk.file("paper", item("1", "Bridge shut at Marrow Ferry"), item("2", "Harbour dues to rise"))
    desk.configure(rows, f"server: {{port: 0, base_url: 'http://127.0.0.1:{strips}/news'}}")
    with ExitStack() as stack:
        process = stack.enter_context(desk.start("run"))
        client = Subscriber(desk, process)
        until(lambda: len(client.titles()) == 2, "the stories")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
        text = NGINX.format(folder=tmp_path, places=places, strips=strips, leaves=leaves, hub=client.port)
        (tmp_path / "nginx.conf").write_text(text)
        log = stack.enter_context((tmp_path / "nginx.log").open("wb"))
        proxy = subprocess.Popen(
            [program, "-c", f"{tmp_path}/nginx.conf", "-e", "stderr", "-p", str(tmp_path)], stderr=log
        )
        stack.callback(proxy.wait)
        stack.callback(proxy.send_signal, signal.SIGTERM)
        for number, port in enumerate((strips, leaves)):
            base = f"http://127.0.0.1:{port}/news"
            until(lambda base=base: _answers(f"{base}/healthz"), "nginx")  # type: ignore[misc]
            home = tmp_path / f"newsboat{number}"
            home.mkdir()
            for reader in (Lemon(f"{base}/feeds/all.atom"), Newsboat(f"{base}/feeds/all.rss", home)):
                assert {each.title for each in reader.look().entries.values()} == client.titles()
                assert reader.look().fresh == frozenset()
                reader.close()
            page = httpx.get(f"{base}/")
            assert page.status_code == 200
            for link in re.findall(r'(?:href|src)="(/news/[^"]*)"', page.text):
                assert httpx.get(f"http://127.0.0.1:{port}{link.replace('&amp;', '&')}").status_code == 200, link
            own = json.loads(httpx.get(f"{base}/feeds/all.json").content)["feed_url"]
            assert own == f"http://127.0.0.1:{strips}/news/feeds/all.json"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False
