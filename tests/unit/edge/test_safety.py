"""The cabinet's own judgement is the server's: one kernel on one input, whenever and in whatever order it arrives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.judge import Judge
from alerts.layout import layout
from alerts.ledger import Options
from edge.safety import Safety
from edge.scope import scope
from rules.episodes import Event, episodes
from rules.transition import Transition
from tests.unit.alerts.plant import plant, speaker
from tests.unit.edge.safe_plant import safe_plant
from vocab.quality import Reason
from vocab.rule import Rule
from vocab.site import Site
from vocab.topics import Kind
from wire.catalogue import Catalogue
from wire.verdict import Accepted

Told = tuple[float, float | Reason]
HOUR_MS = 3_600_000


def event(found: Transition) -> Event:
    return Event(found.alarm, found.old.value, found.new.value, found.at_ms, found.because.word, found.value)


def at_the_edge(site: Site, frames: Sequence[Accepted]) -> list[Event]:
    safety = Safety(site, "e1", Catalogue([site]))
    return [event(each) for frame in frames for each in safety.take(frame)]


def at_the_server(site: Site, frames: Sequence[Accepted]) -> list[Event]:
    """What alerts finds of the safety rules, in the order in which the frames arrive."""
    known = scope(site, "e1").safety
    judge = Judge(layout(site, Catalogue([site])), Options(patience_ms=1_000))
    for frame in frames:
        judge.take(frame)
    judge.tick(frames[-1].received_ms + HOUR_MS, listening=False)
    return [event(each.transition) for each in judge.findings() if each.watch.id in known]


def identities(events: Sequence[Event]) -> list[tuple[int, str, str, str]]:
    return sorted(each.identity for each in events)


def spoken(site: Site, told: Sequence[Told]) -> list[Accepted]:
    cabinet = speaker(site)
    return [cabinet.frame(moment, temp=value) for moment, value in told]


HOT: list[Told] = [(0, 80.0), (10, 97.0), (20, 97.0), (30, 97.0), (40, Reason.COMM_TIMEOUT), (50, 80.0), (60, 80.0)]


def test_it_raises_and_clears_what_the_server_raises_and_clears(site: Site) -> None:
    frames = spoken(site, HOT)

    assert identities(at_the_edge(site, frames)) == identities(at_the_server(site, frames))
    assert [(each.alarm, each.because, each.at_ms - frames[0].ts_ms) for each in at_the_edge(site, frames)] == [
        ("b1.temp_very_high", "raised", 20_000),
        ("b1.temp_very_high", "cleared", 50_000),
    ]


readings = st.lists(
    st.tuples(
        st.sampled_from([1.0, 5.0, 5.0, 10.0, 45.0]),
        st.sampled_from([80.0, 92.0, 95.25, 97.0, 97.0, Reason.COMM_TIMEOUT]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps=readings)
def test_event_for_event_it_is_the_server(steps: list[tuple[float, float | Reason]]) -> None:
    site, now, told = safe_plant(), 0.0, []
    for step, value in steps:
        now += step
        told.append((now, value))
    frames = spoken(site, told)

    assert identities(at_the_edge(site, frames)) == identities(at_the_server(site, frames))


@settings(max_examples=40, deadline=None)
@given(steps=readings, seed=st.integers(0, 999))
def test_hours_late_and_shuffled_the_server_finds_the_same_episodes(
    steps: list[tuple[float, float | Reason]], seed: int
) -> None:
    """The uplink was cut at the first frame. The newest frames come first and live, the backlog follows, shuffled."""
    site, now, told = safe_plant(), 0.0, [(0.0, 80.0)]
    for step, value in steps:
        now += step
        told.append((now, value))
    now += 3 * 3600
    told += [(now, 80.0), (now + 5, 80.0)]
    made = spoken(site, told)
    local = at_the_edge(site, made)
    first, cut, live = made[0], made[1:-2], made[-2:]
    shuffled = _late(cut, random.Random(seed), live[-1].ts_ms)

    found = at_the_server(site, [first, *live, *shuffled])

    gap_end = cut[-1].ts_ms
    during = [each for each in local if each.at_ms <= gap_end]
    assert identities(during) == identities([each for each in found if each.at_ms <= gap_end])
    ours = [each for each in episodes(local) if each.raised_ms <= gap_end]
    theirs = [each for each in episodes(found) if each.raised_ms <= gap_end]
    assert [(each.alarm, each.raised_ms) for each in ours] == [(each.alarm, each.raised_ms) for each in theirs]


def _late(frames: Sequence[Accepted], rng: random.Random, now_ms: int) -> list[Accepted]:
    """The same frames on the back-fill lane, hours later, two neighbours at a time changed over (the lane's bound)."""
    late = [replace(each, lane=Kind.BACKFILL, received_ms=now_ms + 100 * place) for place, each in enumerate(frames)]
    order = list(range(len(late)))
    for place in range(0, len(order) - 1, 2):
        if rng.random() < 0.5:
            order[place], order[place + 1] = order[place + 1], order[place]
    return [late[place] for place in order]


@pytest.fixture
def site() -> Site:
    return safe_plant()


def test_only_safety_rules_and_what_they_need_are_judged(site: Site) -> None:
    found = scope(site, "e1")

    assert set(found.safety) == {"b1.temp_very_high", "b2.temp_very_high"}
    assert {rule.id for each in found.watched for rule in each.rules} == {"temp_very_high"}


def test_an_asset_on_two_cabinets_is_left_to_the_server() -> None:
    site = safe_plant("e1", "e2", shared=True)

    left = {"b2.temp_very_high": "b2 hangs on e1, e2"}
    assert (set(scope(site, "e1").safety), scope(site, "e1").elsewhere) == ({"b1.temp_very_high"}, left)
    assert (set(scope(site, "e2").safety), scope(site, "e2").elsewhere) == (set(), left)


def test_a_cabinet_without_safety_rules_judges_nothing() -> None:
    frames = spoken(plant(), HOT)

    assert at_the_edge(plant(), frames) == []


def test_what_a_safety_rule_refers_to_comes_with_it() -> None:
    site = safe_plant(escalates=True)

    assert {rule.id for each in scope(site, "e1").watched for rule in each.rules} == {"temp_very_high", "lockout"}
    assert set(scope(site, "e1").safety) == {"b1.temp_very_high", "b2.temp_very_high"}


def test_a_restart_of_the_agent_interrupts_here_as_it_does_there(site: Site) -> None:
    told: list[Told] = [(0, 97.0), (5, 97.0), (600, 97.0), (604, 97.0), (609, 97.0)]
    frames = spoken(site, told)

    found = at_the_edge(site, frames)
    assert identities(found) == identities(at_the_server(site, frames))
    assert [each.at_ms - frames[0].ts_ms for each in found] == [605_000], "5 s before it died and 5 s after"


def test_a_rule_that_asks_for_what_only_the_server_judges_is_left_to_it() -> None:
    """Boiler 2 hangs on two cabinets; a safety rule of boiler 1 that asks for its alarm cannot be judged in one."""
    site = safe_plant("e1", "e2", shared=True)
    pack = site.packs["boiler"]
    stated = pack.rules["temp_very_high"]
    asking = {"type": "all", "of": [{"type": "alarm", "rule": "lockout", "asset": "b2"}, stated.when.model_dump()]}
    changed = Rule.model_validate(stated.model_dump() | {"when": asking})
    asks = Site(site.file, {**site.packs, "boiler": replace(pack, rules={**pack.rules, changed.id: changed})})

    found = scope(asks, "e1")
    assert (set(found.safety), found.watched) == (set(), ())
    assert found.elsewhere["b1.temp_very_high"] == "it asks for b2.lockout, which only the server judges"
