"""The edge bench: what its devices do, what it counts, and how its rows are reckoned."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import pytest

from anlan.bench.agent import Delivered, lay_out
from anlan.bench.bare import Bare
from anlan.bench.collector import good_values
from anlan.bench.counter import acknowledged
from anlan.bench.edge import dead_rows, tcp_rows
from anlan.bench.field import Answers, line_limit, tcp_field
from anlan.bench.frame import Options
from anlan.bench.sender import packets_of
from anlan.bench.wired import CONTIGUOUS, SCATTERED, files, tcp_buses
from anlan.places import LOOPBACK
from edge.check import check
from runtime.files import load_site
from wire.frame import AssetColumns, Frame, encode

RUN = Delivered({f"m{unit}": 3_000 for unit in range(1, 101)}, 300_000, 2.0, 1.0, 50.0)


def test_a_line_carries_what_question_silence_and_answer_leave_it() -> None:
    # 8 bytes, 3.5 characters of silence, 45 bytes, 3.5 characters; ten bits each.
    assert line_limit(9_600, 20) == pytest.approx(20 / (60 * 10 / 9_600))
    assert line_limit(115_200, 20) == pytest.approx(20 / (53 * 10 / 115_200 + 2 * 0.00175))


@pytest.mark.parametrize(("addresses", "reads"), [(CONTIGUOUS, 1), (SCATTERED, 4)])
def test_the_site_of_the_bench_is_read_in_so_many_questions(
    tmp_path: Path, addresses: tuple[int, ...], reads: int
) -> None:
    lay_out(tmp_path, files(3, addresses, tcp_buses([1502, 1502]), 2))

    plan = check(load_site(tmp_path), "e0")

    assert len(plan.blocks) == 3 * reads
    assert [block.bus for block in plan.blocks[::reads]] == ["b0", "b1", "b0"]


def test_figures_are_by_the_clock_by_the_core_and_against_the_loops() -> None:
    rows = tcp_rows("way", RUN, Bare(400_000, 2.0, 2.0), Bare(600_000, 2.0, 1.0), (20, 40), quick=False)
    by_case = {row.case.rpartition(": ")[2]: row for row in rows}

    delivered = by_case["values delivered, against bare pymodbus"]
    assert (delivered.figure, delivered.reference, delivered.ratio, delivered.met) == (150_000, 100_000, 1.5, True)
    assert by_case["against a libmodbus loop in C"].reference == 150_000
    assert (by_case["a core delivers"].figure, by_case["a core delivers"].met) == (300_000, True)
    assert by_case["processor time of 1 000 values"].figure == pytest.approx(1 / 300)
    assert by_case["peak memory of the agent"].met is True


def test_dead_units_are_weighed_against_the_share_of_the_living() -> None:
    alive = {name: count for name, count in RUN.by_asset.items() if name not in {"m10", "m30", "m50", "m70", "m90"}}
    some = Delivered(alive, 285_000, 2.0, 1.0, 50.0)

    healthy, heard = dead_rows(RUN, some, Options())
    assert (healthy.ratio, healthy.met) == (1.0, True)
    assert (heard.figure, heard.reference, heard.met) == (95, 95, True)
    slow = Delivered({name: count // 2 for name, count in alive.items()}, 142_500, 2.0, 1.0, 50.0)
    assert dead_rows(RUN, slow, Options())[0].met is False


def test_counted_are_good_values_that_were_measured_in_time() -> None:
    blocks = [
        AssetColumns("m1", ["p0", "p1", "p2"], [1.0, 2.0, None], [-30, -20, -10], [(2, 2, "comm_timeout")]),
        AssetColumns("m2", ["p0"], [1.0]),
    ]
    payload = encode(Frame(1, "bench", "e0", 1, 1, 1_000, blocks))

    assert good_values(payload, 975, 2_000) == Counter({"m1": 1, "m2": 1})
    assert good_values(payload, 0, 975) == Counter({"m1": 1})


def test_a_packet_is_read_as_it_was_written_wherever_it_is_cut() -> None:
    [packet] = packets_of([("anlan/v1/bench/e0/tele", b"x" * 300)])
    payloads: list[bytes] = []

    assert acknowledged(bytearray(packet[:200]), payloads) == ([], 0)
    keys, used = acknowledged(bytearray(packet + packet[:5]), payloads)
    assert (keys, used, payloads) == ([b"\0\1"], len(packet), [b"x" * 300])


def test_every_answer_of_a_device_is_another_one() -> None:
    answers = Answers()

    assert len({answers.next(20) for _ in range(60)}) == 60
    assert len(answers.next(20)) == 40


def test_a_dead_unit_takes_the_question_and_the_others_answer(free_port: int) -> None:
    def question(number: int, unit: int) -> bytes:
        return bytes((0, number, 0, 0, 0, 6, unit, 3, 0, 0, 0, 2))

    with tcp_field(free_port, dead=(2,)) as counts, socket.create_connection((LOOPBACK, free_port), timeout=10) as link:
        link.sendall(question(1, 2) + question(2, 3))
        answer = link.recv(100)
        told = list(counts[1:4])

    assert answer[:9] == bytes((0, 2, 0, 0, 0, 7, 3, 3, 4))
    assert told == [0, 0, 2]
