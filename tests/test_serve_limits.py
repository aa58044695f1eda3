"""A real daemon that strangers touch: heads, targets, bodies, time and connections have their limits."""

from __future__ import annotations

import contextlib
import re
import resource
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import Desk, business, feed, item, until
from daemons import Subscriber
from origin import Origin, Reply

SETTINGS = (
    'polling: {{interval: 1s, floor: 1s, host_delay: 0s}}\nfetch: {{allow: ["{}"]}}\n'
    "feeds:\n  - {{name: all}}\n  - {{name: hush, token: a-long-secret-token-of-mine}}\nserver: {{port: 0}}"
)
TOKEN = "a-long-secret-token-of-mine"
#: of open files for the daemon: half of them may be connections
FILES = 128


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin() as made:
        made.serve(
            "/paper", Reply(200, {"Content-Type": "application/json"}, feed("paper", item("1", "Ferry aground")))
        )
        yield made


@pytest.fixture(scope="module")
def hub(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subscriber]:
    """A daemon that may open few files, over one good source."""
    desk = Desk(tmp_path_factory.mktemp("limits"))
    desk.configure(f'  - {{id: paper, url: "{origin.url("/paper")}", outlet: paper}}\n', SETTINGS.format(origin.place))
    with desk.start("run", preexec_fn=few_files(FILES)) as process:
        client = Subscriber(desk, process)
        until(lambda: client.titles(), "the story of the source")
        yield client


