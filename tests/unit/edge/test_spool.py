"""The spool: whatever moment the process dies at, nothing journalled is lost and no number is used twice."""

from __future__ import annotations

import os
import random
import resource
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.batch import Batch, Origin, Pending
from edge.errors import SpoolError
from edge.records import Scan, pack
from edge.recovery import recover, stored
from edge.room import Room
from edge.segment import Stored, Taken
from edge.spool import Spool
from tests.dying import Dying, Quota
from wire import frame as wire_frame

ORIGIN = Origin("demo", "e1", 7, simulated=True)
SMALL = Room(disk_bytes=20_000, memory_bytes=5_000, segment_bytes=2_000)
LONG_AGO = -(2**40)


def frame(seq: int, size: int = 100, at_ms: int = 0) -> Stored:
    return Stored(seq, at_ms, 1, f"{seq}:".encode().ljust(size, b"."))


def batch(asset: str, value: float, *, is_urgent: bool = False) -> Batch:
    return Batch(asset, 1000, 1000, ["t"], [value], is_urgent=is_urgent)


def real(seq: int, *batches: Batch) -> Stored:
    pending = Pending(ORIGIN, 30_000)
    for each in batches:
        pending.add(each)
    (closed,) = pending.close(seq, 1000, even_empty=True)
    return stored(closed, pending.urgent.get(seq, 0))


def alarm(seq: int) -> Stored:
    """Three readings of assets in order and one of an asset beyond a limit."""
    return real(seq, *(batch(f"m{i}", 1.0) for i in range(3)), batch("m9", float(seq), is_urgent=True))


def told(payload: bytes) -> list[tuple[str, float | None]]:
    return [(each.asset, each.value) for each in wire_frame.readings(wire_frame.decode(payload))]


def filled(folder: Path, count: int, room: Room | None = None) -> Spool:
    spool = Spool(folder, 1000, room)
    for seq in range(1, count + 1):
        spool.append([frame(seq, at_ms=seq)])
    spool.synced(count)
    return spool


def taken(spool: Spool, live_since_ms: int = LONG_AGO) -> Iterator[Taken]:
    while (found := spool.take(live_since_ms)) is not None:
        yield found


def drained(spool: Spool, live_since_ms: int = LONG_AGO) -> list[int]:
    return [each.seq for each in taken(spool, live_since_ms)]


def test_frames_come_out_as_they_went_in(tmp_path: Path) -> None:
    spool = filled(tmp_path, 3)
    assert spool.take(LONG_AGO) == Taken(1, 1, frame(1).payload)
    assert drained(spool) == [2, 3]
    spool.close()


def test_young_frames_go_first_and_the_backlog_follows_from_its_oldest_end(tmp_path: Path) -> None:
    spool = filled(tmp_path, 10)
    spool.give_back(live_since_ms=8)
    assert drained(spool, live_since_ms=8) == [8, 9, 10, 1, 2, 3, 4, 5, 6, 7]
    spool.close()


def test_a_frame_that_comes_while_the_backlog_drains_goes_next(tmp_path: Path) -> None:
    spool = filled(tmp_path, 5)
    spool.give_back(live_since_ms=100)
    first = spool.take(100)
    assert first is not None
    spool.append([frame(6, at_ms=200)])
    spool.synced(6)
    second, third = spool.take(100), spool.take(100)
    assert [each.seq for each in (first, second, third) if each] == [1, 6, 2]
    spool.close()


def test_what_was_not_confirmed_is_sent_again(tmp_path: Path) -> None:
    spool = filled(tmp_path, 3)
    assert drained(spool) == [1, 2, 3]
    spool.arrived(2)
    spool.give_back(LONG_AGO)
    assert drained(spool) == [1, 3]
    spool.close()


def test_a_frame_is_not_sent_before_it_is_synced(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0)
    spool.append([frame(1)])
    assert spool.take(LONG_AGO) is None
    spool.synced(1)
    assert spool.take(LONG_AGO) is not None
    spool.close()


