"""The running server: hosts, health and details, failures and the port."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from commands import PATIENCE
from newsstand import MemoryBackend, copy, feed, serving, story
from starlette.types import Receive, Scope, Send

from feedhub.errors import EnvironmentFailed
from feedhub.serve import HealthStatus, OutputInfo, ServerSettings, story_key
from feedhub.serve.server import listen, serve

HOSTS = {
    "127.0.0.1": 200,
    "localhost": 200,
    "LOCALHOST:99": 200,
    "[::1]:8000": 200,
    "news.test": 200,
    "news.test:443": 200,
    "evil.test": 421,
    "127.0.0.1.evil.test": 421,
    "localhost.evil.test": 421,
    "evil.test@localhost": 421,
    "localhost/evil": 421,
    "localhost:port": 421,
    "": 421,
}


@pytest.mark.parametrize(("host", "status"), HOSTS.items())
@pytest.mark.parametrize("path", ["/", "/feeds/all.atom", "/healthz"])
def test_a_name_that_the_hub_does_not_go_by_is_misdirected(
    public: httpx.Client, path: str, host: str, status: int
) -> None:
    assert public.get(path, headers={"host": host}).status_code == status


def test_two_hosts_are_no_host(public: httpx.Client) -> None:
    with socket.create_connection((public.base_url.host, public.base_url.port or 0), 5) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\nConnection: close\r\n\r\n")
        assert raw.makefile("rb").readline().split()[1] in (b"400", b"421")


GROUND = "containment 0.93"
ADMIN = {
    "nobody": ({}, 401),
    "the token": ({"authorization": "Bearer let-me-in"}, 200),
    "as a password": ({"authorization": "Basic " + base64.b64encode(b"any:let-me-in").decode()}, 200),
    "a wrong token": ({"authorization": "Bearer wrong"}, 401),
    "a wrong password": ({"authorization": "Basic " + base64.b64encode(b"any:wrong").decode()}, 401),
    "broken Basic": ({"authorization": "Basic ???"}, 401),
    "another scheme": ({"authorization": "Digest let-me-in"}, 401),
}


@pytest.mark.parametrize(("headers", "status"), ADMIN.values(), ids=ADMIN)
def test_a_public_hub_shows_its_health_to_the_admin_alone(
    public: httpx.Client, headers: dict[str, str], status: int
) -> None:
    got = public.get("/health", headers=headers)
    assert got.status_code == status
    assert ("sources" in got.text) is (status == 200)
    assert got.headers["cache-control"] == "no-store"


FORWARDED: list[dict[str, str]] = [
    {"x-forwarded-for": "203.0.113.9"},
    {"forwarded": "for=203.0.113.9"},
    {"via": "1.1 p"},
    {"x-forwarded-proto": "https"},
    {"x-forwarded-host": "news.test"},
    {"cf-connecting-ip": "203.0.113.9"},
    {"cdn-loop": "p"},
]


@pytest.mark.parametrize("headers", FORWARDED)
def test_what_a_proxy_passes_on_is_not_local(hub: httpx.Client, headers: dict[str, str]) -> None:
    assert hub.get("/health").status_code == 200
    assert hub.get("/health", headers=headers).status_code == 401


@pytest.mark.parametrize("path", ["/health", "/metrics", "/feeds/health.atom"])
def test_nginx_that_was_told_nothing_is_not_local(hub: httpx.Client, path: str) -> None:
    """`proxy_pass http://127.0.0.1:8080;` alone: our own address as Host, HTTP/1.0, and nothing of the client."""
    for version, status in ((b"1.0", b"401"), (b"1.1", b"200")):
        with socket.create_connection((hub.base_url.host, hub.base_url.port or 0), 5) as raw:
            place = f"127.0.0.1:{hub.base_url.port}".encode()
            raw.sendall(b"GET %s HTTP/%s\r\nHost: %s\r\nConnection: close\r\n\r\n" % (path.encode(), version, place))
            assert raw.makefile("rb").readline().split()[1] == status


def test_match_details_are_shown_to_this_machine_and_the_admin_only(backend: MemoryBackend) -> None:
    one = story(5, copies=(copy(guid="5"), copy("quay.test", ground=GROUND, score=0.93)))
    shown_to: dict[str, bool] = {}
    local = MemoryBackend()
    local.put(feed(one))
    path = f"/story/{story_key(one.id)}"
    with (
        serving(local, ServerSettings(admin_token="let-me-in")) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as hub,
    ):
        cases: dict[str, dict[str, str]] = {
            "local": {},
            "proxied": {"x-forwarded-for": "203.0.113.9"},
            "admin": {"x-forwarded-for": "203.0.113.9", "authorization": "Bearer let-me-in"},
        }
        for who, headers in cases.items():
            got = hub.get(path, headers=headers)
            shown_to[who] = GROUND in got.text
            assert got.headers["cache-control"].startswith("private" if shown_to[who] else "public")
    assert shown_to == {"local": True, "proxied": False, "admin": True}


def test_alive_and_ready_are_two_questions() -> None:
    backend = MemoryBackend()
    backend.condition = HealthStatus(ready=False, reason="the database is away: secret detail")
    with serving(backend) as url, httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as hub:
        assert hub.get("/healthz").status_code == 200
        got = hub.get("/readyz")
        assert got.status_code == 503
        assert "secret" not in got.text
        assert hub.get("/health").json() == {"ready": False, "reason": backend.condition.reason}


FAILURES: dict[str, tuple[Exception, int]] = {
    "the environment": (EnvironmentFailed("disk full at SECRET"), 503),
    "a bug": (RuntimeError("SECRET"), 500),
}


@pytest.mark.parametrize(("failure", "status"), FAILURES.values(), ids=FAILURES)
def test_a_failure_tells_the_client_nothing(failure: Exception, status: int) -> None:
    backend = MemoryBackend()
    backend.failure = failure
    with serving(backend) as url, httpx.Client(base_url=url, trust_env=False, timeout=PATIENCE) as hub:
        got = hub.get("/")
        assert hub.get("/healthz").status_code == 200
    assert got.status_code == status
    assert "SECRET" not in got.text
    assert got.headers["cache-control"] == "no-store"
    assert "content-security-policy" in got.headers


def test_a_port_in_use_fails_at_once_and_names_it() -> None:
    first = listen("127.0.0.1", 0)
    try:
        with pytest.raises(EnvironmentFailed, match=rf"port {first.port} on 127.0.0.1") as caught:
            listen("127.0.0.1", first.port)
        assert caught.value.exit_code == 5
    finally:
        first.socket.close()


def test_a_host_that_does_not_exist_fails_with_its_name() -> None:
    with pytest.raises(EnvironmentFailed, match=r"no\.such\.host\.invalid"):
        listen("no.such.host.invalid", 0)


URLS: dict[str, Any] = {
    "127.0.0.1": "http://127.0.0.1:",
    "0.0.0.0": "http://127.0.0.1:",
    "localhost": "http://localhost:",
}


@pytest.mark.parametrize(("host", "start"), URLS.items())
def test_a_listener_knows_the_address_to_open(host: str, start: str) -> None:
    made = listen(host, 0)
    made.socket.close()
    assert made.url == f"{start}{made.port}"
    assert made.port > 0


def test_stopping_frees_the_port(backend: MemoryBackend) -> None:
    with serving(backend) as url:
        assert httpx.get(f"{url}/healthz", trust_env=False, timeout=PATIENCE).text == "alive\n"
    again = listen("127.0.0.1", int(url.rpartition(":")[2]))
    again.socket.close()


def test_an_answer_under_way_is_finished_before_the_hub_stops() -> None:
    listener = listen("127.0.0.1", 0)

    async def port_is_closed() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
                writer.close()
                await writer.wait_closed()

    async def stopped_by_a_request() -> bytes:
        stop = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            stop.set()
            await port_is_closed()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"whole"})

        server = asyncio.create_task(serve(app, listener, stop))
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await server
        return answer

    assert b"whole" in asyncio.run(stopped_by_a_request())


def test_an_output_without_a_count_is_listed_all_the_same() -> None:
    backend = MemoryBackend()
    backend.infos = {"x": OutputInfo(name="x", title="Ex", about="Ferries only")}
    with serving(backend) as url:
        page = httpx.get(f"{url}/feeds/", trust_env=False, timeout=PATIENCE).text
    assert "Ferries only" in page


def test_the_stylesheet_follows_light_and_dark() -> None:
    sheet = Path(__file__).parent.parent / "feedhub" / "serve" / "static" / "hub.css"
    assert "prefers-color-scheme: dark" in sheet.read_text()
