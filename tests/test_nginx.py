"""Two servers over one PostgreSQL behind Debian's nginx with the configuration of `deploy/`: `pytest -m nginx`.

A group of its own, which fails where nginx or PostgreSQL is missing.
"""

from __future__ import annotations

import http.client
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from commands import ROOT, Desk, Process, item, until
from msgspec import Struct
from postgres import Server

pytestmark = [pytest.mark.nginx, pytest.mark.timeout(600)]
NAME = "news.example.org"
FEED = "/feeds/all.atom"


class Answer(Struct, frozen=True, dict=True):
    status: int
    body: bytes
    headers: http.client.HTTPMessage


@dataclass
class Site:
    """nginx, the servers behind it, and the database behind them."""

    port: int
    servers: list[Process]
    ports: list[int]
    database: Server | None
    desk: Desk

    def ask(self, path: str = FEED, port: int | None = None, **headers: str) -> Answer:
        """An answer of nginx, or of one server."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("GET", path, headers={"Host": NAME, **given})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers)
        finally:
            connection.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/bin")
    assert program is not None, "nginx is not installed: apt-get install nginx-light"
    database = Server()
    with ExitStack() as stack:
        stack.callback(database.close)
        database.start()
        desk = Desk(tmp_path)
        row = desk.file("paper", item("1", "Bridge shut at Marrow Ferry"))
        url = database.url(database.create())
        desk.configure(row, f"database: {url}\nserver: {{port: 0, base_url: 'http://{NAME}'}}")
        assert desk.run("once").code == 0
        servers, ports = [], []
        for number in range(2):
            log = stack.enter_context((tmp_path / f"log{number}").open("wb"))
            servers.append(stack.enter_context(desk.start("serve", stderr=log)))
            ports.append(until(partial(_port, tmp_path / f"log{number}"), "a server to serve"))
        port = _listen(stack, program, tmp_path, ports)
        yield Site(port, servers, ports, database, desk)


def test_a_proxy_that_was_told_nothing_shows_strangers_no_health(tmp_path: Path) -> None:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/bin")
    assert program is not None
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Bridge shut at Marrow Ferry")), "server: {port: 0}")
    with ExitStack() as stack:
        log = stack.enter_context((tmp_path / "log0").open("wb"))
        stack.enter_context(desk.start("run", stderr=log))
        behind = until(partial(_port, tmp_path / "log0"), "the hub to serve")
        bare = (
            f"server {{ listen 127.0.0.1:{(own := _free())}; location / {{ proxy_pass http://127.0.0.1:{behind}; }} }}"
        )
        _start(stack, program, tmp_path, bare, own)
        outside = Site(own, [], [], None, desk)
        assert outside.ask().status == 200
        assert [outside.ask(path).status for path in ("/health", "/metrics", "/feeds/health.atom")] == [401] * 3


def _has(site: Site, port: int, text: bytes) -> bool:
    return text in site.ask(port=port).body


def _port(log: Path) -> int:
    found = re.search(r"event=serving .*url=http://127\.0\.0\.1:(\d+)/", log.read_text())
    return int(found[1]) if found else 0


def _listen(stack: ExitStack, program: str, folder: Path, ports: list[int]) -> int:
    """Start nginx with the shipped configuration, its ports and its folder replaced; returns where it listens."""
    given = (ROOT / "deploy" / "nginx.conf").read_text()
    own = _free()
    for before, after in (
        ("listen 80;", f"listen 127.0.0.1:{own};"),
        ("127.0.0.1:8080", f"127.0.0.1:{ports[0]}"),
        ("127.0.0.1:8081", f"127.0.0.1:{ports[1]}"),
        ("/var/cache/nginx/feedhub", f"{folder}/cache"),
    ):
        assert before in given
        given = given.replace(before, after)
    _start(stack, program, folder, given, own)
    return own


def _start(stack: ExitStack, program: str, folder: Path, given: str, own: int) -> None:
    """Start nginx with servers of ours, one of which listens on the port `own`."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    main = f"pid {folder}/pid;\ndaemon off;\nerror_log stderr;\nuser root;\nevents {{}}\n"
    whole = f"{main}http {{\naccess_log off;\n{places}{given}\n}}\n"
    (folder / "nginx.conf").write_text(whole)
    command = [program, "-c", f"{folder}/nginx.conf", "-e", "stderr", "-p", str(folder)]
    log = stack.enter_context((folder / "nginx.log").open("wb"))
    process = subprocess.Popen(command, stderr=log)
    stack.callback(process.wait)
    stack.callback(process.send_signal, signal.SIGTERM)
    until(lambda: process.poll() is not None or _answers(own), "nginx to listen")
    assert process.poll() is None, (folder / "nginx.log").read_text()


def _free() -> int:
    import socket

    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": NAME})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_every_way_to_the_feed_gives_the_same_bytes_and_etag(site: Site) -> None:
    answers = [site.ask(port=port) for port in (*site.ports, site.port, site.port)]
    assert {answer.status for answer in answers} == {200}
    assert len({(answer.body, answer.headers["ETag"]) for answer in answers}) == 1
    assert b"Bridge shut" in answers[0].body
    assert answers[3].headers["X-Cache"] == "HIT"
    again = site.ask(If_None_Match=answers[0].headers["ETag"])
    assert (again.status, again.body) == (304, b"")


def test_packed_and_plain_answers_are_kept_apart(site: Site) -> None:
    plain, packed, again = site.ask(), site.ask(Accept_Encoding="gzip"), site.ask()
    assert (plain.headers["Content-Encoding"], packed.headers["Content-Encoding"]) == (None, "gzip")
    assert again.body == plain.body != packed.body


def test_a_server_that_dies_is_not_noticed(site: Site) -> None:
    before = site.ask("/")
    site.servers[0].kill()
    site.servers[0].wait()
    for path in ("/feeds/all.json", "/feeds/all.rss", FEED, "/"):
        assert site.ask(path).status == 200
    assert site.ask("/").body == before.body


def test_the_last_documents_are_served_while_the_database_is_away(site: Site) -> None:
    before = site.ask()
    assert site.database is not None
    site.database.stop(signal.SIGINT)
    for port in (*site.ports, site.port):
        answer = site.ask(port=port)
        if port == site.port:
            assert (answer.status, answer.body) == (200, before.body)
        else:
            # a server that nobody had asked for it has nothing; through nginx nobody sees that
            assert answer.status in (200, 503)
    site.database.start()
    more = site.desk.file("paper", item("1", "Bridge shut at Marrow Ferry"), item("2", "Orchestra chooses a cellist"))
    assert more
    assert site.desk.run("once", "--all").code == 0
    for port in site.ports:
        until(partial(_has, site, port, b"cellist"), "a server to have it")
    fresh = {site.ask(port=port).body for port in site.ports}
    assert len(fresh) == 1


def test_a_name_that_is_not_ours_is_refused(site: Site) -> None:
    assert site.ask(Host="other.example.org").status == 421
