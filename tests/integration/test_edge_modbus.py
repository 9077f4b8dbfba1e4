"""The edge's lines against Modbus servers that are not ours, and against some that misbehave."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.batch import Batch
from edge.breaker import State
from edge.cabinet import Cabinet
from edge.modbus import line
from edge.polling import poll
from runtime.clock import Clock
from tests.edge_places import PLAIN, rtu_bus, site, tcp_bus
from tests.modbus_peers import (
    answer,
    count_of,
    exception,
    modbus_tk_rtu,
    pymodbus_simulator,
    pymodbustcp_server,
    serial_pair,
    tcp_peer,
)
from tests.patience import eventually
from vocab.quality import Reason
from vocab.site import Site

FAST = PLAIN.replace('point = "temperature"', 'point = "temperature"\nperiod_s = 0.1').replace(
    'point = "pressure"', 'point = "pressure"\nperiod_s = 0.1'
)


class Seen:
    """What the cabinet told while it was polled."""

    def __init__(self, site: Site) -> None:
        self.batches: list[Batch] = []
        self.cabinet = Cabinet(site, "e1", epoch=1, keep=self.batches.append)

    def last(self, asset: str, point: str) -> tuple[float | None, Reason] | None:
        for batch in reversed(self.batches):
            if batch.asset == asset and point in batch.points:
                place = batch.points.index(point)
                return batch.values[place], Reason(batch.reasons[place] if batch.reasons else 0)
        return None


@asynccontextmanager
async def polled(site: Site, pipeline: int = 8) -> AsyncIterator[Seen]:
    """The site's bus `b`, being polled."""
    seen = Seen(site)
    way = line(site.edge("e1").bus[0], seen.cabinet.requests, pipeline)
    tasks = [asyncio.create_task(way.run()), asyncio.create_task(poll(seen.cabinet, "b", way, Clock()))]
    try:
        yield seen
    finally:
        for task in tasks:
            assert not task.done(), task
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def meters(count: int, bus: str, make: str = PLAIN) -> Site:
    return site({"plain": make}, [("plain", f"unit = {i + 1}") for i in range(count)], bus)


async def test_it_reads_pymodbus_own_simulator(free_port: int) -> None:
    make = (
        '[modbus]\n[[modbus.register]]\npoint = "distance"\ntable = "holding"\naddress = 3\n'
        '[[modbus.register]]\npoint = "energy"\ntable = "holding"\naddress = 4\ntype = "u32"\nperiod_s = 1\n'
        '[[modbus.register]]\npoint = "temperature"\ntable = "input"\naddress = 1\n'
    )
    async with pymodbus_simulator(free_port) as device, polled(meters(1, tcp_bus(free_port), make)) as seen:
        await eventually(lambda: seen.last("m0", "temperature") is not None and seen.last("m0", "energy") is not None)
        assert seen.last("m0", "distance") == (device["uint16"][0]["value"], Reason.NONE)
        assert seen.last("m0", "energy") == (device["uint32"][0]["value"], Reason.NONE)
        assert seen.last("m0", "temperature") == (None, Reason.COMM_ERROR)  # it lists address 1 as invalid


async def test_it_reads_a_server_that_is_not_built_on_pymodbus(free_port: int) -> None:
    with pymodbustcp_server(free_port, [0xFFD6, 410]) as server:
        async with polled(meters(3, tcp_bus(free_port), FAST)) as seen:
            await eventually(lambda: seen.last("m2", "pressure") is not None)
            assert seen.last("m2", "temperature") == (-4.2, Reason.NONE)
            server.data_bank.set_holding_registers(0, [257])
            await eventually(lambda: seen.last("m0", "temperature") == (25.7, Reason.NONE))


@pytest.mark.filterwarnings("ignore:isSet:DeprecationWarning")  # modbus-tk asks its thread in the old way
async def test_it_reads_modbus_tk_over_a_serial_line_and_finds_who_is_silent() -> None:
    with serial_pair() as (ours, theirs), modbus_tk_rtu(theirs, {1: [257, 410], 3: [0xFFD6, 100]}):
        async with polled(meters(3, rtu_bus(Path(ours), timeout_s=0.3))) as seen:
            await eventually(lambda: all(seen.last(f"m{i}", "temperature") is not None for i in range(3)))
            assert seen.last("m0", "temperature") == (25.7, Reason.NONE)
            assert seen.last("m1", "temperature") == (None, Reason.COMM_TIMEOUT)
            assert seen.last("m2", "temperature") == (-4.2, Reason.NONE)


