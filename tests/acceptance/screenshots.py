"""Takes the pictures of docs/images from the real chain: `python -m tests.acceptance.screenshots`.

Look at them afterwards: this checks nothing.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from tests.acceptance.running import demo
from tests.browser import chromium_page

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ASSET = "boiler-4"
SECONDS_OF_HISTORY = 65


def main() -> None:
    """Run the first day for a while, then look around in both languages."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, chromium_page(Path(name) / "profile") as page:
        root = Path(name)
        with demo(root, "--scenario", "first-day", "--for", "240") as running:
            wall = running.wall
            page.goto(running.screen)
            time.sleep(SECONDS_OF_HISTORY)
            for language in ("en", "zh"):
                _take(page, f"{wall}/?lang={language}#/overview", f"overview-{language}")
                _take(page, f"{wall}/?lang={language}#/asset/{ASSET}", f"asset-{language}")
                _take(page, f"{wall}/?lang={language}#/tickets", f"tickets-{language}")
                _take(page, f"{wall}/?lang={language}#/system", f"system-{language}")


def _take(page: Page, url: str, name: str) -> None:
    page.goto("about:blank")
    page.goto(url)
    page.locator("[data-testid=connection][data-state=live]").wait_for(timeout=30_000)
    page.wait_for_timeout(3_000)  # curves are drawn after they are fetched
    page.screenshot(path=IMAGES / f"{name}.png", full_page=True)


if __name__ == "__main__":
    main()