def test_a_restart_keeps_epoch_numbers_and_what_had_not_arrived(tmp_path: Path) -> None:
    spool = filled(tmp_path, 40, SMALL)
    drained(spool)
    for seq in range(1, 38):
        spool.arrived(seq)
    spool.close()
    again = Spool(tmp_path, 999_999, SMALL)
    assert (again.epoch, again.next_seq, again.frames) == (1000, 41, 3)
    again.give_back(LONG_AGO)
    assert drained(again) == [38, 39, 40]
    again.close()


def test_segments_go_when_all_their_frames_have_arrived_and_numbers_go_on(tmp_path: Path) -> None:
    spool = filled(tmp_path, 100, SMALL)
    drained(spool)
    for seq in range(1, 101):
        spool.arrived(seq)
    assert spool.waiting_bytes == 0
    assert spool.disk_bytes < SMALL.memory_of_arrived_bytes + 2 * SMALL.segment_bytes
    spool.close()
    assert len(list(tmp_path.glob("*.frames"))) <= 2
    again = Spool(tmp_path, 0, SMALL)
    assert (again.next_seq, again.frames) == (101, 0)
    again.close()


def test_what_arrived_is_kept_for_a_while_and_can_be_sent_again_even_after_a_restart(tmp_path: Path) -> None:
    room = replace(SMALL, disk_bytes=80_000)
    spool = filled(tmp_path, 100, room)
    drained(spool)
    for seq in range(1, 91):
        spool.arrived(seq)
    count = spool.again()
    assert 60 < count <= 90
    spool.close()
    again = Spool(tmp_path, 0, room)
    assert again.frames == count + 10
    assert drained(again) == list(range(91 - count, 101))
    again.close()


def test_what_arrived_is_the_first_to_go_when_it_is_full(tmp_path: Path) -> None:
    room = replace(SMALL, disk_bytes=8 * 2_500)
    spool = filled(tmp_path, 40, room)
    drained(spool)
    for seq in range(1, 20):
        spool.arrived(seq)
    seq = 41
    while not spool.dropped_frames:
        spool.append([frame(seq)])
        seq += 1
    assert not spool.has_arrived
    spool.close()


def test_a_full_spool_drops_its_oldest_frames_and_counts_them(tmp_path: Path) -> None:
    spool = filled(tmp_path, 400, SMALL)
    assert spool.dropped_frames == spool.dropped_readings > 0
    assert spool.disk_bytes <= SMALL.disk_bytes + SMALL.segment_bytes
    spool.give_back(LONG_AGO)
    assert drained(spool) == list(range(spool.dropped_frames + 1, 401))
    spool.close()


def test_a_dropped_frame_in_flight_may_still_be_confirmed(tmp_path: Path) -> None:
    spool = filled(tmp_path, 10, SMALL)
    drained(spool)
    for seq in range(11, 400):
        spool.append([frame(seq)])
    spool.arrived(1)
    assert spool.frames + spool.dropped_frames == 399
    spool.close()


def test_a_flush_empties_the_journal(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0)
    spool.keep(Batch("m0", 1, 1, ["t"], [1.0]))
    assert (tmp_path / "journal").stat().st_size > 0
    spool.append([frame(1)])
    assert (tmp_path / "journal").stat().st_size == 0
    spool.close()


def test_two_agents_cannot_share_a_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0)
    with pytest.raises(SpoolError, match="in use"):
        Spool(tmp_path, 0)
    spool.close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match="file"):
        Spool(tmp_path / "file" / "spool", 0)


def test_a_folder_that_was_full_can_be_opened_when_it_has_room(tmp_path: Path) -> None:
    (tmp_path / "epoch.new").mkdir()  # so that the epoch cannot be written
    with pytest.raises(SpoolError, match="directory"):
        Spool(tmp_path, 0)
    (tmp_path / "epoch.new").rmdir()
    Spool(tmp_path, 0).close()


