"""Suites as files: what they may say, and how a seed plays them."""

from __future__ import annotations

from functools import cache

import psutil
import pytest

from anlan.many_runs import run_all, tasks
from anlan.score import summed
from anlan.suite import Planned, Play, Promise, load, reduced
from anlan.suite_files import load_suite, scenarios_of
from firmware_sim.scenario import Injection, Scenario
from runtime.files import load_site, shipped
from vocab.problem import Problem
from vocab.site import Site
from vocab.strict_toml import Text

DEMO = shipped("sites") / "demo"
SAYS = Text(en="something", zh="某事")


@cache
def site() -> Site:
    return load_site(DEMO)


def scenario(
    name: str = "short", asset: str = "gas-canteen", fault: str = "leak", duration_s: float = 600.0
) -> Scenario:
    inject = (Injection(id="one", at_s=60, asset=asset, fault=fault),)
    return Scenario(name=name, title=SAYS, duration_s=duration_s, inject=inject)


def problems(play: str) -> list[Problem]:
    text = 'name = "s"\ntitle = { en = "S", zh = "S" }\n\n[[play]]\nproves = { en = "x", zh = "x" }\n' + play
    _, found = load("s.toml", text, site(), {"short": scenario()})
    return found


def test_the_shipped_suite_names_only_scenarios_and_kinds_that_are_there() -> None:
    suite, plans = load_suite(DEMO, "all", site())

    assert suite.name == "all"
    assert {plan.scenario.name for plan in plans} <= set(scenarios_of(DEMO, site()))


@pytest.mark.parametrize(
    ("play", "told"),
    [
        ('scenario = "nowhere"\n', "no scenario 'nowhere'"),
        ('scenario = "short"\nkinds = ["lathe"]\n', "the site has no 'lathe'"),
        ('scenario = "short"\nkinds = ["bin"]\n', "'one' strikes a gas, which is not there"),
        ('scenario = "short"\nnormal = true\n', "'one' is no disturbance, so this is no normal operation"),
    ],
)
def test_a_suite_that_cannot_be_played_says_why(play: str, told: str) -> None:
    assert told in [each.message for each in problems(play)]


def test_each_seed_takes_the_next_start_and_a_play_may_want_fewer_seeds() -> None:
    days = ("2026-03-26T00:00:00+08:00", "2026-01-15T00:00:00+08:00")
    play = Play.model_validate({"scenario": "short", "proves": SAYS, "starts": days, "seeds": 3})
    plan = Planned(play, scenario())

    assert [plan.of(seed).start for seed in (1, 2, 3)] == [play.starts[0], play.starts[1], play.starts[0]]
    assert (plan.seeds(20), plan.seeds(2)) == (3, 2)


def test_a_site_reduced_to_kinds_keeps_their_equipment_and_nothing_else() -> None:
    only = reduced(site(), ("bin", "gas"))

    assert {asset.kind for asset in only.file.asset} == {"bin", "gas"}
    assert [asset for asset in site().file.asset if asset.kind in {"bin", "gas"}] == list(only.file.asset)


def test_the_longest_runs_come_first() -> None:
    plans = [
        Planned(Play(scenario="short", proves=SAYS), scenario()),
        Planned(Play(scenario="long", proves=SAYS), scenario("long", duration_s=9000.0)),
    ]

    assert tasks(plans, 2) == [(1, 1), (1, 2), (0, 1), (0, 2)]


def test_a_leak_is_found_in_two_processes_as_it_is_in_one() -> None:
    plans = [Planned(Play(scenario="short", proves=SAYS, kinds=("gas",)), scenario())]
    steps: list[int] = []
    apart, together = (run_all(site(), plans, 2, jobs, lambda: steps.append(1)) for jobs in (2, 1))

    assert apart == together
    assert len(steps) == 4
    (row,) = summed(apart, Promise()).rows
    assert (row.fault, row.recall, row.within_bound) == ("leak", 1.0, True)
    assert summed(apart, Promise()).readings["lost"] == 0


def test_a_worker_that_is_killed_costs_time_and_no_run() -> None:
    plans = [Planned(Play(scenario="short", proves=SAYS, kinds=("gas",)), scenario())]
    killed: list[int] = []

    def kill_once() -> None:
        if not killed:
            workers = [each for each in psutil.Process().children() if "spawn_main" in " ".join(each.cmdline())]
            killed.extend(worker.pid for worker in workers)
            for worker in workers:
                worker.kill()

    runs = run_all(site(), plans, 4, 2, kill_once)

    assert killed
    assert runs == run_all(site(), plans, 4, 1, lambda: None)


def test_an_alarm_that_a_disturbance_raised_is_false_and_names_it() -> None:
    loud = Injection(
        id="one", at_s=60, asset="gas-canteen", fault="cooking", params={"peak_lel": 60, "duration_s": 400}
    )
    plan = Planned(
        Play(scenario="short", proves=SAYS, kinds=("gas",), normal=True),
        scenario().model_copy(update={"inject": (loud,)}),
    )
    score = summed(run_all(site(), [plan], 1, 1, lambda: None), Promise())

    assert {(alarm.equipment, alarm.fault) for alarm in score.false} == {("gas-canteen", "cooking")}
    assert score.rows[0].found == 0
    assert not score.holds
