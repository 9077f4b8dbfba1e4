"""History that the virtual chain stored, replayed: the same events as the live log, and what other rules would do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alerts.engine import Engine
from alerts.ledger import Options
from alerts.recorded import recorded_people
from alerts.replay import People
from anlan.backtest import Asked, Backtest, Sides, backtest
from anlan.cli import app
from anlan.virtual import Sent, VirtualSite
from anlan.virtual_run import USUAL_START
from firmware_sim import scenario as scenarios
from ingest import duckdb_closed
from ingest.closing import close_all
from ingest.duckdb_history import DuckDbHistory
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from rules.rota import Duty, shifts
from runtime.files import load_site, shipped
from vocab import draft
from vocab.instant import to_ms
from vocab.site import Site
from wire.gate import Gate
from wire.message import Message
from wire.verdict import Accepted

DEMO = shipped("sites") / "demo"
GROUP_MS = 10_000  # frames of so much site time are committed together; after a kill they come again 20 s later
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


def live(  # noqa: C901 - everything that may happen to a run
    folder: Path,
    steps: Sequence[tuple[int, list[Message]]],
    options: Options,
    *,
    people: Callable[[Engine, int], None] | None = None,
    kills: Collection[int] = (),
) -> Lived:
    """Both consumers, as in life: a DuckDB file and a SQLite file.

    In a group of `kills` ingest dies before its commit, and one group later alerts does: what was not acknowledged
    comes again ten seconds later, behind newer frames.
    """
    lived = Lived(str(folder / "readings.duckdb"), str(folder / "tickets.sqlite"), options)
    url = f"sqlite:///{lived.database}"
    store, engine = DuckDbStore(lived.store), Engine(site(), url, options)
    intake, gate = Intake([site()]), Gate([site()])
    waiting: list[Message] = []
    to_store: dict[int, list[Message]] = {}  # by the group with which it comes again
    to_judge: dict[int, list[Message]] = {}
    grouped_ms, group = steps[0][0], 0

    def remember(now_ms: int) -> None:
        nonlocal store, intake
        if group in kills:
            store.close()
            store = DuckDbStore(lived.store)
            intake = Intake([site()], store.marks())
            to_store[group + 2] = waiting.copy()
            return
        for messages in (waiting, to_store.pop(group, [])):
            store.commit(intake.batch(intake.judge(messages, now_ms)), now_ms)

    def judge(now_ms: int) -> None:
        nonlocal engine, gate
        if group - 1 in kills:
            engine.close()
            engine, gate = Engine(site(), url, options), Gate([site()])
            to_judge[group + 2] = waiting.copy()
            return
        for messages in (waiting, to_judge.pop(group, [])):
            engine.apply([each for each in gate.judge_all(messages, now_ms) if isinstance(each, Accepted)], now_ms)
        engine.tick(now_ms)
        if people is not None:
            people(engine, now_ms)

    def take(now_ms: int) -> None:
        remember(now_ms)
        if group % 50 == 49:  # so that a replay reads closed periods and open frames
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(duckdb_closed, "VOLUME", 300)
                close_all(store, now_ms - 120_000)
        judge(now_ms)

    try:
        for now_ms, messages in steps:
            waiting += messages
            if now_ms - grouped_ms >= GROUP_MS:
                take(now_ms)
                waiting.clear()
                grouped_ms, group = now_ms, group + 1
        take(steps[-1][0])
    finally:
        engine.close()
        store.close()
    return lived


def acknowledge_one(engine: Engine, now_ms: int) -> None:
    """Somebody in the duty room takes a minute for each."""
    for alarm in engine.alarms():
        is_old = alarm.raised_ms is not None and now_ms - alarm.raised_ms > 60_000
        if alarm.acked_ms is None and is_old and alarm.hidden is None and alarm.state != "normal":
            engine.acknowledge_alarm(alarm.id, "duty room", "", now_ms)
            return


def replayed(lived: Lived, rules: Site | None = None, *, against: str = "live", from_ms: int | None = None) -> Backtest:
    history = DuckDbHistory(lived.store)
    asked = Asked(from_ms, None, 3_600_000, SHIFTS, NIGHT, lived.options)

    def record(begin: int, end: int) -> People:
        return recorded_people(lived.database, site().id, begin, end)

    sides = Sides(rules or site(), site() if against == "rules" else None, record, against == "live")
    try:
        return backtest(history, sides, asked, lambda done, total: None)
    finally:
        history.close()


def drafted(text: str) -> Site:
    found, _, problems = draft.put_over(site(), "draft.toml", text)
    assert found is not None, problems
    return found


@pytest.fixture(scope="module")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Forty-five minutes with thirteen faults, and somebody who acknowledges."""
    return live(tmp_path_factory.mktemp("first-day"), sent("first-day", 45), Options(), people=acknowledge_one)


def must_be_equal(found: Backtest, at_least: int) -> None:
    assert found.event_difference is not None
    assert found.event_difference.only_before == found.event_difference.only_after == ()
    assert found.event_difference.same == len(found.events) >= at_least
    assert found.difference is not None
    assert (found.difference.added, found.difference.lost, found.difference.shifted) == ((), (), ())