def test_a_lost_epoch_file_is_read_from_the_newest_frame(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 1000)
    recover(spool, ORIGIN, 30_000, 0)
    pending = Pending(Origin("demo", "e1", spool.epoch, simulated=True), 30_000)
    pending.add(Batch("m0", 1, 1, ["t"], [1.0]))
    spool.append([stored(each) for each in pending.close(1, 1, even_empty=False)])
    spool.close()
    (tmp_path / "epoch.json").write_text("{torn")
    again = Spool(tmp_path, 5000)
    assert again.epoch == 1000
    again.close()


def test_an_epoch_is_read_from_the_newest_frame_that_can_be_read_and_a_foreign_file_is_passed_over(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path, 1000)
    spool.append([real(1, batch("m0", 1.0)), frame(2)])  # the first is a frame of epoch 7, the second is none
    spool.close()
    (tmp_path / "epoch.json").unlink()
    (tmp_path / "copy of 1.frames").write_bytes(b"?")
    again = Spool(tmp_path, 5000)

    assert (again.epoch, again.next_seq) == (7, 3)
    again.close()


def test_spoilt_bytes_cost_only_the_frames_they_hit(tmp_path: Path) -> None:
    filled(tmp_path, 10).close()
    (path,) = tmp_path.glob("*.frames")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    spool = Spool(tmp_path, 0)
    assert spool.lost_bytes > 0
    spool.give_back(LONG_AGO)
    left = drained(spool)
    assert len(left) == 9
    spool.arrived(left[-1])
    assert spool.frames == 8
    spool.close()


def test_a_full_disk_costs_the_oldest_frames_first_and_stops_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0, SMALL)
    with Quota(tmp_path, 9_000) as quota:
        for seq in range(1, 200):
            spool.keep(Batch("m0", seq, seq, ["t"], [1.0]))
            spool.append([frame(seq)])
            spool.synced(seq)
        assert spool.dropped_frames > 100
        assert spool._memory_bytes() <= SMALL.memory_bytes + SMALL.segment_bytes
        left = drained(spool)
        assert left == list(range(200 - len(left), 200)), "what is left is the newest, without a hole"
        quota.most_bytes = 100_000
        spool.append([frame(200)])
        assert spool.trouble is None
    spool.close()


@pytest.mark.parametrize("is_disk", [True, False])
def test_what_is_full_drops_routine_readings_first_and_an_alarms_last_each_from_the_oldest_on(
    tmp_path: Path, is_disk: bool
) -> None:  # fmt: skip
    """Must show 4 of the proof: and each drop is counted."""
    spool = Spool(tmp_path, 0, replace(SMALL, disk_bytes=10**9) if is_disk else SMALL)
    with Quota(tmp_path, 12_000 if is_disk else 10**9):
        for seq in range(1, 301):
            spool.append([alarm(seq) if seq % 7 == 0 else real(seq, batch("m1", 1.0), batch("m2", float(seq)))])
            spool.synced(seq)
        alarms = [seq for seq in range(1, 301) if seq % 7 == 0]
        assert spool.dropped_alarms == 0
        assert spool.dropped_readings > 100
        left = sorted((each.seq, each.payload) for each in taken(spool))
        readings = [(seq, asset, value) for seq, payload in left for asset, value in told(payload)]
        assert [seq for seq, asset, _ in readings if asset == "m9"] == alarms, "every reading of an alarm is there"
        routine = sorted({seq for seq, asset, _ in readings if asset != "m9"})
        assert routine == list(range(routine[0], 301)), "of the others the newest, without a hole"
        assert len(readings) + spool.dropped_readings == 4 * len(alarms) + 2 * (300 - len(alarms)), "each is counted"
        for seq in range(301, 900):
            spool.append([alarm(seq)])
            spool.synced(seq)
        spool.give_back(LONG_AGO)
        left = sorted((each.seq, each.payload) for each in taken(spool))
        assert all(seq % 7 == 0 or seq > 300 for seq, _ in left), "no routine frame outlives an alarm's"
        seqs = [seq for seq, _ in left]
        assert seqs == [seq for seq in range(seqs[0], 900) if seq % 7 == 0 or seq > 300], "the newest of them, no hole"
        assert spool.dropped_alarms > 0, "only alarms are left, so the oldest of them go"
    spool.close()


