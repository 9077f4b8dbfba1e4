"""A real Chromium for the wall's tests, with a fresh profile, told to leave the network beyond loopback alone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Page as AsyncPage
from playwright.async_api import async_playwright
from playwright.sync_api import Page, sync_playwright

VARIABLE = "ANLAN_CHROMIUM"
PROGRAM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The program to start."""
    return os.environ.get(VARIABLE, PROGRAM)


@contextmanager
def chromium_page(profile: Path) -> Iterator[Page]:
    """One page; for tests whose server is another process."""
    with sync_playwright() as playwright:
        launch = playwright.chromium.launch_persistent_context
        context = launch(profile, executable_path=chromium(), args=ARGUMENTS, viewport={"width": 1920, "height": 1080})
        try:
            yield context.pages[0]
        finally:
            context.close()


@asynccontextmanager
async def async_chromium_page(profile: Path) -> AsyncIterator[AsyncPage]:
    """One page; for tests whose server lives in their own event loop."""
    async with async_playwright() as playwright:
        launch = playwright.chromium.launch_persistent_context
        context = await launch(
            profile, executable_path=chromium(), args=ARGUMENTS, viewport={"width": 1920, "height": 1080}
        )
        try:
            yield context.pages[0]
        finally:
            await context.close()
