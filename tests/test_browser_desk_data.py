"""The desk's sources, charts, labels and tuning in a real browser, by keyboard alone, to the rows that it makes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_browser_desk import DeskWorld, opened, press, world  # noqa: F401
from test_browser_pages import AXE, CONTRAST, STUMBLES, VIOLATIONS, browser  # noqa: F401

from feedhub.store import Database, pair_labels, source_pauses, verdicts

pytestmark = pytest.mark.browser

PAGES: dict[str, Callable[[DeskWorld], str]] = {
    "sources": lambda made: "/sources",
    "source": lambda made: f"/sources/{made.config.sources[0].id}?trust=low",
    "charts": lambda made: "/charts",
    "charts of days": lambda made: "/charts?by=day",
    "label": lambda made: "/label",
    "tune": lambda made: "/tune",
}


def labels(store: Database) -> list[tuple[str, str]]:
    with store.read() as connection:
        return [(each.labelled_by, each.judgement) for each in pair_labels.all_labels(connection)]


def test_the_keyboard_alone_labels_pauses_polls_and_forgets(browser: Any, world: DeskWorld) -> None:  # noqa: F811
    store = world.desk.store
    with store.write() as connection:
        verdicts.save_furniture(connection, {each.id: bytes(8) for each in world.config.sources})
    with opened(browser, world) as page:
        page.goto(f"{world.url}/label")
        press(page, "l")
        assert "skip=1" in page.url
        for key in "snu":
            press(page, key)
        assert sorted(labels(store)) == [("Anna K.", "other"), ("Anna K.", "same"), ("Anna K.", "unclear")]
        press(page, "j", "x")
        assert len(labels(store)) == 2

        page.goto(f"{world.url}/sources")
        page.keyboard.press("j")
        page.keyboard.press("w")
        page.keyboard.type("floods us")
        page.keyboard.press("Escape")
        press(page, "p")
        with store.read() as connection:
            (pause,) = source_pauses.in_force(connection).values()
        assert (pause.paused_by, pause.reason) == ("Anna K.", "floods us")
        # what is paused stands first, where the focus is
        press(page, "o")
        press(page, "r")
        with store.read() as connection:
            assert source_pauses.in_force(connection) == {}
        press(page, "n")
        assert "is due" in page.locator(".done").inner_text()
        press(page, "f")
        assert "is forgotten" in page.locator(".done").inner_text()
        press(page, "t")
        assert page.locator(".preview").count() == 1


def test_labels_and_previews_need_no_scripts(browser: Any, world: DeskWorld) -> None:  # noqa: F811
    with opened(browser, world, java_script_enabled=False) as page:
        before = len(labels(world.desk.store))
        page.get_by_role("link", name="Label").click()
        page.get_by_role("button", name="Not the same").click()
        assert len(labels(world.desk.store)) == before + 1
        page.get_by_role("link", name="Charts").click()
        page.get_by_role("link", name="Last 30 days").click()
        page.get_by_text("As a table").first.click()
        assert page.locator("table").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_every_page_of_data_shows_without_errors_on_any_screen(
    browser: Any,  # noqa: F811
    world: DeskWorld,  # noqa: F811
    width: int,
    scheme: str,
) -> None:
    with opened(browser, world, viewport={"width": width, "height": 800}, color_scheme=scheme) as page:
        for name, path in PAGES.items():
            page.goto(world.url + path(world))
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
            for turned in ("ltr", "rtl"):
                page.evaluate("turned => document.documentElement.dir = turned", turned)
                if folder := os.environ.get("FEEDHUB_SCREENSHOTS"):
                    file = f"desk-{name.replace(' ', '-')}-{width}-{scheme}-{turned}.png"
                    page.screenshot(path=str(Path(folder) / file), full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, turned)
                assert page.evaluate(CONTRAST) == [], name
                assert page.evaluate(STUMBLES) == [], name
                page.evaluate(AXE)
                assert page.evaluate(VIOLATIONS) == [], name
            assert len(page.content()) < 100_000, name
