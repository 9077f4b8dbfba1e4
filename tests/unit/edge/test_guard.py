"""The guard over a real spool: killed at any moment it goes on exactly, and what breaks in it costs no reading."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from edge.guard import Guard, order_silence
from edge.room import Room
from edge.segment import Stored
from edge.spool import Spool
from edge.vigil import Vigil
from runtime.clock import Clock
from tests.unit.alerts.plant import T0, plant
from tests.unit.edge.safe_plant import sounding_plant
from wire import event as wire_event
from wire import frame as wire_frame
from wire.frame import AssetColumns, Frame

SITE = sounding_plant()


class Cabinet:
    """A spool with a guard, in a folder; `restart` is a kill and a start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sent: list[bytes] = []  # events
        self._open()

    def restart(self) -> None:
        self.spool.close()
        self.events.close()
        self._open()

    def _open(self) -> None:
        room = Room(segment_bytes=2048)
        self.spool = Spool(self.folder, 1, room)
        self.events = Spool(self.folder / "events", 2, room)
        self.guard = Guard(SITE, "e1", self.folder, self.events, Clock(), 30_000)
        self.guard.recover(self.spool)

    def flush(self, at_s: float, temp: float) -> None:
        """As the agent does it."""
        if self.spool.newest_file[1]:
            self.save(now=True)
        seq, ts = self.spool.next_seq, T0 + round(at_s * 1000)
        frame = Frame(1, "plant", "e1", self.spool.epoch, seq, ts, [AssetColumns("b1", ["temp"], [temp])])
        stored = [Stored(seq, ts, 1, wire_frame.encode(frame))]
        self.spool.append(stored)
        self.spool.synced(seq)
        self.guard.take(stored)
        self.guard.look_for_order()
        self.save()

    def save(self, *, now: bool = False) -> None:
        data = self.guard.unsaved(now=now)
        if data is not None:
            self.guard.write(data)

    def send_all(self) -> None:
        """The broker takes everything, so that old files go."""
        while (taken := self.spool.take(0)) is not None:
            self.spool.arrived(taken.seq)
        self.events.synced(self.events.next_seq)
        while (taken := self.events.take(0)) is not None:
            self.sent.append(taken.payload)
            self.events.arrived(taken.seq)

    def told(self) -> list[tuple[int, str, int]]:
        """Every event that was made."""
        self.send_all()
        found = [wire_event.decode(each) for each in self.sent]
        return sorted((each.seq, each.because, each.at_ms - T0) for each in found)


def day(rng: random.Random) -> list[tuple[float, float]]:
    now, told = 0.0, []
    for _ in range(60):
        now += rng.choice([1.0, 1.0, 5.0, 20.0, 40.0])
        told.append((now, rng.choice([80.0, 97.0, 97.0, 99.0])))
    return told


