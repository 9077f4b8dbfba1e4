"""Shell. One soak: the whole chain at many times life, walls, perhaps a browser; measured until its time is over."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from anlan import watch
from anlan.bench.watchers import Watcher, watching
from anlan.demo_staff import Staff, at_work
from anlan.judge import judge
from anlan.places import RunDir
from anlan.soak.growth import Finding, Kind, Series
from anlan.soak.growth import judge as judged
from anlan.soak.operators import operating
from anlan.soak.samples import Samples, look_at_files, look_at_processes, look_at_tables
from anlan.soak.story import story
from anlan.soak.tab import Tab, tab
from anlan.soak.walls import walls
from anlan.torture.story import as_toml
from anlan.whole import Whole, Wishes, running
from firmware_sim.scenario import Scenario
from runtime.clock import Clock
from vocab.instant import to_ms
from vocab.site import Site

Say = Callable[[str], None]
_MOST_SAMPLES = 400
_SHORTEST_S, _LONGEST_S = 0.5, 15.0  # real, between two samples
_SAY_EVERY_S = 60.0
MS_PER_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may choose about a soak."""

    folder: Path  # of the site
    seconds: float  # site time
    speed: float
    walls: int
    seed: int
    browser: bool


@dataclass(frozen=True, slots=True)
class Soaked:
    """What came of it."""

    days: float  # simulated
    real_s: float
    findings: list[Finding]
    walls: Mapping[str, float]
    readings: Mapping[str, int]
    parts: Mapping[str, Mapping[str, float]]
    hazards: int  # injected
    restarts: int
    page_errors: list[str]
    samples: list[Series]

    @property
    def broken(self) -> list[str]:
        """What must not be."""
        wrong = [f"{each.name}: {each.why}" for each in self.findings if each.grows]
        wrong += [f"{self.restarts} processes ended by themselves"] if self.restarts else []
        return wrong + [f"the page: {each}" for each in self.page_errors]


async def soak(site: Site, scenarios: Sequence[Scenario], settings: Settings, run: RunDir, say: Say) -> Soaked:
    """Run for `settings.seconds` of site time, sample, and judge."""
    plot = story(site, scenarios, settings.seconds, settings.seed)
    file = run.root / "scenario.toml"
    file.write_text(as_toml(plot), encoding="utf-8")
    clock = Clock.starting(to_ms(plot.start) if plot.start else None, settings.speed)
    wishes = Wishes(settings.folder, file, run, clock, port=0, seed=settings.seed)
    samples = Samples()
    async with running(site, wishes) as whole:
        async with _everybody(whole, plot, settings) as (crowd, browser):
            began, began_ms = time.monotonic(), clock.now_ms()
            say(f"{len(plot.inject)} hazards to come, {settings.walls} walls; files: {run.root}")
            await _measure(whole, settings, (crowd, browser, samples), say)
            days, real_s = (clock.now_ms() - began_ms) / MS_PER_DAY, time.monotonic() - began
            told = await asyncio.to_thread(_ask, crowd)
            errors = [] if browser is None else browser.errors
        say("ending: edges drain their spools, then the rest")
        await whole.stop_edges()
        await watch.until_caught_up(whole.system, whole.access.token)
        seen = await watch.what_users_see(whole.system, whole.access.token)
        restarts = sum(part.usage.restarts for part in whole.supervisor.parts.values())
    verdict = judge(site, run, seen, whole.supervisor, None)
    measured = list(samples.series())
    findings = [judged(series, days) for series in measured]
    return Soaked(
        days, real_s, findings, told, asdict(verdict.readings), verdict.parts, len(plot.inject), restarts, errors,
        measured,
    )  # fmt: skip


