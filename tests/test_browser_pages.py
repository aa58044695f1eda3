"""The pages in a real browser (Debian's chromium): `pytest -m browser`. Asked for and missing, it fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from newsstand import full_backend, rich_story, serving, story
from test_serve_pages import TOLD

from feedhub.serve import story_key

pytestmark = pytest.mark.browser

KEY = story_key(rich_story().id)
PAGES = {
    "index": "/",
    "story": f"/story/{KEY}",
    "list": "/feeds/all.html",
    "feeds": "/feeds/",
    "sources": "/sources",
    "search": "/search?q=ferry",
    "gone": "/story/killed",
    "missing": "/none",
    "right to left": f"/story/{story_key(story(9).id)}",
}
#: relative luminance of two colours, as WCAG 2 counts it
CONTRAST = """() => {
  const parts = c => c.match(/[\\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = parts(c).map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(c)) return c } return 'rgb(255, 255, 255)' };
  return [...document.querySelectorAll('p, a, h1, h2, li, time, del, ins')].filter(e => e.textContent.trim())
    .map(e => { const [a, b] = [light(getComputedStyle(e).color), light(ground(e))].sort((x, y) => y - x);
      return [(a + .05) / (b + .05), e.tagName + ': ' + e.textContent.trim().slice(0, 40)] })
    .filter(([ratio]) => ratio < 4.5) }"""


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    backend = full_backend()
    backend.histories[KEY] = TOLD
    arabic = story(9, title="جنحت عبّارة قبالة سلم", language="ar", html="<p>جنحت عبّارة يوم الثلاثاء.</p>")
    backend.stories[story_key(arabic.id)] = arabic
    with serving(backend) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "no chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-dev-shm-usage"]
        made = playwright.chromium.launch(executable_path=chromium, args=options)
        yield made
        made.close()


#: what a screen reader stumbles over
STUMBLES = """() => {
  const found = [], all = s => [...document.querySelectorAll(s)];
  if (all('h1').length !== 1) found.push('one h1');
  if (all('main').length !== 1) found.push('one main');
  all('h1, h2, h3').reduce((last, e) => { const at = +e.tagName[1];
    if (at > last + 1) found.push('a level left out: ' + e.textContent); return at }, 0);
  all('[id]').filter(e => all('#' + CSS.escape(e.id)).length > 1).forEach(e => found.push('id ' + e.id));
  all('[aria-labelledby]')
    .filter(e => e.getAttribute('aria-labelledby').split(' ').some(id => !document.getElementById(id)))
    .forEach(e => found.push('labelled by nothing: ' + e.outerHTML));
  all('a, summary').filter(e => !e.textContent.trim()).forEach(e => found.push('a link without words'));
  all('img:not([alt])').forEach(e => found.push('a picture without words'));
  all('nav:not([aria-label]):not([aria-labelledby])').forEach(e => found.push('a nav without a name'));
  all('a, summary').filter(e => e.className !== 'skip' && e.checkVisibility() && !e.closest('p'))
    .filter(e => e.getBoundingClientRect().height < 24)
    .forEach(e => found.push('too small to hit: ' + e.textContent));
  return found }"""


#: axe-core, the rules of WCAG 2.2 AA
AXE = (
    (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    if find_spec("axe_playwright_python")
    else ""
)
VIOLATIONS = """async () => (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }))
  .violations.map(each => each.id + ': ' + each.nodes.map(node => node.html).join(' '))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_without_errors_on_any_screen(browser: Any, hub: str, name: str, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(hub) else route.abort())
    page.goto(hub + PAGES[name])
    if folder := os.environ.get("FEEDHUB_SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name.replace(' ', '-')}-{width}-{scheme}.png"), full_page=True)
    # the status of a page that tells of an error is no error of the page
    assert [text for text in troubles if "status of 4" not in text and "ERR_FAILED" not in text] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scrolling"
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(STUMBLES) == []
    page.evaluate(AXE)
    assert page.evaluate(VIOLATIONS) == []
    assert page.title()
    assert page.evaluate("document.documentElement.lang") == "en"
    page.close()


