"""Shell. One real browser that shows the wall: the memory of its processes, and its heap after a garbage collection.

Needs playwright (a development dependency) and a Chromium (`ANLAN_CHROMIUM`, else `/usr/bin/chromium`). Its profile is
new, and it is told to leave the network beyond loopback alone.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

MIB = 1024 * 1024
_PROGRAM = os.environ.get("ANLAN_CHROMIUM", "/usr/bin/chromium")
_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
_VIEWS = ("system", "tickets", "hidden", "duties")  # that a screen is switched to, beside pages of equipment


class NoBrowserError(Exception):
    """`--browser` needs playwright (`pip install --group dev`) and a Chromium (ANLAN_CHROMIUM)."""


class Tab:
    """One page with the wall."""

    def __init__(self, page: Any, cdp: Any, assets: Sequence[str]) -> None:
        self._page, self._cdp, self._assets, self._turn = page, cdp, assets, 0
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)[:300]) if len(self.errors) < 10 else None)

    async def turn(self) -> None:
        """Show the next page: the overview, where a screen stays, equipment with its curves, another view."""
        self._turn += 1
        step, place = self._turn % 3, self._turn // 3
        asset = f"asset/{self._assets[place % len(self._assets)]}"
        view = ("overview", asset, _VIEWS[place % len(_VIEWS)])[step]
        await self._page.evaluate(f"() => {{ location.hash = '#/{view}' }}")

    async def look(self) -> dict[str, float]:
        """MB of the heap and counts of the DOM after a garbage collection; MB resident of all its processes."""
        await self._cdp.send("HeapProfiler.collectGarbage")
        heap = await self._cdp.send("Runtime.getHeapUsage")
        dom = await self._cdp.send("Memory.getDOMCounters")
        return {
            "heap": heap["usedSize"] / MIB, "nodes": dom["nodes"], "listeners": dom["jsEventListeners"],
            "resident": sum(self._resident()),
        }  # fmt: skip

    def _resident(self) -> list[float]:
        found = []
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if "chrom" in process.name():
                    memory = process.memory_info()
                    found.append((memory.rss - memory.shared) / MIB)  # what they share would count many times
        return found


@asynccontextmanager
async def tab(url: str, profile: Path, assets: Sequence[str]) -> AsyncIterator[Tab]:
    """The wall in a browser, which shows the pages of these `assets` too. NoBrowserError."""
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError:
        raise NoBrowserError(NoBrowserError.__doc__) from None
    async with async_playwright() as playwright:
        launch = playwright.chromium.launch_persistent_context
        size: Any = {"width": 1920, "height": 1080}
        try:
            context = await launch(profile, executable_path=_PROGRAM, args=list(_ARGUMENTS), viewport=size)
        except Error as error:
            raise NoBrowserError(f"{NoBrowserError.__doc__}\n{error}") from None
        try:
            page = context.pages[0]
            await page.goto(url)
            yield Tab(page, await context.new_cdp_session(page), assets)
        finally:
            await context.close()