def test_a_restart_still_knows_which_readings_are_an_alarms(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0, SMALL)
    spool.append([alarm(1), frame(2), alarm(3)])
    spool.close()
    again = Spool(tmp_path, 0, SMALL)
    for seq in range(4, 400):
        again.append([frame(seq)])
        again.synced(seq)
    again.give_back(LONG_AGO)
    kept = {each.seq: each.payload for each in taken(again)}
    assert told(kept[1]) == [("m9", 1.0)]
    assert told(kept[3]) == [("m9", 3.0)]
    assert 2 not in kept
    again.close()


def test_an_alarms_frame_in_flight_can_be_confirmed_after_the_others_of_its_file_were_dropped(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0, SMALL)
    spool.append([alarm(1), frame(2)])
    spool.synced(2)
    drained(spool)
    for seq in range(3, 400):
        spool.append([frame(seq)])
    before = spool.frames
    spool.arrived(2)
    assert spool.frames == before, "it was dropped"
    spool.arrived(1)
    assert spool.frames == before - 1
    spool.close()


def test_a_number_that_left_from_memory_is_never_used_again(tmp_path: Path) -> None:
    spool = filled(tmp_path, 1)
    with Quota(tmp_path, 0):
        for seq in (2, 3, 4):
            spool.append([frame(seq, at_ms=seq)])
            spool.synced(seq)
        assert drained(spool) == [1, 2, 3, 4], "a full disk stops no alarm"
        spool.close()  # or a kill: nothing of 2, 3 and 4 reached the disk
    again = Spool(tmp_path, 2000)
    assert again.next_seq == 5
    again.append([frame(5)])
    again.close()
    last = Spool(tmp_path, 3000)
    assert last.next_seq == 6
    last.close()


def test_what_left_while_no_file_could_be_written_at_all_keeps_its_number_through_a_kill(tmp_path: Path) -> None:
    spool = filled(tmp_path, 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # not even what is there can be written over
    try:
        for seq in (2, 3, 4):
            spool.append([frame(seq, at_ms=seq)])
            spool.synced(seq)
        sent = drained(spool)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sent == [1, 2, 3, 4]
    os.close(spool._lock)  # a kill lets go of the lock and does nothing else
    again = Spool(tmp_path, 2000)

    assert again.next_seq == 5
    again.close()


def test_a_disk_that_others_filled_keeps_frames_in_memory_and_tells(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0, SMALL)
    with Quota(tmp_path, 0) as quota:
        spool.keep(Batch("m0", 1, 1, ["t"], [1.0]))
        assert spool.trouble is not None
        for seq in range(1, 10):
            spool.append([frame(seq)])
            spool.synced(seq)
        assert spool.trouble is not None
        first = spool.take(LONG_AGO)
        assert first is not None, "what the disk refuses can still be sent"
        assert first.payload == frame(1).payload
        spool.arrived(1)
        quota.most_bytes = 100_000
        spool.append([frame(10)])
        assert spool.trouble is None
    spool.close()
    again = Spool(tmp_path, 0, SMALL)
    again.give_back(LONG_AGO)
    assert set(range(2, 11)) <= set(drained(again))
    again.close()


def test_room_is_told_in_hours_at_the_present_rate(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 0, Room(disk_bytes=1_000_000))
    assert spool.room_h(1000) > 10_000
    for seq in range(1, 101):
        spool.append([frame(seq, size=970)])
    assert 9 <= spool.room_h(3_600_000) <= 10  # 100 000 bytes an hour
    assert 9 <= spool.room_h(3_700_000) <= 10.5
    spool.close()


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(0, 400))
def test_a_torn_file_gives_every_whole_record_before_the_tear(payloads: list[bytes], cut: int) -> None:
    data = b"".join(pack(each) for each in payloads)[:cut]
    scan = Scan(data)
    found = [payload for _, payload in scan]
    assert found == payloads[: len(found)]
    assert sum(len(pack(each)) for each in payloads[: len(found)]) == scan.end <= len(data)
    assert scan.end == len(data) or len(pack(payloads[len(found)])) > len(data) - scan.end


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_of_records_raise(data: bytes) -> None:
    list(Scan(data))