def few_files(count: int) -> Callable[[], None]:
    """What a process does before it becomes a daemon that may open so many files."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def memory(client: Subscriber) -> float:
    """Resident MB of the daemon and of its process that serves; what they share is counted once."""
    texts = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in client.pids]
    return sum(int(re.findall(r"Pss:\s*(\d+)", text)[0]) for text in texts) / 1024


def talk(client: Subscriber, *pieces: bytes) -> bytes:
    """Send as much as is taken, and return all that comes back until the hub closes the connection."""
    with socket.create_connection(("127.0.0.1", client.port), 15) as raw:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                raw.sendall(piece)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while data := raw.recv(65_536):
                answer += data
        return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def head(target: str = "/healthz", *lines: bytes, host: bytes = b"localhost", end: bytes = b"\r\n\r\n") -> bytes:
    first = [b"GET %s HTTP/1.1" % target.encode(), b"Host: " + host, b"Connection: close", *lines]
    return b"\r\n".join(first) + end


MANY = [b"X-%d: %s" % (n, b"a" * 900) for n in range(60)]
HEADS = {
    "as browsers send it": (head(), 200),
    "54 kB in 60 lines": (head("/healthz", *MANY), 200),
    "72 kB in 80 lines": (head("/healthz", *MANY, *MANY[:20]), 431),
    "one line of 50 kB": (head("/healthz", b"Cookie: " + b"a" * 50_000), 200),
    "one line of 70 kB": (head("/healthz", b"Cookie: " + b"a" * 70_000), 431),
    "a name of 70 kB": (head("/healthz", b"a" * 70_000 + b": b"), 431),
    "300 lines": (head("/healthz", *[b"a: b"] * 300), 431),
    "a target of 8 kB": (head("/healthz?" + "a" * 8_000), 200),
    "a target of 9 kB": (head("/healthz?" + "a" * 9_000), 414),
    "a target of 1 MB": (head("/" + "a" * 1_000_000), 414),
    "no end, 5 MB": (head("/healthz", end=b"\r\nX: " + b"a" * 5_000_000), 431),
    "no end, lines for ever": (head("/healthz", *[b"X: " + b"a" * 1_000] * 5_000, end=b"\r\n"), 431),
    "crooked": (b"GET / HTTP/9.9\r\n\r\n", 400),
}


@pytest.mark.parametrize(("request_", "wanted"), HEADS.values(), ids=HEADS)
def test_a_head_has_a_limit(hub: Subscriber, request_: bytes, wanted: int) -> None:
    assert status(talk(hub, request_)) == wanted
    assert hub.ask("/healthz").status == 200


ABSOLUTE = {
    "of ours": (head("http://localhost/healthz", host=b"localhost"), 200),
    "of ours, whatever Host says": (head("http://localhost:99/healthz", host=b"evil.test"), 200),
    "of another": (head("http://evil.test/healthz"), 421),
    "of another with our name before it": (head("http://localhost@evil.test/healthz"), 400),
    "another scheme": (head("ftp://localhost/healthz"), 400),
    "a name and nothing else": (head("http://localhost"), 200),
    "a name and a query": (head("http://localhost?a=b"), 200),
    "a name and a page that is none": (head("http://localhost?page=999"), 404),
}


@pytest.mark.parametrize(("request_", "wanted"), ABSOLUTE.values(), ids=ABSOLUTE)
def test_a_target_in_absolute_form_is_answered_by_its_own_authority(
    hub: Subscriber, request_: bytes, wanted: int
) -> None:
    assert status(talk(hub, request_)) == wanted


#: each beyond what C's numbers hold, or beyond the years that a date can have; each once was a 500
INSTANTS = {
    "a year of twenty digits": ("/feeds/all.atom", b"Mon, 01 Jan 99999999999999999999 00:00:00 GMT"),
    "an hour of twenty digits": ("/feeds/all.json", b"Mon, 01 Jan 2020 99999999999999999999:00:00 GMT"),
    "a zone of seventeen digits": ("/feeds/all.rss", b"Mon, 01 Jan 2020 00:00:00 +99999999999999999"),
    "the year 0": ("/feeds/all.atom", b"Mon, 01 Jan 0000 00:00:00 GMT"),
    "no date": ("/feeds/all.atom", b"0"),
    "a search since before the year 1": ("/search?q=since:0001-01-01T00:00%2B05:00", b""),
    "a search since after the year 9999": ("/search.atom?q=a+since:9999-12-31T23:00-05:00", b""),
    "a search for weeks": ("/search?q=ferry+since:9999w", b""),
}


@pytest.mark.parametrize(("target", "date"), INSTANTS.values(), ids=INSTANTS)
def test_an_instant_beyond_all_numbers_is_none(hub: Subscriber, target: str, date: bytes) -> None:
    conditions = [b"If-Modified-Since: " + date] if date else []
    assert status(talk(hub, head(target, *conditions))) == 200


HOSTS = {
    b"127.0.0.1": 200,
    b"127.0.0.1:8080": 200,
    b"LOCALHOST": 200,
    b"[::1]": 200,
    b"127.0.0.1#": 421,
    b"127.0.0.1?": 421,
    b"127.0.0.1/": 421,
    b"127.0.0.1\\": 421,
    b"127.0.0.1:0": 421,
    b"127.0.0.1:99999": 421,
    b"127.0.0.1,evil.test": 421,
    b"a@127.0.0.1": 421,
    b"127.1": 421,
    b"2130706433": 421,
    b"a" * 60_000: 421,
}


def test_what_trails_a_body_is_no_header(hub: Subscriber) -> None:
    begin = (
        b"POST /websub/nobodys HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert status(talk(hub, begin + b"5\r\nhello\r\n0\r\nHost: evil.test\r\n\r\n")) == 410


@pytest.mark.parametrize(("host", "wanted"), HOSTS.items(), ids=lambda value: str(value)[:24])
def test_only_a_host_as_we_write_it_is_ours(hub: Subscriber, host: bytes, wanted: int) -> None:
    assert status(talk(hub, head(host=host))) == wanted


def test_values_of_any_length_fill_no_memory(hub: Subscriber) -> None:
    def flood() -> None:
        for number in range(200):
            accept = b"Accept-Encoding: gzip;q=0.%d, " % number + b"x" * 50_000
            assert status(talk(hub, head("/feeds/all.atom", accept))) == 200

    flood()
    before = memory(hub)
    flood()
    assert memory(hub) - before < 10


def test_what_is_posted_to_nobodys_callback_is_not_kept(hub: Subscriber) -> None:
    before = memory(hub)
    post = b"POST /websub/nobody HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n\r\n"
    open_: list[socket.socket] = []
    for _ in range(30):
        raw = socket.create_connection(("127.0.0.1", hub.port), 15)
        open_.append(raw)
        with contextlib.suppress(ConnectionError):
            raw.sendall(post + b"x" * 5_000_000)
    assert memory(hub) - before < 40
    for raw in open_:
        raw.close()
    assert status(talk(hub, post, b"x" * 100)) == 410
    assert status(talk(hub, post.replace(b"9999999", b"99999999"), b"x" * 100)) == 413


def test_connections_that_ask_for_nothing_make_room_and_polling_goes_on(hub: Subscriber, origin: Origin) -> None:
    waiting: list[socket.socket] = []
    polled = len(origin.seen("/paper"))
    for number in range(3 * FILES):
        raw = socket.create_connection(("127.0.0.1", hub.port), 15)
        raw.sendall(b"GET / HTTP/1.1\r\n" if number % 2 else b"")
        waiting.append(raw)
        if number % 40 == 0:
            assert hub.ask("/healthz").status == 200
    until(lambda: len(origin.seen("/paper")) >= polled + 3, "polls beside them")
    assert hub.ask("/feeds/all.json").status == 200
    assert len(list(Path(f"/proc/{hub.process.pid}/fd").iterdir())) < FILES
    assert "source failed" not in hub.desk.log
    assert "oo many open files" not in hub.desk.log
    for raw in waiting:
        raw.close()


def test_a_head_that_does_not_end_is_given_ten_seconds(hub: Subscriber) -> None:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", hub.port), 30) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\n")
        slow.settimeout(1)
        answer = b""
        for number in range(20):
            with contextlib.suppress(OSError):
                slow.sendall(b"X-%d: 1\r\n" % number)
            with contextlib.suppress(TimeoutError, ConnectionError):
                if answer := slow.recv(1_000):
                    break
    assert status(answer) == 408
    assert 9 < time.monotonic() - began < 15 * business()


def test_an_answer_under_way_is_not_mixed_with_a_refusal(hub: Subscriber) -> None:
    answer = talk(hub, head("/healthz").replace(b"Connection: close\r\n", b"") + b"crooked\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") <= 2
    assert answer.count(b"HTTP/1.1 200") <= 1


LOGGED = (
    f"/feeds/{TOKEN}",
    f"/feeds/{TOKEN}/",
    f"/feeds/{TOKEN}/hush.atom",
    f"/feeds/{TOKEN}/hush",
    f"//feeds/{TOKEN}",
    f"/x/feeds/{TOKEN}/hush.atom",
    f"/feeds%2F{TOKEN}/hush.atom",
    f"/feeds/hush.atom?token={TOKEN}",
    f"/feeds/hush.atom/{TOKEN}",
    f"/websub/{TOKEN}",
)


def test_requests_whose_client_is_gone_are_answered_no_more(hub: Subscriber) -> None:
    lot = 64
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", hub.port), 15) as raw:
            # gone without a word (RST), with all but the first request still waiting
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raw.sendall(b"GET /?gone HTTP/1.1\r\nHost: localhost\r\n\r\n" * lot)
            assert raw.recv(16).startswith(b"HTTP/1.1 200")
    assert hub.ask("/healthz").status == 200
    assert hub.desk.log.count("path=/?gone") < 4 * lot
    assert "Traceback" not in hub.desk.log


def test_of_many_requests_in_one_packet_those_that_fit_are_answered_and_the_connection_closed(hub: Subscriber) -> None:
    for sent, answered in ((65, 65), (66, 65), (1_500, 65)):
        lot = b"GET /feeds/all.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * (sent - 1)
        last = b"GET /feeds/all.json HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answers = talk(hub, lot + last)
        assert (answers.count(b"HTTP/1.1 "), answers.count(b"HTTP/1.1 200 OK")) == (answered, answered), sent
        assert answers.count(b"connection: close") == 1


def test_no_token_reaches_the_log(hub: Subscriber) -> None:
    for path in LOGGED:
        hub.ask(path)
    assert hub.ask(f"/feeds/{TOKEN}/hush.atom").status == 200
    until(lambda: hub.desk.log.count("/feeds/***") >= 7, "the requests in the log")
    assert TOKEN not in hub.desk.log
    assert "path=/feeds/***/hush.atom" in hub.desk.log
    hub.ask("/" + "a" * 5_000)
    assert max(map(len, hub.desk.log.splitlines())) < 1_000


def test_a_reader_who_names_very_many_versions_is_answered_like_any_other(hub: Subscriber) -> None:
    tags = ", ".join(f'"{number:032x}"' for number in range(1_700))
    hub.ask("/feeds/all.atom", A_IM="feed", If_None_Match=tags)
    before = cpu(hub)
    for _ in range(20):
        assert hub.ask("/feeds/all.atom", A_IM="feed", If_None_Match=tags).status == 200
    # a query for each tag would take 30 s
    assert cpu(hub) - before < 2


def cpu(client: Subscriber) -> float:
    """CPU seconds of the daemon."""
    fields = Path(f"/proc/{client.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
