"""The desk in a real browser over the demo's world: `pytest -m browser`. By keyboard alone, to the rows it makes."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from test_browser_pages import AXE, CONTRAST, STUMBLES, VIOLATIONS, browser  # noqa: F401

from feedhub.config import Config
from feedhub.demo import EVENING, MORNING, DemoOrigin, load
from feedhub.demo.play import config, play
from feedhub.desk import Desk, Sessions, create_desk_app
from feedhub.hub import Hub
from feedhub.serve.server import listen, serve
from feedhub.store import Database, conditions, decisions, review
from feedhub.store.decisions import Decision

pytestmark = pytest.mark.browser


class DeskWorld:
    """The demo after both rounds, and desks over copies of its database."""

    def __init__(self, folder: Path) -> None:
        # playwright has a loop of its own in this thread
        with ThreadPoolExecutor(1) as thread:
            self.config = thread.submit(lambda: asyncio.run(_played(folder))).result()
        self.desk = Desk(
            store=Database.open(self.config.database),
            config=self.config,
            clock=lambda: EVENING + timedelta(hours=1),
            sessions=Sessions(),
            operator="Anna K.",
        )
        self.url = ""
        self.pair = ""

    def address(self) -> str:
        """A fresh address to sign in by."""
        return f"{self.url}/sign-in?key={self.desk.sessions.new_key()}"

    def decisions(self) -> list[Decision]:
        """Those in force, the oldest first."""
        with self.desk.store.read() as connection:
            return [each for each in decisions.all_decisions(connection) if each.revoked_at is None]


async def _played(folder: Path) -> Config:
    world = load()
    with DemoOrigin(world) as origin:
        made = config(world, origin, folder)
        async with Hub.open(made, MORNING) as hub:
            await play(hub, world, origin, lambda title, steps: nullcontext(lambda report: None))
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskWorld]:
    made = DeskWorld(tmp_path_factory.mktemp("demo"))
    with made.desk.store.write() as connection:
        source = made.config.sources[0].id
        conditions.begin(connection, source, "site", "names evil.test as its site now", EVENING)
        conditions.begin(connection, source, "volume", "brings unusually much: 66 entries in two days", EVENING)
        nearest = review.near_misses(connection, limit=1)[0]
        made.pair = f"/pair/{nearest.left}/{nearest.right}"
    listener = listen("127.0.0.1", 0)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    app = create_desk_app(made.desk, listener.port)
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(app, listener, stop)), daemon=True)
    thread.start()
    made.url = listener.url
    yield made
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()
    made.desk.store.close()


@contextmanager
def opened(browser: Any, world: DeskWorld, **options: Any) -> Iterator[Any]:  # noqa: F811
    """A page of a browser that is signed in; no script error and no CSP report may have come by its end."""
    context = browser.new_context(**options)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(world.address())
    page.wait_for_url("**/today")
    yield page
    assert [text for text in errors if "status of 4" not in text] == []
    context.close()


PAGES: dict[str, Callable[[DeskWorld], str]] = {
    "today": lambda world: "/today",
    "near misses": lambda world: "/near-misses",
    "queue": lambda world: "/queue",
    "decisions": lambda world: "/decisions",
    "sources": lambda world: "/sources",
    "source": lambda world: f"/sources/{world.config.sources[0].id}",
    "charts": lambda world: "/charts",
    "label": lambda world: "/label",
    "tune": lambda world: "/tune",
    "pair": lambda world: world.pair,
    "missing": lambda world: "/none",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_page_shows_without_errors_on_any_screen(
    browser: Any,  # noqa: F811
    world: DeskWorld,
    width: int,
    scheme: str,
) -> None:
    with opened(browser, world, viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        for name, path in PAGES.items():
            page.goto(world.url + path(world))
            for turned in ("ltr", "rtl"):
                page.evaluate("turned => document.documentElement.dir = turned", turned)
                if folder := os.environ.get("FEEDHUB_SCREENSHOTS"):
                    file = f"desk-{name.replace(' ', '-')}-{width}-{scheme}-{turned}.png"
                    page.screenshot(path=str(Path(folder) / file))
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, turned)
                assert page.evaluate(CONTRAST) == [], name
                assert page.evaluate(STUMBLES) == [], name
                page.evaluate(AXE)
                assert page.evaluate(VIOLATIONS) == [], name
            assert len(page.content()) < 100_000, name


def press(page: Any, *keys: str) -> None:
    """Press keys; the last one sends a form, and the page that follows is waited for."""
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])


def test_the_keyboard_alone_leads_through_every_screen_to_the_rows(browser: Any, world: DeskWorld) -> None:  # noqa: F811
    with opened(browser, world) as page:
        first = page.locator(".item h2").first.inner_text()
        # why, then rightly one
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.classList.contains('item')")
        page.keyboard.press("w")
        page.keyboard.type("same wire")
        page.keyboard.press("Escape")
        press(page, "c")
        (confirmed,) = world.decisions()
        assert (confirmed.kind, confirmed.decided_by, confirmed.reason) == ("confirm", "Anna K.", "same wire")
        assert page.locator(".item.confirmed h2").first.inner_text() == first
        # the focus is where it was: the next one is split, and that undone
        press(page, "j", "s")
        assert [each.kind for each in world.decisions()] == ["confirm", "split"]
        press(page, "u")
        assert [each.kind for each in world.decisions()] == ["confirm"]
        page.keyboard.press("g")
        press(page, "j", "j", "n")
        assert [each.kind for each in world.decisions()] == ["confirm", "never"]

        page.goto(f"{world.url}/near-misses")
        press(page, "j", "d")
        press(page, "j", "m")
        assert [each.kind for each in world.decisions()] == ["confirm", "never", "dismiss", "merge"]

        page.goto(f"{world.url}/queue")
        waiting = page.locator("li.item").count()
        assert waiting >= 2
        press(page, "j", "d")
        assert page.locator("li.item").count() == waiting - 1
        assert [each.kind for each in world.decisions()][4:] == ["seen"]

        page.goto(f"{world.url}/decisions")
        press(page, "j", "x")
        press(page, "j", "x")
        assert [each.kind for each in world.decisions()] == ["confirm", "never", "dismiss"]


def test_keys_are_listed_and_can_be_turned_off(browser: Any, world: DeskWorld) -> None:  # noqa: F811
    with opened(browser, world) as page:
        page.keyboard.press("?")
        assert "Never one" in page.locator("dialog[open]").inner_text()
        page.keyboard.press("Enter")
        page.keyboard.press("j")
        assert not page.evaluate("document.activeElement.classList.contains('item')")
        page.keyboard.press("?")
        page.keyboard.press("Enter")
        page.keyboard.press("j")
        assert page.evaluate("document.activeElement.classList.contains('item')")


def test_o_opens_the_whole_texts_and_the_way_back_is_there(browser: Any, world: DeskWorld) -> None:  # noqa: F811
    with opened(browser, world) as page:
        page.goto(f"{world.url}/near-misses")
        press(page, "j", "o")
        assert page.url.startswith(f"{world.url}/pair/")
        assert page.locator("mark").count() > 0


def test_everything_is_decided_by_its_buttons_without_scripts(browser: Any, world: DeskWorld) -> None:  # noqa: F811
    with opened(browser, world, java_script_enabled=False) as page:
        before = len(world.decisions())
        page.get_by_role("button", name="Rightly one").first.click()
        assert len(world.decisions()) == before + 1
        page.get_by_role("button", name="Undo").click()
        assert len(world.decisions()) == before
        page.get_by_role("link", name="Decisions").click()
        assert page.locator("h1").inner_text() == "Decisions"


def test_another_site_can_neither_frame_the_desk_nor_send_it_a_form(
    browser: Any,  # noqa: F811
    world: DeskWorld,
    tmp_path: Path,
) -> None:
    with opened(browser, world) as page:
        before = len(world.decisions())
        token = page.locator("input[name=token]").first.get_attribute("value")
        evil = tmp_path / "evil.html"
        fields = "".join(
            f'<input name="{name}" value="{value}">'
            for name, value in {"token": token, "do": "confirm", "left": "1", "right": "2"}.items()
        )
        evil.write_text(f'<form method="post" action="{world.url}/pair">{fields}<button>x</button></form>')
        other = page.context.new_page()
        other.goto(evil.as_uri())
        other.click("button")
        assert other.locator("h1").inner_text() in {"Refused", "Not signed in"}
        other.set_content(f'<iframe src="{world.url}/today"></iframe>')
        assert len(world.decisions()) == before
        other.close()