class Life:
    """One edge's spool through many processes, and what must be true of it in the end."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self.folder = folder
        self.rng = rng
        self.kept: set[float] = set()  # readings that `keep` said were safe
        self.delivered: dict[int, bytes] = {}  # frames the broker confirmed to have, by number
        self.count = 0
        self.now_ms = 10**6
        self.pending = Pending(ORIGIN, 30_000)
        self.spool = self._open()

    def _open(self) -> Spool:
        spool = Spool(self.folder, 7, SMALL)
        assert spool.epoch == 7
        recover(spool, ORIGIN, 30_000, self._tick())
        spool.give_back(LONG_AGO)
        self.pending = Pending(ORIGIN, 30_000)
        return spool

    def _tick(self) -> int:
        self.now_ms += 1
        return self.now_ms

    def keep(self) -> None:
        values = [float(self.count + i) for i in range(self.rng.randint(1, 3))]
        self.count += len(values)
        now, age = self._tick(), self.rng.choice([0, 60_000])
        batch = Batch(self.rng.choice("ab"), now, now - age, ["p"] * len(values), list(values))
        batch.is_urgent = self.rng.random() < 0.3
        self.spool.keep(batch)
        self.pending.add(batch)
        self.kept |= set(values)

    def flush(self) -> None:
        frames = self.pending.close(self.spool.next_seq, self._tick(), even_empty=True)
        self.spool.append([stored(each, self.pending.urgent.get(each.seq, 0)) for each in frames])
        self.spool.synced(self.spool.next_seq - 1)

    def send(self) -> None:
        taken = self.spool.take(LONG_AGO)
        if taken is not None:
            assert self.delivered.setdefault(taken.seq, taken.payload) == taken.payload, "one number, two frames"
            if self.rng.random() < 0.7:  # else the PUBACK is lost
                self.spool.arrived(taken.seq)

    def die(self) -> None:
        """kill -9, anywhere in the next few things it does."""
        with Dying(self.rng, self.rng.randint(0, 6)):
            for _ in range(10):
                self.rng.choice([self.keep, self.flush, self.send])()
        self.spool.close()
        self.spool = self._open()

    def check(self) -> None:
        self.flush()
        self.spool.give_back(LONG_AGO)
        while (taken := self.spool.take(LONG_AGO)) is not None:
            assert self.delivered.setdefault(taken.seq, taken.payload) == taken.payload, "one number, two frames"
        found: list[float] = []
        for payload in self.delivered.values():
            found += [each.value for each in wire_frame.readings(wire_frame.decode(payload)) if each.value is not None]
        assert self.kept <= set(found), "something journalled was lost"
        assert len(found) == len(set(found)), "something was counted twice"
        assert sorted(self.delivered) == list(range(1, len(self.delivered) + 1)), "a number was left out"
        self.spool.close()


@given(st.integers(0, 2**32))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whenever_it_dies_nothing_journalled_is_lost_and_no_number_is_doubled(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    folder = tmp_path / f"life-{seed}"
    life = Life(folder, rng)
    for _ in range(rng.randint(5, 40)):
        action = rng.choices(["keep", "flush", "send", "die"], [6, 3, 6, 1])[0]
        if action == "die":
            life.die()
        else:
            getattr(life, action)()
    life.check()
    shutil.rmtree(folder)
