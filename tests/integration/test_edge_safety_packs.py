"""The shipped packs under faults: what each cabinet judges by itself is what the server judges, event for event."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from alerts.judge import Judge
from alerts.layout import layout
from alerts.ledger import Options
from anlan.virtual import VirtualSite
from edge.vigil import Vigil
from firmware_sim.files import load_scenario
from rules.episodes import Event, episodes
from rules.transition import Transition
from runtime.files import load_site, shipped
from vocab.site import Site
from vocab.topics import Kind
from wire.gate import Gate
from wire.message import Message
from wire.verdict import Accepted

START_MS = 1_774_500_000_000
MOST_S = 1500
LATE_MS = 6 * 3_600_000


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(shipped("sites") / "demo")


def sent(site: Site, name: str) -> list[tuple[int, Message]]:
    """Everything that arrives, with when it does."""
    scenario = load_scenario(shipped("sites") / "demo" / "scenarios" / f"{name}.toml", site)
    virtual, found = VirtualSite(site, scenario, 1, START_MS), []
    for letters in virtual.run():
        found += [(virtual.now_ms, each.message) for each in letters]
        if virtual.now_ms > START_MS + MOST_S * 1000:
            break
    return found


def event(found: Transition) -> Event:
    return Event(found.alarm, found.old.value, found.new.value, found.at_ms, found.because.word)


def identities(events: Sequence[Event]) -> list[tuple[int, str, str, str]]:
    return sorted(each.identity for each in events)


def at_the_edges(site: Site, messages: Sequence[Message]) -> dict[str, list[Event]]:
    vigils = {edge.id: Vigil(site, edge.id) for edge in site.file.edge}
    found: dict[str, list[Event]] = {edge: [] for edge in vigils}
    for message in messages:
        edge = message.topic.split("/")[3]
        found[edge] += [event(each.transition) for each in vigils[edge].take(message.payload)]
    return found


def at_the_server(site: Site, frames: Sequence[Accepted], names: set[str]) -> list[Event]:
    judge = Judge(layout(site, Gate([site]).catalogue), Options(patience_ms=1_000))
    for frame in frames:
        judge.take(frame)
    judge.tick(frames[-1].received_ms + LATE_MS, listening=False)
    return [event(each.transition) for each in judge.findings() if each.watch.id in names]


def safety_of(site: Site) -> set[str]:
    return {name for edge in site.file.edge for name in Vigil(site, edge.id).safety.scope.safety}


@pytest.mark.parametrize("name", ["gas", "boiler", "elevator", "bin", "first-day"])
def test_on_time_and_hours_late_the_server_finds_what_the_cabinets_found(site: Site, name: str) -> None:
    arrived = sent(site, name)
    local = at_the_edges(site, [message for _, message in arrived])
    everything = [each for found in local.values() for each in found]
    gate, names = Gate([site]), safety_of(site)
    frames = [verdict for at_ms, message in arrived for verdict in gate.judge_all([message], at_ms)]
    accepted = [frame for frame in frames if isinstance(frame, Accepted)]

    assert any(each.because == "raised" for each in everything)
    assert len(accepted) == len(frames)
    assert identities(at_the_server(site, accepted, names)) == identities(everything)

    late = _hours_late(accepted, random.Random(7))
    found = at_the_server(site, late, names)
    assert identities(found) == identities(everything)
    assert [(each.alarm, each.raised_ms, each.cleared_ms) for each in episodes(found)] == [
        (each.alarm, each.raised_ms, each.cleared_ms) for each in episodes(everything)
    ]


def _hours_late(frames: Sequence[Accepted], rng: random.Random) -> list[Accepted]:
    """The uplinks were cut after the first frame of each edge: the rest comes as back-fill, neighbours changed over."""
    seen: set[str] = set()
    first = [frame for frame in frames if frame.edge not in seen and not seen.add(frame.edge)]  # type: ignore[func-returns-value]
    rest = [frame for frame in frames if frame not in first]
    now_ms = frames[-1].ts_ms + LATE_MS
    late = [replace(each, lane=Kind.BACKFILL, received_ms=now_ms + 20 * place) for place, each in enumerate(rest)]
    for place in range(0, len(late) - 1, 2):
        if rng.random() < 0.3:
            one, other = late[place], late[place + 1]
            late[place] = replace(other, received_ms=one.received_ms)
            late[place + 1] = replace(one, received_ms=other.received_ms)
    return [*first, *late]
