"""Frames judged together give what frames judged one by one give (the law stands in alerts/runs.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import runs
from alerts.judge import Judge
from alerts.layout import layout
from alerts.ledger import Options
from alerts.replay import People, Replay
from alerts.replays import Replays
from alerts.together import RunJudge
from rules.compiled import compiled
from rules.episodes import Event
from rules.functions import PLAIN, Functions
from tests.unit.alerts.plant import T0, Cabinet, plant
from vocab.quality import Reason
from vocab.site import Site
from vocab.topics import Kind
from wire.catalogue import Catalogue
from wire.frames import Frames
from wire.gate import Gate
from wire.verdict import Accepted

SITES = {
    "apart": plant("e1", "e2"),
    "joined": plant("e1", "e2", shared=True),
}
OPTIONS = (Options(), Options(patience_ms=7_000, settle_ms=15_000))


@dataclass(frozen=True)
class Said:
    """One frame in the making."""

    edge: str
    gap_s: float
    boiler: str
    temp: float | Reason | None
    burner: float | None
    back_s: float  # its readings were measured so long before the frame was closed
    fate: str


saids = st.builds(
    Said,
    st.sampled_from(("e1", "e1", "e1", "e2")),
    st.sampled_from((1.0, 1.0, 5.0, 10.0, 0.0, 90.0, -20.0)),
    st.sampled_from(("b1", "b1", "b2")),
    st.sampled_from((80.0, 80.0, 89.0, 92.0, 97.0, Reason.COMM_TIMEOUT, Reason.CLOCK, None)),
    st.sampled_from((None, None, 0.0, 1.0, 3.0)),
    st.sampled_from((0.0, 0.0, 0.0, 0.5, 3.0, 30.0)),
    st.sampled_from(("live", "live", "live", "live", "live", "held", "lost", "reborn")),
)


def stretch(said: Said, times: int) -> list[Said]:
    return [said] * times


histories = st.lists(st.builds(stretch, saids, st.sampled_from((1, 1, 2, 6))), max_size=12).map(
    lambda each: [said for row in each for said in row]
)


def told(site: Site, history: list[Said]) -> list[Accepted]:
    """The frames in order of arrival: `held` ones come after the next 8, `lost` ones never."""
    gate = Gate([site])
    cabinets = {edge.id: Cabinet(gate, id=edge.id) for edge in site.file.edge}
    arrived: list[Accepted] = []
    held: list[tuple[int, Accepted]] = []
    now = 0.0
    for number, said in enumerate(history):
        cabinet = cabinets[said.edge]
        now += said.gap_s
        if said.fate == "reborn":
            cabinet.epoch, cabinet.seq = cabinet.epoch + 1, 0
        boiler = said.boiler if said.edge == "e1" else site.assets[1].id
        values: dict[str, Any] = {
            name: each for name, each in (("temp", said.temp), ("burner", said.burner)) if each is not None
        }
        frame = cabinet.frame(now, boiler, received_s=max(now, 0.0) + 0.25, **values)
        moved = frame.measured_ms - round(said.back_s * 1000)
        columns = {name: getattr(frame, name) for name in Accepted.__slots__} | {"measured_ms": moved}
        if said.fate == "held":
            held.append((number + 8, Accepted(**columns | {"lane": Kind.BACKFILL})))
        elif said.fate != "lost":
            arrived.append(Accepted(**columns))
        arrived += [each for due, each in held if due == number]
    arrived += [each for due, each in held if due >= len(history)]
    clock = np.maximum.accumulate(np.array([frame.received_ms for frame in arrived], np.int64))
    return [
        Accepted(**{name: getattr(frame, name) for name in Accepted.__slots__} | {"received_ms": int(at)})
        for frame, at in zip(arrived, clock, strict=True)
    ]


def parts(frames: list[Accepted], cuts: list[int]) -> Iterator[list[Accepted]]:
    ends = sorted({0, len(frames), *(cut for cut in cuts if cut < len(frames))})
    for start, end in pairwise(ends):
        yield frames[start:end]


def judge(site: Site, options: Options, functions: Functions, kind: type[Judge]) -> Any:
    made = kind(layout(site, Catalogue([site])), options, functions)
    made.listen(T0)
    return made


def findings(judge: Judge) -> list[Any]:
    return sorted(
        (each.watch.id, each.transition.at_ms, each.catch_up, str(each.transition), each.late)
        for each in judge.findings()
    )


@pytest.mark.parametrize("speed", ["plain", "compiled"])
@given(st.sampled_from(sorted(SITES)), st.sampled_from(OPTIONS), histories, st.lists(st.integers(0, 70), max_size=4))
@settings(max_examples=60, deadline=None)
def test_frames_judged_together_give_what_they_give_one_by_one(
    speed: str, place: str, options: Options, history: list[Said], cuts: list[int]
) -> None:
    site, functions = SITES[place], PLAIN if speed == "plain" else compiled()
    frames = told(site, history)
    single, many = judge(site, options, functions, Judge), judge(site, options, functions, RunJudge)

    for frame in frames:
        single.take(frame)
    for part in parts(frames, cuts):
        many.take_all(Frames.of(part))
        many._release_due(part[-1].received_ms - 1)  # single has looked at every line of the site
    single._release_due(frames[-1].received_ms - 1) if frames else None

    assert findings(many) == findings(single)
    assert many.counts == single.counts
    assert many.positions == single.positions
    assert sorted(many.catch_ups) == sorted(single.catch_ups)
    assert {edge: sorted(line.frames) for edge, line in many.waiting.items()} == {
        edge: sorted(line.frames) for edge, line in single.waiting.items()
    }
    assert many.touched.caught_up == single.touched.caught_up
    for mine, theirs in zip(many.books, single.books, strict=True):
        for quick, slow in zip((*mine.lives, *mine.senses), (*theirs.lives, *theirs.senses), strict=True):
            np.testing.assert_array_equal(quick, slow)


def identity(events: list[Event]) -> list[Any]:
    return sorted(map(str, events))


@given(
    st.sampled_from(sorted(SITES)),
    st.sampled_from(OPTIONS),
    histories,
    st.lists(st.integers(0, 70), max_size=4),
    st.lists(st.tuples(st.integers(0, 300), st.sampled_from(("temp_high", "temp_very_high", "no_data"))), max_size=4),
)
@settings(max_examples=50, deadline=None)
def test_a_replay_in_any_pieces_gives_the_same_events(
    place: str, options: Options, history: list[Said], cuts: list[int], seen: list[tuple[int, str]]
) -> None:
    site = SITES[place]
    frames = told(site, history)
    people = People(
        [Event(f"b1.{rule}", "unacked", "acked", T0 + at * 1000 + 250, "acknowledged") for at, rule in seen]
    )
    whole, split, single = (Replay(site, options, people, functions) for functions in (compiled(), compiled(), PLAIN))
    threads = Replays(site, options, people, compiled(), threads=2)

    whole.take(Frames.of(frames))
    for part in parts(frames, cuts):
        split.take(part)
        threads.take(Frames.of(part))
    for frame in frames:
        single.take([frame])
    for each in (whole, split, single, threads):
        each.finish(T0 + 400_000)
    threads.close()

    assert identity(whole.events) == identity(single.events)
    assert identity(split.events) == identity(single.events)
    assert identity(threads.events) == identity(single.events)
    assert threads.counts == single.counts
    assert sorted(map(str, threads.standing().items())) == sorted(map(str, single.standing().items()))


def runs_of(*frames: Said) -> list[int]:
    columns = Frames.of(told(SITES["apart"], list(frames)))
    found: list[int] = runs.starts(columns, runs.dates(columns), 30_000).tolist()
    return found


CALM = Said("e1", 1.0, "b1", 80.0, None, 0.0, "live")


@pytest.mark.parametrize(
    ("second", "begins"),
    [
        (CALM, False),
        (replace(CALM, gap_s=30.0), False),
        (replace(CALM, gap_s=30.001), True),  # not vouched for
        (replace(CALM, gap_s=-1.0), True),  # a clock set back
        (replace(CALM, gap_s=0.0, temp=None), True),  # its heartbeat was measured at the other's time
        (replace(CALM, back_s=0.999), False),
        (replace(CALM, back_s=1.0), True),  # measured when the first frame was closed
        (replace(CALM, edge="e2"), True),
        (replace(CALM, fate="reborn"), True),
    ],
)
def test_a_frame_continues_a_run_only_if_nothing_can_lie_between(second: Said, begins: bool) -> None:
    assert runs_of(CALM, second) == ([0, 1] if begins else [0])


def test_a_missing_frame_ends_a_run() -> None:
    assert runs_of(CALM, replace(CALM, fate="lost"), CALM, CALM) == [0, 1]
