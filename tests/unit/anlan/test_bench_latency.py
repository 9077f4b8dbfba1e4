"""The benches of latency and of single messages: what they send is believed, and how their rows are reckoned."""

from __future__ import annotations

from pathlib import Path

from anlan.bench.agent import lay_out
from anlan.bench.duty import files, name_of, schedule
from anlan.bench.frame import Options
from anlan.bench.latency import Level, Moments, rows_of
from anlan.bench.messages import EVERY_MS, made
from anlan.bench.messages import rows_of as message_rows
from anlan.bench.plant import plant
from anlan.bench.start import rows_of as start_rows
from anlan.bench.start import shows_a_reading
from runtime.files import load_site
from wire.gate import Gate
from wire.message import Message
from wire.verdict import Accepted

BEGIN_MS = 1_774_483_200_000


def test_the_load_and_the_probes_are_sent_in_order_and_the_gate_takes_all(tmp_path: Path) -> None:
    lay_out(tmp_path, files(300, "http://127.0.0.1:9/"))
    site = load_site(tmp_path)
    seqs = {"e0": 7}

    planned = list(schedule(10_000, 1.0, range(250, 255), BEGIN_MS, seqs))
    answers = Gate([site]).judge_all([Message(each.topic, each.payload) for each in planned], BEGIN_MS + 1_000)

    frames = [each for each in answers if isinstance(each, Accepted)]
    assert len(frames) == len(planned) == 50 + 5
    assert not any(frame.refused or frame.quality.any() for frame in frames)
    assert [each.at_s for each in planned] == sorted(each.at_s for each in planned)
    assert {each.probe for each in planned if each.probe} == {name_of(probe) for probe in range(250, 255)}
    assert seqs == {"e0": 17, "e1": 10, "e2": 10, "e3": 10, "e4": 10, "ep": 5}
    assert next(frame.seq for frame in frames if frame.edge == "e0") == 8


def test_a_stage_is_reckoned_from_when_each_probe_was_sent_and_what_never_came_is_told() -> None:
    sent = {f"p{number}": float(number) for number in range(100)}
    later = {name: at + 0.005 for name, at in sent.items()}
    late = {name: at + (0.05 if name == "p7" else 0.005) for name, at in sent.items()}
    walls = [later, {name: at for name, at in later.items() if name != "p3"}]
    moments = Moments(sent, {name: at + 0.001 for name, at in sent.items()}, later, late, walls)

    rows = {row.case: row for row in rows_of(Level(1_000.0, tuple(sent), 999.0, 10.0), moments, Options())}

    p99 = rows["1,000 readings/s: published to alarm and ticket committed, p99"]
    assert (round(p99.figure, 3), round(p99.reference or 0, 3), p99.goal, p99.met) == (5.0, 1.0, "≤ 10", True)
    assert round(rows["1,000 readings/s: published to page handed to the channel, max"].figure) == 50
    missing = rows["1,000 readings/s: what never came, of 100 alarms at 4 places"]
    assert (missing.figure, missing.met) == (1, False)


def test_a_stage_that_nothing_reached_meets_no_goal() -> None:
    moments = Moments({"p0": 1.0}, {"p0": 1.1}, {}, {}, [{}])

    rows = rows_of(Level(1_000.0, ("p0",), 1_000.0, 10.0), moments, Options())

    assert not any(row.met for row in rows)


def test_single_messages_are_believed_and_every_point_has_its_turn() -> None:
    messages = [Message(topic, payload) for topic, payload in made(10_050, BEGIN_MS)]
    answers = Gate([plant(10_000, 50)]).judge_all(messages, BEGIN_MS + 201 * EVERY_MS)

    frames = [each for each in answers if isinstance(each, Accepted)]
    assert len(frames) == 10_050
    assert not any(frame.refused or frame.quality.any() for frame in frames)
    assert len({int(frame.series[0]) for frame in frames[:10_000]}) == 10_000
    assert {int(frame.series[0]) for frame in frames[10_000:]} == {int(frame.series[0]) for frame in frames[:50]}


def test_messages_are_reckoned_by_the_slower_of_store_and_alarms() -> None:
    rate, share, *_ = message_rows(100_000, 2.0, (1.0, 4.0), {"broker": 1.0, "alerts": 3.0}, Options())

    assert (rate.figure, rate.reference, rate.ratio, rate.met) == (25_000, 50_000, 0.5, True)
    assert (share.figure, share.met) == (0.5, False)


def test_a_start_is_over_when_equipment_has_spoken_and_the_worst_counts() -> None:
    reading, page = start_rows([(2.0, 4.0), (3.0, 6.0)], 1.0, Options())

    assert (reading.figure, page.figure, reading.met) == (6.0, 3.0, False)
    assert not shows_a_reading(None)
    assert not shows_a_reading(b'{"latest": {"edge-a/heartbeat": [1, 2, 0, "none"]}}')
    assert shows_a_reading(b'{"latest": {"boiler-1/temp": [1, 2, 0, "none"]}, "seq": 3}')
