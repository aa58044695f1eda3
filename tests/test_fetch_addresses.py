"""Where a stranger's URL may lead: the address of the very connection decides."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from fetching import fetch, fetched, reason, source
from hypothesis import given
from hypothesis import strategies as st
from origin import Origin, feed, redirect

from feedhub.fetch import Client, Poster
from feedhub.fetch.ip_address import is_public
from feedhub.model import FetchFailed, FetchResult

NOT_ALLOWED = "is not an address that sources may lead to"

FORBIDDEN = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "3fff::1",
    "5f00::1",
    "100::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "name",
    "::ffff:0:127.0.0.1",
]

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "192.0.1.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_that_are_not_the_open_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_a_mapped_address_is_what_it_stands_for(address: Any) -> None:
    assert is_public(f"::ffff:{address}") == is_public(str(address)) == is_public(f"64:ff9b::{address}")


SPELLINGS = [
    "127.0.0.1",
    "localhost",
    "127.1",
    "127.0.1",
    "0177.0.0.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "127.0.0.1.",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:0:0:1]",
    "0",
    "0.0.0.0",
    "１２７.0.0.1",
    "LOCALHOST",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_loopback_is_refused_in_every_spelling(host: str) -> None:
    with Origin() as origin:
        told = reason(fetch(f"http://{host}:{origin.port}/feed"))
    assert NOT_ALLOWED in told or "no usable URL" in told
    assert origin.connections == 0


def test_what_is_allowed_is_that_host_and_port_alone() -> None:
    with Origin() as origin, Origin() as other:
        assert NOT_ALLOWED in reason(fetch(other.serve("/feed", feed()), allow={origin.place}))
        fetched(fetch(origin.serve("/feed", feed()), allow={origin.place}))
    assert other.connections == 0


def test_a_redirect_from_one_allowed_place_to_another_is_refused() -> None:
    with Origin() as origin, Origin() as other:
        url = origin.serve("/feed", redirect(other.serve("/admin", feed())))
        assert NOT_ALLOWED in reason(fetch(url, allow={origin.place, other.place}))
    assert other.connections == 0


def test_an_allowed_source_may_redirect_within_its_own_place() -> None:
    with Origin() as origin:
        origin.serve("/new", feed())
        assert fetched(fetch(origin.serve("/old", redirect("/new")), allow={origin.place})).url == origin.url("/new")


def resolves_to(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    """`far.test` resolves to these in turn, as a hostile name server would have it."""
    real, left = socket.getaddrinfo, list(answers)

    def answer(host: Any, port: Any, *args: Any, **kw: Any) -> Any:
        address = (left.pop(0) if len(left) > 1 else left[0]) if host == "far.test" else host
        return real(address, port, *args, **kw)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def test_a_name_that_resolves_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, "127.0.0.1")
    with Origin() as origin:
        assert NOT_ALLOWED in reason(fetch(f"http://far.test:{origin.port}/feed"))
    assert origin.connections == 0


def test_a_connection_opened_for_an_allowed_source_serves_no_redirect_from_elsewhere() -> None:
    """The pools are apart: else a kept connection would pass the check by never being made."""
    with Origin() as origin:
        origin.serve("/feed", feed())

        async def run() -> FetchResult:
            async with Client(host_delay=0, allow={origin.place}) as client:
                await asyncio.gather(*(client.fetch(source(origin.url("/feed"))) for _ in range(4)))
                # an address that was adopted, so not the configured one
                return await client.fetch(source("http://elsewhere.test/feed"), url=origin.url("/feed"))

        before = asyncio.run(run())
    assert isinstance(before, FetchFailed)
    assert NOT_ALLOWED in before.reason


def test_an_allowed_name_may_be_private(monkeypatch: pytest.MonkeyPatch) -> None:
    resolves_to(monkeypatch, "127.0.0.1")
    with Origin() as origin:
        origin.serve("/feed", feed())
        place = f"far.test:{origin.port}"
        fetched(fetch(f"http://{place}/feed", allow={place}))


def test_behind_a_proxy_the_literal_address_is_still_judged() -> None:
    with Origin() as proxy:
        for host in ("127.0.0.1", "0x7f.1", "[::1]", "169.254.169.254"):
            assert NOT_ALLOWED in reason(fetch(f"http://{host}/", proxy=f"http://{proxy.place}"))
    assert proxy.requests == []


OURS = """
    localhost LOCALHOST localhost. a.localhost localhost.localdomain printer printer. nas.local db.internal
    metadata.google.internal metadata metadata.internal. instance-data wiki.corp router.lan box.home box.home.arpa
    api.default.svc api.default.svc.cluster.local vault.service.consul localtest.me a.lvh.me
    2130706433 0x7f000001 017700000001 127.1 127.0.1 0 0.0.0.0 1.2.3.4.5 300.1.1.1 1.2.3.0x 10.0.0.8 ①②⑦.⓪.⓪.①
    ｌｏｃａｌｈｏｓｔ     127.0.0.1%2f.example.org [::ffff:7f00:1] [fe80::1%25lo] -x.example.org a..example.org a_b
""".split()
OTHERS = (
    "paper.example",
    "a-b.c_d.example",
    "xn--bcher-kva.example",
    "bücher.example",
    "local.example",
    "internal.org",
)


@pytest.mark.parametrize("host", OURS)
def test_a_proxy_is_asked_for_no_name_of_this_machine_or_its_network(host: str) -> None:
    with Origin() as proxy:
        why = reason(fetch(f"http://{host}/feed", proxy=f"http://{proxy.place}"))
        assert NOT_ALLOWED in why or "no usable URL" in why
        posted = post(f"http://{host}/", f"http://{proxy.place}")
        assert posted is not None
    assert proxy.requests == []


@pytest.mark.parametrize("host", OTHERS)
def test_a_proxy_is_asked_for_every_other_name(host: str) -> None:
    with Origin() as proxy:
        fetch(f"http://{host}/feed", proxy=f"http://{proxy.place}")
    assert len(proxy.requests) == 1


def test_a_proxy_is_asked_for_a_private_name_that_the_configuration_allows() -> None:
    with Origin() as proxy:
        fetch("http://wiki.corp/feed", proxy=f"http://{proxy.place}", allow={"wiki.corp:80"})
    assert len(proxy.requests) == 1


def post(url: str, proxy: str) -> str | None:
    async def run() -> str | None:
        async with Poster(proxy=proxy) as poster:
            return await poster.post(url, [("hub.mode", "publish")])

    return asyncio.run(run())


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    with Origin() as origin, Origin() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{proxy.place}")
        fetched(fetch(origin.serve("/feed", feed()), allow={origin.place}))
    assert proxy.requests == []


def test_a_netrc_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with Origin() as origin:
        fetched(fetch(origin.serve("/feed", feed()), allow={origin.place}))
    assert origin.requests[0].header("Authorization") is None
