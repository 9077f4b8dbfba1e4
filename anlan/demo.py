"""Shell. The whole chain in one command: simulators, edges, broker, ingest, alerts, wall; then the verdict."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anlan import watch
from anlan.demo_staff import Staff, at_work
from anlan.places import RunDir
from anlan.verdict import Verdict
from anlan.whole import PORT_OF_THE_WALL, Wishes, running
from firmware_sim.scenario import Scenario
from runtime.clock import Clock
from vocab.instant import to_ms
from vocab.site import Site

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose about a demo."""

    site: Path
    scenario_file: Path
    run: RunDir
    seconds: float | None = None  # real; None: until interrupted
    speed: float | None = None  # None: the scenario's
    broker: str | None = None  # None: the embedded one
    port: int = PORT_OF_THE_WALL
    seed: int = 1


async def demo(site: Site, scenario: Scenario, options: Options, say: Say) -> Verdict:
    """Run everything for `options.seconds` or until cancelled, end it cleanly, and judge it."""
    clock = Clock.starting(to_ms(scenario.start) if scenario.start else None, options.speed or scenario.speed)
    wishes = Wishes(
        options.site, options.scenario_file, options.run, clock, options.broker, options.port, options.seed
    )  # fmt: skip
    async with running(site, wishes) as whole:
        say(f"wall       {whole.system.wall_url}/#viewer={whole.access.viewer}")
        for account, password in whole.access.accounts.items():
            say(f"sign in    {account}  {password}")
        say(f"simulator  {whole.simulator}   (inject a fault by hand: docs/tutorial)")
        say(f"files      {options.run.root}   (logs/ holds what each process says)")
        interrupted_ms = None
        try:
            async with at_work(Staff.of(site, scenario, clock), whole.system.wall_url, whole.access.staff):
                await _wait(options.seconds, say)
        except asyncio.CancelledError:
            interrupted_ms = clock.now_ms()
        say("ending: edges drain their spools, then the rest")
        await whole.stop_edges()
        await watch.until_caught_up(whole.system, whole.access.token)
        seen = await watch.what_users_see(whole.system, whole.access.token)
    from anlan.judge import judge  # it opens the store: what that takes is not waited for at the start

    return judge(site, options.run, seen, whole.supervisor, interrupted_ms)


async def _wait(seconds: float | None, say: Say) -> None:
    if seconds is None:
        say("running until you press Ctrl-C")
        await asyncio.Event().wait()
        return
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        await asyncio.sleep(min(left, 30))
        if (left := end - time.monotonic()) > 1:
            say(f"{left:.0f} s to go")