@asynccontextmanager
async def _everybody(whole: Whole, plot: Scenario, settings: Settings) -> AsyncIterator[tuple[Watcher, Tab | None]]:
    """The people of the site, the walls in their own process, the browser."""
    system, access = whole.system, whole.access
    async with AsyncExitStack() as stack:
        with ExitStack() as processes:
            how = (settings.walls, settings.seed)
            crowd = await asyncio.to_thread(
                processes.enter_context, watching(walls, system.alerts_port, access.viewer, how)
            )
            await stack.enter_async_context(
                at_work(Staff.of(whole.site, plot, whole.clock), system.wall_url, access.staff)
            )
            await stack.enter_async_context(operating(system.wall_url, access.accounts))
            browser = None
            if settings.browser:
                url = f"{system.wall_url}/#viewer={access.viewer}"
                browser = await stack.enter_async_context(
                    tab(url, whole.run.root / "profile", [each.id for each in whole.site.file.asset])
                )
            yield crowd, browser


async def _measure(whole: Whole, settings: Settings, parties: tuple[Watcher, Tab | None, Samples], say: Say) -> None:
    crowd, browser, samples = parties
    real_s = settings.seconds / settings.speed
    every_s = min(max(real_s / _MOST_SAMPLES, _SHORTEST_S), _LONGEST_S)
    began, began_ms, said = time.monotonic(), whole.clock.now_ms(), time.monotonic()
    headers = {"Authorization": f"Bearer {whole.access.token}"}
    async with httpx.AsyncClient(
        base_url=whole.system.wall_url, timeout=60, trust_env=False, headers=headers
    ) as client:
        while (left := began + real_s - time.monotonic()) > 0:
            await asyncio.sleep(min(every_s, left))
            day = (whole.clock.now_ms() - began_ms) / MS_PER_DAY
            await asyncio.to_thread(_look, samples, day, whole)
            await _look_at_the_server(samples, day, client, settings.walls + settings.browser)
            told = await asyncio.to_thread(_ask, crowd)
            samples.add(day, "walls: streams open", told["open"], Kind.COUNT, settings.walls)
            if browser is not None:
                await _look_at_the_browser(samples, day, browser)
            if time.monotonic() - said > _SAY_EVERY_S:
                said = time.monotonic()
                memory = ", ".join(
                    f"{name} {_newest(samples, f'{name}: memory, MB'):.0f}" for name in whole.supervisor.parts
                )
                say(f"day {day:.2f}: {memory} MB; {told['visits']} visits, {told['events']} events")


def _look(samples: Samples, day: float, whole: Whole) -> None:
    pids = {name: part.pid for name, part in whole.supervisor.parts.items()}
    look_at_processes(samples, day, pids)
    look_at_files(samples, day, whole.run, whole.site)
    look_at_tables(samples, day, whole.run.tickets)


async def _look_at_the_server(samples: Samples, day: float, client: httpx.AsyncClient, pages: int) -> None:
    with contextlib.suppress(httpx.HTTPError, ValueError):
        snapshot = (await client.get("/api/v1/snapshot")).raise_for_status().content
        samples.add(day, "alerts: snapshot, KB", len(snapshot) / 1024, Kind.HISTORY)  # as the work that is open
        metrics = (await client.get("/metrics")).raise_for_status().text.splitlines()
        found = dict(line.rsplit(" ", 1) for line in metrics if line.startswith("anlan_alerts_pages_open "))
        samples.add(
            day, "alerts: streams it serves", float(found["anlan_alerts_pages_open"]), Kind.COUNT, pages + _LATE
        )


_LATE = 30  # streams whose page has gone a moment ago


async def _look_at_the_browser(samples: Samples, day: float, browser: Tab) -> None:
    seen = await browser.look()
    samples.add(day, "browser: heap, MB", seen["heap"], Kind.MEMORY)
    samples.add(day, "browser: resident, MB", seen["resident"], Kind.MEMORY)
    samples.add(day, "browser: DOM nodes", seen["nodes"], Kind.COUNT)
    samples.add(day, "browser: listeners", seen["listeners"], Kind.COUNT)
    await browser.turn()


def _newest(samples: Samples, name: str) -> float:
    return samples.values.get(name, [0.0])[-1]


def _ask(crowd: Watcher) -> dict[str, Any]:
    return dict(crowd.ask("how is it"))
