"""Shell. One run: the whole chain, its equipment and its computers struck as the seed says, then what came of it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from anlan import watch
from anlan.judge import Struck, judge
from anlan.places import RunDir
from anlan.torture import findings
from anlan.torture.blows import BLOWS
from anlan.torture.findings import Done, Findings, Page
from anlan.torture.plan import Kind, Strike, plan
from anlan.torture.pulse import Pulse
from anlan.torture.story import as_toml, story
from anlan.torture.trouble import CannotStrikeError
from anlan.whole import Whole, Wishes, running
from firmware_sim.scenario import Scenario
from runtime.clock import Clock
from vocab.instant import iso, seconds_ms, to_ms
from vocab.site import Site
from wire.verdict import Refusal

Say = Callable[[str], None]
_CALLED_AT_ONCE = 2  # tickets of this priority or a more urgent one call people at any hour
_PATIENCE_REAL_S = 20.0  # that an attempt to send may be under way


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person may choose about a run."""

    folder: Path  # of the site
    seconds: float  # site time during which it is struck
    speed: float
    kinds: Sequence[Kind]
    seed: int

    def command(self) -> str:
        """The one line that repeats this run."""
        kinds = ",".join(self.kinds)
        words = f"--site {self.folder} --for {self.seconds:g}s --speed {self.speed:g} --faults {kinds}"
        return f"anlan torture {words} --seed {self.seed}"

    def told(self) -> dict[str, Any]:
        """What all runs have in common."""
        return {"site": str(self.folder), "seconds": self.seconds, "speed": self.speed, "kinds": list(self.kinds)}


async def torture(
    site: Site, scenarios: Sequence[Scenario], settings: Settings, run: RunDir, say: Say, tick: Callable[[], None]
) -> Findings:
    """Strike for `settings.seconds`, heal, let everything arrive, and judge. `tick` is called once a real second."""
    plot = story(site, scenarios, settings.seconds, settings.seed)
    file = run.root / "scenario.toml"
    # The hazards are done through the simulator's door: they begin when the chain is awake, not when it was started.
    file.write_text(as_toml(plot.model_copy(update={"inject": ()})), encoding="utf-8")
    real_s = settings.seconds / settings.speed
    strikes = plan(site, settings.kinds, real_s, settings.seed)
    clock = Clock.starting(to_ms(plot.start) if plot.start else None, settings.speed)
    done: list[Done] = []
    clocks = run.root / "clocks"
    clocks.mkdir()
    wishes = Wishes(settings.folder, file, run, clock, port=0, seed=settings.seed, clocks=clocks)
    async with running(site, wishes) as whole:
        pulse = Pulse(whole)
        ticking = asyncio.create_task(_every_second(tick), name="torture-tick")
        await pulse.until_settled(say)
        hurting = asyncio.create_task(_hurt(whole, plot), name="torture-hazards")
        try:
            await _suffer(whole, pulse, strikes, (settings.seed, real_s), done)
            await hurting
        finally:
            ticking.cancel()
            hurting.cancel()
            _write(run.root / "faults.json", [asdict(each) for each in done])
        say("healed; waiting until everything has arrived and every hazard had time to be found")
        await pulse.until_settled(say)
        if any(each.kind == Kind.BROKER and each.how == "wiped" for each in done):
            await pulse.until_said_again(say)
        await pulse.until_found(*_wanted(site, plot))
        await whole.stop_edges()
        await watch.until_caught_up(whole.system, whole.access.token)
        await pulse.until_paged(say)
        await pulse.close()
        seen = await watch.what_users_see(whole.system, whole.access.token)
        now_ms = clock.now_ms()
    struck = Struck(Refusal.FUTURE, findings.slow_ms(done, settings.speed))
    verdict = judge(site, run, seen, whole.supervisor, None, struck)
    patience_ms = seconds_ms(_PATIENCE_REAL_S * settings.speed)
    pages, uncalled = _pages(run, now_ms, patience_ms)
    found = Findings(
        seed=settings.seed,
        lost=verdict.readings.lost,
        doubled=verdict.readings.duplicated,
        missed=findings.missed(verdict.faults),
        double_tickets=findings.double_tickets(seen.tickets),
        lost_pages=findings.lost_pages(pages, uncalled, now_ms, patience_ms),
        faults=done,
        hazards=[row for row in verdict.faults if row.nature == "physical"],
        readings=asdict(verdict.readings),
        parts=verdict.parts,
        pages=len(pages),
    )
    _write(run.root / "findings.json", asdict(found) | {"holds": found.holds})
    return found