@pytest.mark.filterwarnings("ignore:isSet:DeprecationWarning")
async def test_a_serial_port_that_is_not_there_is_tried_again(tmp_path: Path) -> None:
    port = tmp_path / "tty"
    with serial_pair() as (ours, theirs), modbus_tk_rtu(theirs, {1: [257, 410]}):
        async with polled(meters(1, rtu_bus(port, timeout_s=0.3))) as seen:
            await eventually(lambda: seen.last("m0", "temperature") == (None, Reason.COMM_TIMEOUT))
            port.symlink_to(ours)
            await eventually(lambda: seen.last("m0", "temperature") == (25.7, Reason.NONE))


@pytest.mark.alone  # it counts real seconds
async def test_a_silent_slave_delays_nobody_else() -> None:
    """Twenty units behind one connection, one of them dead, and every other keeps its ten polls a second."""
    polls: Counter[int] = Counter()

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        polls[request[6]] += 1
        if request[6] != 7:
            writer.write(answer(request, [257, 410]))

    async with tcp_peer(behave) as port, polled(meters(20, tcp_bus(port, timeout_s=1.0), FAST)) as seen:
        await asyncio.sleep(1.5)  # the dead one is found out
        polls.clear()
        started = time.monotonic()
        await asyncio.sleep(4)
        seconds = time.monotonic() - started
        healthy = [polls[unit] for unit in range(1, 21) if unit != 7]
        assert min(healthy) >= 0.9 * 10 * seconds
        assert polls[7] <= 3
        assert seen.last("m6", "temperature") == (None, Reason.COMM_TIMEOUT)
        assert seen.cabinet.breakers()["d6"].state is not State.CLOSED


async def test_a_gateway_that_waits_for_its_dead_slave_makes_no_other_slave_bad() -> None:
    """It asks one slave after the other and gives each half a second; our own time-out is a second."""
    turn = asyncio.Lock()
    tasks: list[asyncio.Task[None]] = []

    async def ask(request: bytes, writer: asyncio.StreamWriter) -> None:
        async with turn:
            if request[6] == 3:
                await asyncio.sleep(0.5)
                writer.write(exception(request, 11))
            else:
                await asyncio.sleep(0.005)
                writer.write(answer(request, [257, 410]))

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.create_task(ask(request, writer)))

    async with tcp_peer(behave) as port, polled(meters(10, tcp_bus(port), FAST)) as seen:
        await asyncio.sleep(4)
        bad = {batch.asset for batch in seen.batches if batch.reasons}
        assert bad == {"m2"}
        assert seen.last("m2", "temperature") == (None, Reason.COMM_TIMEOUT)
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("code", range(1, 12))
async def test_an_exception_costs_only_whom_it_concerns(code: int) -> None:
    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(exception(request, code) if request[6] == 1 else answer(request, [257, 410]))

    async with tcp_peer(behave) as port, polled(meters(2, tcp_bus(port), FAST)) as seen:
        await eventually(lambda: None not in (seen.last("m0", "temperature"), seen.last("m1", "temperature")))
        expected = Reason.COMM_TIMEOUT if code in (10, 11) else Reason.COMM_ERROR
        assert seen.last("m0", "temperature") == (None, expected)
        assert seen.last("m1", "temperature") == (25.7, Reason.NONE)


async def test_short_answers_are_comm_errors_and_the_next_is_read() -> None:
    asked: Counter[int] = Counter()

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        asked[request[6]] += 1
        is_short = asked[request[6]] <= 3
        writer.write(answer(request, [257] if is_short else [257] * count_of(request)))

    async with tcp_peer(behave) as port, polled(meters(1, tcp_bus(port), FAST)) as seen:
        await eventually(lambda: seen.last("m0", "temperature") == (25.7, Reason.NONE))
        assert seen.batches[0].reasons == [Reason.COMM_ERROR, Reason.COMM_ERROR]


