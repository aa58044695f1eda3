"""Draw the pages of the demo as pictures for README and docs; needs the system's chromium and `.[browser]`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
WIDTH, HEIGHT = 1000, 860
#: the demo's broken pictures would be grey boxes: its outlets are invented
NO_PICTURES = "document.querySelectorAll('img.thumb').forEach(each => each.remove())"


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


def main() -> int:
    """Run the demo, and draw what it serves."""
    chromium = shutil.which("chromium")
    demo = subprocess.Popen([sys.executable, "-m", "feedhub", "demo", "--port", "0"], stderr=subprocess.PIPE, text=True)
    assert demo.stderr is not None
    try:
        url = next(found[1] for line in demo.stderr if (found := re.search(r"open (http\S+)", line)))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            draw(browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}), url)
            browser.close()
    finally:
        demo.terminate()
        demo.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