async def _hurt(whole: Whole, plot: Scenario) -> None:
    """The hazards, each when its time has come."""
    began_ms = whole.clock.now_ms()
    async with httpx.AsyncClient(base_url=whole.simulator, timeout=30, trust_env=False) as door:
        for each in plot.inject:
            await whole.clock.sleep_until(began_ms + seconds_ms(each.at_s))
            order = each.model_dump(exclude={"at_s", "for_s"}, exclude_none=True)
            (await door.post("/inject", json=order)).raise_for_status()


async def _suffer(
    whole: Whole, pulse: Pulse, strikes: Sequence[Strike], how: tuple[int, float], done: list[Done]
) -> None:
    """Every strike in its turn, until the time is over; each is ended before this returns."""
    seed, real_s = how
    began = time.monotonic()
    last = await pulse.feel()
    async with asyncio.TaskGroup() as group:
        for strike in strikes:
            await asyncio.sleep(max(0.0, began + strike.at_s - time.monotonic()))
            if strike.is_patient:
                last = await pulse.until_it_moves(last)
            if time.monotonic() - began > real_s:
                break
            group.create_task(_strike(whole, strike, seed, (began, done)), name=f"strike-{strike.how}")
        await asyncio.sleep(max(0.0, began + real_s - time.monotonic()))


def _wanted(site: Site, plot: Scenario) -> tuple[list[tuple[str, str]], float]:
    """The alarms that must come, and for how long in site seconds they are waited for in health."""
    faults = [(each.target, site.packs[site.asset(each.target).kind].faults[each.fault]) for each in plot.inject]
    return [(asset, fault.expects or "") for asset, fault in faults], max(
        (f.bound_s or 0.0 for _, f in faults), default=0.0
    )


async def _strike(whole: Whole, strike: Strike, seed: int, book: tuple[float, list[Done]]) -> None:
    began, done = book
    at, at_s = iso(whole.clock.now_ms()), time.monotonic() - began
    try:
        await BLOWS[strike.kind](whole, strike)
    except (CannotStrikeError, OSError) as error:
        result = str(error)
    else:
        result = "done"
    done.append(
        Done(seed, at, round(at_s, 1), strike.kind, strike.how, strike.target, strike.for_s, strike.params, result)
    )


async def _every_second(tick: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(1)
        tick()


def _pages(run: RunDir, now_ms: int, patience_ms: int) -> tuple[list[Page], list[str]]:
    """Every page with what the messenger wrote, and the urgent tickets for which nobody was called."""
    written: set[int] = set()
    messenger = run.root / "pages.jsonl"
    if messenger.exists():
        for line in messenger.read_text(encoding="utf-8").splitlines():
            written |= set(json.loads(line).get("pages", ()))
    with sqlite3.connect(run.tickets) as database:
        database.row_factory = sqlite3.Row
        rows = database.execute("SELECT pages.*, calls.ended_ms AS ended FROM pages JOIN calls ON calls.id = call")
        pages = [_page(dict(row), written) for row in rows]
        uncalled = database.execute(
            "SELECT number FROM tickets WHERE category = 'hazard' AND priority <= ? AND NOT late AND opened_ms < ? "
            "AND kind <> 'duty' AND id NOT IN (SELECT ticket FROM calls WHERE ticket IS NOT NULL)",
            [_CALLED_AT_ONCE, now_ms - patience_ms],
        )
        return pages, [str(row["number"]) for row in uncalled]


def _page(row: dict[str, Any], written: set[int]) -> Page:
    has_receipt = row["receipt"] is not None
    is_log = row["channel"] == "log"
    return Page(
        row["id"], row["ticket"], row["state"], row["due_ms"], row["next_ms"], has_receipt, row["ended"] is not None,
        row["id"] in written if is_log and has_receipt else None,
    )  # fmt: skip


def _write(path: Path, found: object) -> None:
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False, default=str), encoding="utf-8")
