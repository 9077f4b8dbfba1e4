"""History that the virtual chain stored, replayed: the same events as the live log, and what other rules would do."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path

import pytest

from alerts.engine import Engine
from alerts.ledger import Options
from alerts.recorded import recorded
from anlan.backtest import Asked, Backtest, Sides, backtest
from anlan.score import GROUP_MS, USUAL_START
from anlan.virtual import Sent, VirtualSite
from firmware_sim import scenario as scenarios
from ingest.duckdb_history import DuckDbHistory
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from rules.episodes import Event
from rules.rota import Duty, shifts
from runtime.files import load_site, shipped
from vocab import draft
from vocab.instant import to_ms
from vocab.site import Site
from wire.gate import Gate
from wire.message import Message
from wire.verdict import Accepted

DEMO = shipped("sites") / "demo"
SHIFTS = shifts((time(0), time(8), time(16)))
NIGHT = Duty(time(22), time(6))
PATIENT = Options(patience_ms=5_000, settle_ms=15_000, silence_floor_ms=20_000)


@dataclass(frozen=True, slots=True)
class Lived:
    """What a run left behind."""

    store: str
    database: str
    options: Options


@cache
def site() -> Site:
    return load_site(DEMO)


@cache
def sent(name: str, minutes: int) -> list[tuple[int, list[Message]]]:
    """What the cabinets send in a scenario, with the moment; the same for every test that asks."""
    path = DEMO / "scenarios" / f"{name}.toml"
    plot, problems = scenarios.load(str(path), path.read_text(encoding="utf-8"), site())
    assert plot is not None, problems
    plot = plot.model_copy(update={"duration_s": min(plot.duration_s, minutes * 60)})
    virtual = VirtualSite(site(), plot, 1, to_ms(plot.start or USUAL_START))
    return [(virtual.now_ms, [letter.message for letter in letters]) for letters in _runs(virtual)]


def _runs(virtual: VirtualSite) -> Iterable[list[Sent]]:
    yield from virtual.run()


def disturbed(steps: Sequence[tuple[int, list[Message]]], seed: int) -> list[tuple[int, list[Message]]]:
    """Three frames in ten come late, twice or in another order, on the lane they were sent on."""
    chance = random.Random(seed)
    arrivals: list[tuple[float, int, Message]] = []
    for now_ms, messages in steps:
        for message in messages:
            kind = chance.random()
            if kind < 0.10:
                arrivals.append((now_ms + chance.uniform(1_000, 90_000), now_ms, message))
            else:
                arrivals.append((now_ms, now_ms, message))
            if 0.10 <= kind < 0.20:
                arrivals.append((now_ms + chance.uniform(0, 60_000), now_ms, message))
            elif 0.20 <= kind < 0.30:
                arrivals[-1] = (now_ms + chance.uniform(0, 4_000), now_ms, message)
    last_ms = steps[-1][0]
    arrivals.sort(key=lambda arrival: arrival[0])
    return [(min(round(at), last_ms), [message]) for at, _, message in arrivals]


def live(folder: Path, steps: Sequence[tuple[int, list[Message]]], options: Options, *, people: bool = False) -> Lived:
    """Both consumers, as in life: a DuckDB file and a SQLite file."""
    lived = Lived(str(folder / "readings.duckdb"), str(folder / "tickets.sqlite"), options)
    store = DuckDbStore(lived.store)
    engine = Engine(site(), f"sqlite:///{lived.database}", options)
    intake, gate = Intake([site()]), Gate([site()])
    waiting: list[Message] = []
    grouped_ms = steps[0][0]

    def take(now_ms: int) -> None:
        store.commit(intake.batch(intake.judge(waiting, now_ms)), now_ms)
        frames = [each for each in gate.judge_all(waiting, now_ms) if isinstance(each, Accepted)]
        engine.apply(frames, now_ms)
        engine.tick(now_ms)
        if people:
            _acknowledge_one(engine, now_ms)

    try:
        for now_ms, messages in steps:
            waiting += messages
            if now_ms - grouped_ms >= GROUP_MS:
                take(now_ms)
                waiting.clear()
                grouped_ms = now_ms
        take(steps[-1][0])
    finally:
        engine.close()
        store.close()
    return lived


def _acknowledge_one(engine: Engine, now_ms: int) -> None:
    """Somebody in the duty room takes a minute for each."""
    for alarm in engine.alarms():
        if alarm.acked_ms is None and alarm.raised_ms is not None and now_ms - alarm.raised_ms > 60_000:
            engine.acknowledge_alarm(alarm.id, "duty room", "", now_ms)
            return


def replayed(lived: Lived, rules: Site | None = None, *, against: str = "live", from_ms: int | None = None) -> Backtest:
    history = DuckDbHistory(lived.store)
    asked = Asked(from_ms, None, 3_600_000, SHIFTS, NIGHT, lived.options)

    def record(begin: int, end: int) -> list[Event]:
        return recorded(lived.database, site().id, begin, end)

    sides = Sides(rules or site(), site() if against == "rules" else None, record, against == "live")
    try:
        return backtest(history, sides, asked, lambda done, total: None)
    finally:
        history.close()


def drafted(text: str) -> Site:
    found, _, problems = draft.put_over(site(), "draft.toml", text)
    assert found is not None, problems
    return found


@pytest.mark.parametrize("name", ["first-day", "wan-cut", "sensor-faults"])
def test_the_replay_of_a_day_equals_its_log_event_for_event(name: str, tmp_path: Path) -> None:
    lived = live(tmp_path, sent(name, 45), Options(), people=True)

    found = replayed(lived)

    assert found.event_difference is not None
    assert found.event_difference.only_before == found.event_difference.only_after == ()
    assert found.event_difference.same == len(found.events) >= 8
    assert found.difference is not None
    assert (found.difference.added, found.difference.lost, found.difference.shifted) == ((), (), ())


@pytest.mark.parametrize("options", [Options(), PATIENT], ids=["without patience", "patient"])
@pytest.mark.parametrize("seed", [1, 2])
def test_late_doubled_and_shuffled_frames_are_replayed_as_they_were_lived(
    options: Options, seed: int, tmp_path: Path
) -> None:
    lived = live(tmp_path, disturbed(sent("first-day", 30), seed), options)

    found = replayed(lived)

    assert found.event_difference is not None
    assert found.event_difference.only_before == found.event_difference.only_after == ()
    assert found.event_difference.same > 10