def test_the_replay_of_a_day_equals_its_log_event_for_event(first_day: Lived) -> None:
    found = replayed(first_day)

    must_be_equal(found, 40)
    assert any(event.because == "acknowledged" for event in found.events)


@pytest.mark.parametrize(("name", "at_least"), [("wan-cut", 7), ("sensor-faults", 20)])
def test_a_cut_and_sick_sensors_are_replayed_as_they_were_lived(name: str, at_least: int, tmp_path: Path) -> None:
    must_be_equal(replayed(live(tmp_path, sent(name, 35), Options())), at_least)


@pytest.mark.parametrize("options", [Options(), PATIENT], ids=["without patience", "patient"])
def test_late_doubled_and_shuffled_frames_are_replayed_as_they_were_lived(options: Options, tmp_path: Path) -> None:
    steps = disturbed(sent("first-day", 30), 1)
    lived = live(tmp_path, steps, options)

    must_be_equal(replayed(lived), 15)


def test_a_day_on_which_both_died_ten_times_is_replayed_as_it_was_lived(tmp_path: Path) -> None:
    steps = sent("first-day", 45)
    groups = (steps[-1][0] - steps[0][0]) // (GROUP_MS + 1_000)
    kills = {4 * place for place in random.Random(3).sample(range(1, groups // 4 - 1), 10)}

    found = replayed(live(tmp_path, steps, PATIENT, people=acknowledge_one, kills=kills))

    must_be_equal(found, 40)


def test_a_period_within_the_history_equals_its_part_of_the_log(first_day: Lived) -> None:
    start_ms = sent("first-day", 45)[0][0]

    found = replayed(first_day, from_ms=start_ms + 4 * 60_000)

    must_be_equal(found, 10)
    assert found.replayed_from_ms < found.from_ms, "the time before warms the rules up"
    assert min(event.at_ms for event in found.events) >= found.from_ms


PRESSURE = """
[[rule]]
kind = "gas"
id = "line_pressure_high"
name = {{ en = "Household-side pressure high", zh = "户前压力高" }}
point = "line_pressure"
variants = ["line"]
when = {{ type = "high", limit = {limit}, deadband = 0.1 }}
on_delay_s = 15
off_delay_s = 60
priority = 2
hazard = "line_overpressure"
category = "hazard"
"""


@pytest.mark.parametrize(("limit", "added", "lost"), [(1.9, True, False), (3.0, False, False), (9.0, False, True)])
def test_a_lower_limit_adds_episodes_and_a_higher_one_loses_them(
    limit: float, added: bool, lost: bool, first_day: Lived
) -> None:
    for against in ("rules", "live"):
        found = replayed(first_day, drafted(PRESSURE.format(limit=limit)), against=against)

        assert found.difference is not None
        assert bool(found.difference.added) is added
        assert bool(found.difference.lost) is lost
        assert {each.alarm.split(".")[1] for each in (*found.difference.added, *found.difference.lost)} <= {
            "line_pressure_high"
        }
        assert found.difference.same > 5, "the other rules are what they were"


def test_an_episode_has_its_peak_and_a_hazard_one_ticket(first_day: Lived) -> None:
    found = replayed(first_day)

    pressure = next(each for each in found.told if each.episode.alarm == "line-1.line_pressure_high")
    assert pressure.episode.peak is not None
    assert pressure.episode.peak > 3.0
    keys = [(each.asset, each.hazard) for each in found.tickets]
    assert len(keys) == len(set(keys))
    assert ("line-1", "line_overpressure") in keys
    assert sum(each.raised for each in found.shifts) == len(found.told)
    assert sum(each.raised for each in found.nights) == 0, "it was morning"


def run(lived: Lived, *words: str) -> Result:
    return CliRunner().invoke(app, ["backtest", "--store", lived.store, *words])


def test_the_command_says_whether_the_log_holds(first_day: Lived, tmp_path: Path) -> None:
    told = tmp_path / "told.json"

    result = run(first_day, "--database", first_day.database, "--against", "live", "--json", str(told))

    assert result.exit_code == 0, result.output
    found = json.loads(told.read_text(encoding="utf-8"))
    assert found["events"]["equal"] is True
    assert found["events"]["same"] == len(found["transitions"])
    assert {"alarm", "raised_ms", "cleared_ms", "duration_s", "peak", "hazard"} <= found["episodes"][0].keys()


def test_the_command_tells_every_fault_of_a_draft_and_replays_nothing(first_day: Lived, tmp_path: Path) -> None:
    rules = tmp_path / "draft.toml"
    rules.write_text(PRESSURE.format(limit=99) + PRESSURE.format(limit=3).replace('line_pressure"', 'pressure"'))

    result = run(first_day, str(rules))

    assert result.exit_code == 1
    assert "E011" in result.output
    assert "E006" in result.output
    assert "E007" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "2031-01-01"), "nothing of this site and period"),
        (("--store", "/nowhere/readings.duckdb"), "readings.duckdb"),
        (("--database", "/nowhere/tickets.sqlite", "--against", "live"), "no such file"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(first_day: Lived, words: tuple[str, ...], said: str) -> None:
    result = run(first_day, *words)

    assert result.exit_code == 1
    assert said in " ".join(result.output.split())
    assert "Traceback" not in result.output
