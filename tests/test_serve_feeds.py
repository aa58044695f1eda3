"""The running server: outputs in every format, conditions, tokens and the log, over real HTTP on loopback."""

from __future__ import annotations

import io
import logging

import feedparser
import httpx
import pytest
from newsstand import TOKEN, MemoryBackend, rich_story, story

from feedhub.serve import story_key, token_digest
from feedhub.serve.security import redacted_path

KEY = story_key(rich_story().id)


FORMATS = {
    "atom": "application/atom+xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "json": "application/feed+json",
}


@pytest.mark.parametrize(("suffix", "media_type"), FORMATS.items())
def test_an_output_is_served_in_every_format(
    hub: httpx.Client, backend: MemoryBackend, suffix: str, media_type: str
) -> None:
    got = hub.get(f"/feeds/all.{suffix}")
    assert (got.status_code, got.headers["content-type"]) == (200, media_type)
    assert got.content == backend.documents["all", suffix].plain.body
    assert got.headers["content-encoding"] == "gzip"
    assert got.headers["date"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_asking_again_gets_304(hub: httpx.Client, suffix: str) -> None:
    first = hub.get(f"/feeds/all.{suffix}")
    again = hub.get(f"/feeds/all.{suffix}", headers={"if-none-match": first.headers["etag"]})
    dated = hub.get(f"/feeds/all.{suffix}", headers={"if-modified-since": first.headers["last-modified"]})
    for got in (again, dated):
        assert (got.status_code, got.content) == (304, b"")
        assert got.headers["etag"] == first.headers["etag"]
        assert got.headers["vary"] == "Accept-Encoding"
        assert got.headers["cache-control"] == first.headers["cache-control"]
        assert got.headers["date"]


def test_a_reader_subscribes_over_http(hub: httpx.Client) -> None:
    read = feedparser.parse(io.BytesIO(hub.get("/feeds/all.atom").content))
    assert [entry.id for entry in read.entries] == [rich_story().id, story(2).id]


def test_head_has_the_headers_and_no_body(hub: httpx.Client) -> None:
    head, got = (hub.request(method, "/feeds/all.atom") for method in ("HEAD", "GET"))
    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k != "date"} == {
        k: v for k, v in got.headers.items() if k != "date"
    }


def test_a_range_is_answered_whole(hub: httpx.Client, backend: MemoryBackend) -> None:
    got = hub.get("/feeds/all.atom", headers={"range": "bytes=0-9", "accept-encoding": "identity"})
    assert (got.status_code, got.headers["accept-ranges"]) == (200, "none")
    assert got.content == backend.documents["all", "atom"].plain.body


def test_a_name_of_any_letters_has_an_address(hub: httpx.Client) -> None:
    assert hub.get("/feeds/%C3%96%20%26%20co.rss").status_code == 200
    assert 'href="/feeds/%C3%96%20%26%20co.rss"' in hub.get("/feeds/").text


MISSING = [
    "/feeds/none.atom",
    "/feeds/all.txt",
    "/feeds/all",
    "/feeds/all.atom/",
    "/story/none",
    "/story/",
    "/static/../app.py",
    "/static/none.css",
    "/favicon.png",
    "/docs",
]


@pytest.mark.parametrize("path", MISSING)
def test_what_is_not_there_is_404(hub: httpx.Client, path: str) -> None:
    got = hub.get(path)
    assert got.status_code == 404
    assert got.headers["content-type"].startswith("text/html")


PATHS = [
    "/",
    "/feeds/",
    "/feeds.opml",
    "/search?q=ferry",
    "/sources",
    "/feeds/all.atom",
    f"/story/{KEY}",
    "/healthz",
    "/readyz",
    "/health",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_route_changes_anything(hub: httpx.Client, method: str, path: str) -> None:
    got = hub.request(method, path)
    assert got.status_code == 405
    assert set(got.headers["allow"].split(", ")) == {"GET", "HEAD"}


@pytest.mark.parametrize("path", [*PATHS, "/none", "/static/hub.css"])
def test_every_answer_is_locked_down(hub: httpx.Client, path: str) -> None:
    headers = hub.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


OPENED = {
    "in the query": (f"/feeds/secret.atom?token={TOKEN}", 200),
    "in the path": (f"/feeds/{TOKEN}/secret.atom", 200),
    "none": ("/feeds/secret.atom", 404),
    "empty": ("/feeds/secret.atom?token=", 404),
    "wrong": ("/feeds/secret.atom?token=sesame", 404),
    "wrong in the path": ("/feeds/sesame/secret.atom", 404),
    "its digest": (f"/feeds/secret.atom?token={token_digest(TOKEN)}", 404),
    "not ASCII": ("/feeds/secret.atom?token=%FF%C3%96", 404),
    "another format without": ("/feeds/secret.json", 404),
    "right, where none is needed": (f"/feeds/all.atom?token={TOKEN}", 200),
    "in the path, where none is needed": (f"/feeds/{TOKEN}/all.atom", 404),
}


@pytest.mark.parametrize(("path", "status"), OPENED.values(), ids=OPENED)
def test_an_output_with_a_token_opens_to_it_alone(hub: httpx.Client, path: str, status: int) -> None:
    assert hub.get(path).status_code == status


def test_a_wrong_token_looks_like_a_wrong_name(hub: httpx.Client) -> None:
    wrong, none = hub.get("/feeds/secret.atom?token=x"), hub.get("/feeds/none.atom?token=x")
    assert (wrong.text, wrong.headers.keys()) == (none.text, none.headers.keys())


def test_an_output_with_a_token_is_private_and_never_listed(hub: httpx.Client) -> None:
    assert hub.get(f"/feeds/{TOKEN}/secret.atom").headers["cache-control"].startswith("private")
    for path in ("/", "/feeds/", "/feeds.opml", "/search?q=ferry", "/sources"):
        page = hub.get(path).text
        assert "Hush" not in page
        assert "secret" not in page
    assert hub.get(f"/story/{story_key(story(4).id)}").status_code == 404


def test_the_log_tells_requests_and_no_secret(hub: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "feedhub.serve"):
        hub.get(f"/feeds/secret.atom?token={TOKEN}")
        hub.get(f"/feeds/{TOKEN}/secret.atom")
        hub.get(f"/feeds/secret.atom?{TOKEN}")
        hub.get("/feeds/all.atom")
        # a line is written once its answer is out: the next request comes after it
        hub.get("/healthz")
    events = [record.__dict__ for record in caplog.records if record.getMessage() == "request"]
    assert TOKEN not in str(events)
    paths = {(event["path"], event["status"]) for event in events}
    assert {("/feeds/secret.atom?***", 200), ("/feeds/***/secret.atom", 200), ("/feeds/all.atom", 200)} <= paths


def test_a_path_cannot_forge_a_line_of_log() -> None:
    scope = {"path": "/x\nrequest status=200", "raw_path": b"/x\xc3\nrequest status=200", "query_string": b""}
    assert "\n" not in redacted_path(scope)
    assert " " not in redacted_path(scope)