@pytest.mark.parametrize("path", [PAGES["index"], PAGES["story"]])
def test_the_keyboard_reaches_every_link_and_shows_where_it_is(browser: Any, hub: str, path: str) -> None:
    page = browser.new_page()
    page.goto(hub + path)
    every = "[...document.querySelectorAll('a[href], summary, input')].filter(e => e.checkVisibility())"
    seen = set()
    for _ in range(page.evaluate(f"{every}.length")):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.outerHTML"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert len(seen) == page.evaluate(f"new Set({every}.map(e => e.outerHTML)).size")
    page.close()


def test_keys_go_through_the_stories_open_one_and_search(browser: Any, hub: str) -> None:
    page = browser.new_page()
    page.goto(hub)
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.querySelectorAll('a.item')[0]")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement === document.querySelectorAll('a.item')[0]")
    page.keyboard.press("?")
    assert page.locator("dialog[open]").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("ferry jo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=ferry+jo")
    page.goto(hub)
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/story/*")
    page.close()


def test_everything_is_there_without_scripts(browser: Any, hub: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(hub)
    assert page.locator("a.item").count() == 2
    page.fill("#q", "ferry")
    page.press("#q", "Enter")
    page.wait_for_url("**/search?q=ferry")
    context.close()


def test_the_skip_link_comes_first_and_leads_to_the_text(browser: Any, hub: str) -> None:
    page = browser.new_page()
    page.goto(hub + f"/story/{KEY}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.close()


def test_no_script_runs_however_it_got_in(browser: Any, hub: str) -> None:
    backend = full_backend()
    bad = story(
        66, html="<p>x</p><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    )
    backend.stories[story_key(bad.id)] = bad
    with serving(backend) as url:
        page = browser.new_page()
        page.goto(f"{url}/story/{story_key(bad.id)}")
        assert page.title() != "owned"
        page.close()


def test_what_a_version_changed_is_marked_for_eyes_and_for_machines(browser: Any, hub: str) -> None:
    page = browser.new_page()
    page.goto(hub + f"/story/{KEY}")
    assert page.locator("del").all_inner_texts() == ["43", "safe.", "More soon."]
    assert page.locator("ins").first.inner_text() == "off Selm"
    assert page.evaluate("getComputedStyle(document.querySelector('del')).textDecorationLine") == "line-through"
    page.close()


def test_an_older_version_opens_by_the_keyboard_without_a_script(browser: Any, hub: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(hub + f"/story/{KEY}")
    older = page.locator("details").nth(1)
    assert not older.locator(".then").is_visible()
    older.locator("summary").focus()
    page.keyboard.press("Enter")
    assert older.locator(".then").is_visible()
    context.close()


def test_a_story_from_right_to_left_is_set_so(browser: Any, hub: str) -> None:
    page = browser.new_page()
    page.goto(hub + PAGES["right to left"])
    assert page.evaluate("getComputedStyle(document.querySelector('article')).direction") == "rtl"
    assert page.evaluate("document.querySelector('article').lang") == "ar"
    page.close()


def test_a_picture_that_does_not_come_leaves_its_room_to_the_text(browser: Any, hub: str) -> None:
    page = browser.new_page()
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(hub) else route.abort())
    page.goto(hub)
    page.wait_for_function("document.querySelectorAll('img.thumb').length === 0")
    page.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_words_of_a_table_stay_whole(browser: Any, hub: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(hub + "/sources")
    # a cell of one line is as high as any other: no letter of it went to a next one
    heights = "[...document.querySelectorAll('.sources td, .sources thead th')].map(e => e.getClientRects()[0])"
    assert page.evaluate(f"{heights}.filter(r => r && r.height > 50).length") == 0
    page.close()


def test_paper_shows_no_navigation_and_where_the_links_lead(browser: Any, hub: str) -> None:
    page = browser.new_page()
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(hub + f"/story/{KEY}")
    for gone in ("nav", "form", "footer"):
        assert not any(each.is_visible() for each in page.locator(gone).all())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    behind = "getComputedStyle(document.querySelector('.copies a'), '::after').content"
    assert "https://wire.test/w" in page.evaluate(behind)
    page.close()