@pytest.mark.parametrize("seed", range(12))
def test_killed_at_any_moment_it_tells_the_same_and_sounds_the_same(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    steady, shaken = Cabinet(tmp_path / "steady"), Cabinet(tmp_path / "shaken")
    for moment, temp in day(rng):
        for each in (steady, shaken):
            each.flush(moment, temp)
        if rng.random() < 0.1:
            shaken.save(now=True)
        if rng.random() < 0.2:
            shaken.send_all()
            steady.send_all()
        if rng.random() < 0.3:
            shaken.restart()
        now_ms = T0 + round(moment * 1000)
        assert shaken.guard.sounding(now_ms) == steady.guard.sounding(now_ms)
        assert shaken.guard.active() == steady.guard.active()

    assert shaken.guard.vigil is not None
    assert steady.guard.vigil is not None
    assert shaken.guard.vigil.safety.last == steady.guard.vigil.safety.last
    assert shaken.told() == steady.told()
    assert any(because == "raised" for _, because, _ in steady.told())


def test_a_frame_that_was_spooled_and_not_judged_before_the_kill_is_judged_after_it(tmp_path: Path) -> None:
    cabinet = Cabinet(tmp_path)
    cabinet.flush(0, 97.0)
    cabinet.flush(5, 97.0)
    cabinet.guard.take = lambda frames: None  # type: ignore[method-assign]  # killed between spooling and judging
    cabinet.flush(10, 97.0)
    assert cabinet.told() == []

    cabinet.restart()

    assert cabinet.told() == [(1, "raised", 10_000)]
    assert cabinet.guard.sounding(T0 + 10_000) == {"siren"}


def test_a_spoilt_state_is_begun_anew_from_what_the_spool_holds(tmp_path: Path) -> None:
    cabinet = Cabinet(tmp_path)
    for moment in range(0, 20, 5):
        cabinet.flush(float(moment), 97.0)
    cabinet.save(now=True)
    (tmp_path / "safety").write_bytes(b"\xa7\x5enonsense")

    cabinet.restart()

    assert cabinet.guard.active() == ["b1.temp_very_high"]
    assert cabinet.told() == [(1, "raised", 10_000)], "and what was told is not told again"


def test_an_order_on_the_spot_silences_what_calls_and_not_what_comes(tmp_path: Path) -> None:
    cabinet = Cabinet(tmp_path)
    for moment in range(0, 20, 5):
        cabinet.flush(float(moment), 97.0)
    order_silence(tmp_path)
    cabinet.flush(20, 97.0)
    assert (cabinet.guard.sounding(T0 + 20_000), cabinet.guard.active()) == (set(), ["b1.temp_very_high"])
    assert not (tmp_path / "silence").exists()

    cabinet.restart()
    assert cabinet.guard.sounding(T0 + 20_000) == set(), "silenced is silenced"
    for moment in (25, 30, 35, 40, 45, 50):
        cabinet.flush(float(moment), 80.0 if moment < 40 else 97.0)
    assert cabinet.guard.sounding(T0 + 50_000) == {"siren"}, "a new alarm calls anew"


def test_what_breaks_in_it_is_told_and_costs_no_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cabinet = Cabinet(tmp_path)

    def broken(self: Vigil, payload: bytes) -> None:
        raise IndexError("a defect of ours")

    monkeypatch.setattr(Vigil, "take", broken)
    cabinet.flush(0, 97.0)
    cabinet.flush(5, 97.0)

    assert (cabinet.guard.broken, cabinet.spool.frames, cabinet.guard.active()) == (True, 2, [])


def test_a_disk_that_refuses_costs_a_longer_restart_only(tmp_path: Path) -> None:
    cabinet = Cabinet(tmp_path)
    (tmp_path / "safety.new").mkdir()  # in the way
    for moment in range(0, 15, 5):
        cabinet.flush(float(moment), 97.0)
        cabinet.save(now=True)

    cabinet.restart()

    assert cabinet.told() == [(1, "raised", 10_000)]


def test_what_was_over_before_anybody_could_know_calls_nobody(tmp_path: Path) -> None:
    """A device had held its readings back; one frame brings all of a hazard that is long over."""
    vigil = Vigil(SITE, "e1")
    offsets, temps = [-600_000, -590_000, -580_000, -570_000], [97.0, 97.0, 80.0, 80.0]
    first = Frame(1, "plant", "e1", 1, 1, T0 - 700_000, [])
    late = Frame(1, "plant", "e1", 1, 2, T0, [AssetColumns("b1", ["temp"] * 4, list(temps), offsets)])
    vigil.take(wire_frame.encode(first))

    found = vigil.take(wire_frame.encode(late))

    assert [(each.transition.because.word, each.action) for each in found] == [("raised", []), ("cleared", [])]
    assert vigil.sounding(T0) == set()


def test_a_cabinet_without_a_safety_rule_judges_nothing_and_takes_orders_all_the_same(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1)
    guard = Guard(plant(), "e1", tmp_path, None, Clock(), 30_000)
    guard.recover(spool)
    stored = [Stored(1, T0, 1, wire_frame.encode(Frame(1, "plant", "e1", 1, 1, T0)))]

    guard.take(stored)
    order_silence(tmp_path)
    guard.look_for_order()

    assert guard.vigil is None
    assert (guard.rules, guard.active(), guard.sounding(T0), guard.unsaved(now=True)) == (0, [], set(), None)
    assert list(tmp_path.glob("silence")) == []
    spool.close()