async def test_a_server_that_hangs_is_told_and_connected_anew() -> None:
    connections: set[int] = set()
    healed = asyncio.Event()

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        connections.add(id(writer))
        if healed.is_set():
            writer.write(answer(request, [257, 410]))

    async with tcp_peer(behave) as port, polled(meters(3, tcp_bus(port, 0.2), FAST)) as seen:
        await eventually(lambda: all(seen.last(f"m{i}", "temperature") for i in range(3)))
        assert seen.last("m0", "temperature") == (None, Reason.COMM_TIMEOUT)
        await eventually(lambda: len(connections) >= 2)
        healed.set()
        await eventually(lambda: seen.last("m0", "temperature") == (25.7, Reason.NONE))


async def test_a_server_that_closes_is_told_and_connected_anew() -> None:
    asked = 0

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        if asked <= 3:
            writer.close()
        else:
            writer.write(answer(request, [257, 410]))

    async with tcp_peer(behave) as port, polled(meters(2, tcp_bus(port), FAST)) as seen:
        await eventually(lambda: all(seen.last(f"m{i}", "temperature") == (25.7, Reason.NONE) for i in range(2)))
        assert any(batch.reasons for batch in seen.batches)


async def test_garbage_is_a_comm_error_and_the_connection_is_made_anew() -> None:
    asked = 0

    async def behave(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" if asked <= 2 else answer(_, [257, 410]))

    async with tcp_peer(behave) as port, polled(meters(1, tcp_bus(port), FAST)) as seen:
        await eventually(lambda: seen.last("m0", "temperature") == (25.7, Reason.NONE))
        assert seen.batches[0].reasons == [Reason.COMM_ERROR, Reason.COMM_ERROR]


async def test_a_late_answer_is_never_taken_for_anothers() -> None:
    """Unit 1 answers its first question after our time-out, with a value that nobody may ever see."""
    asked: Counter[int] = Counter()
    tasks: list[asyncio.Task[None]] = []

    async def late(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.5)
        writer.write(answer(request, [9990, 9990]))

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        asked[request[6]] += 1
        if request[6] == 1 and asked[1] == 1:
            tasks.append(asyncio.create_task(late(request, writer)))
        else:
            writer.write(answer(request, [257, 410]))

    async with tcp_peer(behave) as port, polled(meters(4, tcp_bus(port, 0.3), FAST)) as seen:
        await eventually(lambda: seen.last("m0", "temperature") == (25.7, Reason.NONE))
        assert all(999.0 not in batch.values for batch in seen.batches)
    await asyncio.gather(*tasks)


async def test_a_server_that_appears_later_is_found(free_port: int) -> None:
    async with polled(meters(1, tcp_bus(free_port))) as seen:
        await eventually(lambda: seen.last("m0", "temperature") == (None, Reason.COMM_TIMEOUT))
        with pymodbustcp_server(free_port, [257, 410]):
            await eventually(lambda: seen.last("m0", "temperature") == (25.7, Reason.NONE))


async def test_a_server_that_takes_one_question_at_a_time_is_not_overrun() -> None:
    """It forgets what comes while it works. The window must come down to one by itself, and nobody may stay bad."""
    busy: set[int] = set()
    tasks: list[asyncio.Task[None]] = []

    async def work(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.01)
        writer.write(answer(request, [257, 410]))
        busy.clear()

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        if not busy:
            busy.add(1)
            tasks.append(asyncio.create_task(work(request, writer)))

    async with tcp_peer(behave) as port, polled(meters(4, tcp_bus(port, 0.2), FAST)) as seen:
        await asyncio.sleep(6)
        before = {f"m{i}": seen.cabinet.tally.asked for i in range(4)}
        await asyncio.sleep(2)
        assert seen.cabinet.tally.asked - before["m0"] > 20
        await eventually(lambda: all(seen.last(f"m{i}", "temperature") == (25.7, Reason.NONE) for i in range(4)))
    await asyncio.gather(*tasks, return_exceptions=True)
