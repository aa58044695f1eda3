"""A hub with something to decide, and its desk as a real process on loopback."""

from __future__ import annotations

import asyncio
import http.client
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from commands import Desk, item
from hubs import NOON, Newsroom

import feedhub.desk
from feedhub.desk import Sessions, create_desk_app
from feedhub.serve.server import listen, serve
from feedhub.store import Database

NOW = "2026-03-10T18:00:00Z"
FERRY = (
    "A ferry with 214 people aboard ran aground off Selm on Tuesday after its rudder jammed in a gale, the "
    "harbour office said. Two tugs held the vessel against the tide while lifeboats took the passengers ashore "
    "in groups of twelve. Nobody was hurt, but three lorries shifted on the car deck and broke a rail. The "
    "operator said an inspection in January had found nothing wrong with the steering gear, and that the "
    "crossing would stay shut until divers had looked at the hull."
)
#: two draws of one lottery: near, and two stories
DRAW = (
    "The numbers drawn in the Selm Lotto on {day} were {numbers}. The bonus number was {bonus} and the joker {joker}. "
    "{winner} matched all six. The next jackpot is estimated at {jackpot} million crowns. Tickets for the draw on "
    "{next} are on sale until {hour} that day. No responsibility is taken for the numbers given."
)
SATURDAY = DRAW.format(
    day="Saturday, March 7,",
    numbers="4, 11, 19, 27, 33 and 41",
    bonus="8",
    joker="5520317",
    winner="One ticket, sold in Pell Harbour,",
    jackpot="2",
    next="Monday",
    hour="19:00",
)
MONDAY = DRAW.format(
    day="Monday, March 9,",
    numbers="2, 11, 16, 27, 38 and 44",
    bonus="30",
    joker="1946602",
    winner="No ticket",
    jackpot="2.9",
    next="Saturday",
    hour="7 pm",
)
#: what must never be run, wherever a source writes it
HANDLER, SCRIPT = '" onmouseover="alert(1)"', "<script>alert(1)</script>"


def furnish(folder: Path) -> Desk:
    """A hub over two papers with one story in common (copies 1 and 3) and two draws of a lottery (2 and 4)."""
    made = Desk(folder)
    escaped = SCRIPT.replace("<", "&lt;")
    herald = made.file(
        "herald",
        item("1", "Ferry runs aground off Selm", FERRY),
        item("2", f"Lotto: the winning numbers {HANDLER}", SATURDAY),
    )
    courier = made.file(
        "courier",
        item("8", f"Passengers taken off stranded ferry {HANDLER}", "", content_html=f"<p>{escaped} {FERRY}</p>"),
        item("9", "Lotto results", MONDAY),
    )
    made.configure(herald + courier)
    done = made.run("once", "--now", NOW)
    assert done.code == 0, done.err
    return made


@dataclass
class Browser:
    """As much of a browser as a desk needs: a cookie, an Origin, and the token of the last page."""

    address: str
    cookie: str = ""
    token: str = ""
    #: what every request says beside what it must
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The desk's own."""
        return "http://" + urlsplit(self.address).netloc

    def ask(
        self, method: str, path: str, body: Mapping[str, str] | bytes | None = None, **headers: str | None
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """Send a request; `headers` are by their names with underscores, and None leaves one out."""
        place = urlsplit(self.address)
        sent: dict[str, str | None] = {"cookie": self.cookie or None, **self.headers}
        if method == "POST":
            sent |= {"origin": self.origin, "content-type": "application/x-www-form-urlencoded"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        encoded = urlencode(body).encode() if isinstance(body, Mapping) else body
        try:
            connection.request(method, path, encoded, {k: v for k, v in sent.items() if v is not None})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace"), answer.headers
        finally:
            connection.close()

    def sign_in(self) -> int:
        """Exchange the key of the address."""
        place = urlsplit(self.address)
        status, _, headers = self.ask("GET", f"{place.path}?{place.query}")
        self.cookie = (headers["set-cookie"] or "").partition(";")[0]
        return status

    def read(self, path: str) -> str:
        """A page; its token is kept for the next form."""
        status, page, _ = self.ask("GET", path)
        assert status == 200, (status, page)
        token = re.search(r'name="token" value="([^"]+)"', page)
        self.token = token[1] if token else self.token
        return page

    def post(self, path: str, **fields: str) -> str:
        """Send a form with its token; the page to which it leads."""
        status, page, headers = self.ask("POST", path, {"token": self.token, **fields})
        assert status == 303, (status, page)
        return self.read(headers["location"])


@contextmanager
def desk_open(hub: Desk, *options: str) -> Iterator[Browser]:
    """A browser that is signed in at a real `feedhub desk` over a hub."""
    with hub.start("desk", "--port", "0", "--no-browser", "--now", NOW, "--as", "anna", *options) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        assert address, hub.log
        browser = Browser(address)
        assert browser.sign_in() == 303
        yield browser


@contextmanager
def desk_over(room: Newsroom, *, hours: float = 1, operator: str = "anna") -> Iterator[Browser]:
    """A browser that is signed in at a desk over a newsroom's store, whose clock stands so long after noon."""
    store = Database.open(room.config.database)
    desk = feedhub.desk.Desk(
        store=store,
        config=room.config,
        clock=lambda: NOON + timedelta(hours=hours),
        sessions=Sessions(),
        operator=operator,
    )
    listener = listen("127.0.0.1", 0)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    app = create_desk_app(desk, listener.port)
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(app, listener, stop)), daemon=True)
    thread.start()
    try:
        browser = Browser(f"{listener.url}/sign-in?key={desk.sessions.new_key()}")
        assert browser.sign_in() == 303
        yield browser
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
        store.close()
