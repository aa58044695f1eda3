"""Draw the pages of the demo as pictures for README and docs; needs the system's chromium and `.[browser]`."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from feedhub.config import Config
from feedhub.demo import EVENING, MORNING, DemoOrigin, load
from feedhub.demo.play import config, play
from feedhub.desk import Desk, Sessions, create_desk_app
from feedhub.hub import Hub
from feedhub.serve.server import listen, serve
from feedhub.store import Database

HERE = Path(__file__).parent
WIDTH, HEIGHT = 1000, 860
#: the demo's broken pictures would be grey boxes: its outlets are invented
NO_PICTURES = "document.querySelectorAll('img.thumb').forEach(each => each.remove())"
#: pages of the desk that are drawn, and the keys pressed on each
DESK_PAGES = {"today": "j", "near-misses": "j", "queue": "j", "sources": "j", "charts": "k", "label": "k"}


def draw(page: Page, url: str) -> None:
    """Write front-page.png and story-page.png."""
    page.goto(url)
    page.evaluate(NO_PICTURES)
    page.screenshot(path=HERE / "front-page.png")
    widest = "[...document.querySelectorAll('.river li')].filter(e => /\\b[4-9] outlets/.test(e.textContent))[0]"
    page.goto(page.evaluate(f"{widest}.querySelector('a.item').href"))
    page.locator("#copies").scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, document.getElementById('copies').offsetTop - 260)")
    page.screenshot(path=HERE / "story-page.png")


def draw_desk(page: Page, address: str) -> None:
    """Sign in and write desk-PAGE.png of each page."""
    page.goto(address)
    for name, key in DESK_PAGES.items():
        page.goto(address.partition("/sign-in")[0] + f"/{name}")
        page.keyboard.press(key)
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=HERE / f"desk-{name}.png")


async def _play(folder: Path) -> Config:
    world = load()
    with DemoOrigin(world) as origin:
        made = config(world, origin, folder)
        async with Hub.open(made, MORNING) as hub:
            await play(hub, world, origin, lambda title, steps: nullcontext(lambda report: None))
    return made


@contextmanager
def desk_address() -> Iterator[str]:
    """Serve a desk over the demo's world; its address, to sign in by."""
    with tempfile.TemporaryDirectory() as folder:
        made = asyncio.run(_play(Path(folder)))
        store = Database.open(made.database)
        desk = Desk(store=store, config=made, clock=lambda: EVENING, sessions=Sessions(), operator="Anna")
        listener = listen("127.0.0.1", 0)
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        app = create_desk_app(desk, listener.port)
        thread = threading.Thread(target=lambda: loop.run_until_complete(serve(app, listener, stop)))
        thread.start()
        try:
            yield f"{listener.url}/sign-in?key={desk.sessions.new_key()}"
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            store.close()


def main() -> int:
    """Run the demo, and draw what it serves and what its desk shows."""
    chromium = shutil.which("chromium")
    demo = subprocess.Popen([sys.executable, "-m", "feedhub", "demo", "--port", "0"], stderr=subprocess.PIPE, text=True)
    assert demo.stderr is not None
    try:
        url = next(found[1] for line in demo.stderr if (found := re.search(r"open (http\S+)", line)))
        with desk_address() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            draw(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}), url)
            draw_desk(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}), address)
            browser.close()
    finally:
        demo.terminate()
        demo.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
