"""Masters that we did not write read from the simulator what the packs' register maps promise."""

from __future__ import annotations

import asyncio
import contextlib
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
from modbus_tk import modbus_rtu, modbus_tcp
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException
from pyModbusTCP.client import ModbusClient

from firmware_sim.scenario import Injection
from firmware_sim.service import Settings
from firmware_sim.tcp import UnknownUnit
from firmware_sim.world import World
from tests.integration.simulated import Running, simulator
from tests.unit.firmware_sim.places import fault

HOST = "127.0.0.1"


def told(twin: World, asset: str, point: str) -> float:
    """What the sensor says, before any encoding."""
    value = twin.signals(asset)[point].value
    assert isinstance(value, float | int)
    return float(value)


async def mbpoll(*arguments: str) -> dict[int, int]:
    """Debian's mbpoll, once; what it printed by address."""
    process = await asyncio.create_subprocess_exec(
        "mbpoll", "-0", "-1", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    text = output.decode()
    found = {int(address): int(value) for address, value in re.findall(r"^\[(\d+)\]:\s+(-?\d+)", text, re.M)}
    assert found, text
    return found


@pytest.mark.needs("mbpoll")
async def test_mbpoll_reads_over_tcp_what_the_map_of_the_sola_promises(tmp_path: Path) -> None:
    """Domain §2.1 [S11]: 7 outlet 0.1 °C, 8 firing 0.1 %, 10 flame 0.01 V, 11 inlet, 14 stack, 32 state, 34 lock."""
    async with simulator(tmp_path) as running:
        sola = ("-t", "4", "-a", "1", "-p", str(running.port), HOST)
        found = await mbpoll("-r", "7", "-c", "8", *sola) | await mbpoll("-r", "32", "-c", "3", *sola)
        twin = running.twin
        assert found[7] == round(told(twin, "hot", "supply_temp") / 0.1)
        assert found[8] == round(told(twin, "hot", "firing_rate") / 0.1)
        assert found[10] == round(told(twin, "hot", "flame_signal") / 0.01)
        assert found[11] == round(told(twin, "hot", "return_temp") / 0.1)
        assert found[14] == round(told(twin, "hot", "flue_temp") / 0.1)
        assert found[32] == 51, "firing"
        assert found[34] == 0, "no lock-out"
        assert 600 < found[7] < 850
        hours = await mbpoll("-t", "4:int", "-B", "-a", "1", "-r", "130", "-c", "1", "-p", str(running.port), HOST)
        assert hours[130] == round(told(twin, "hot", "run_hours"))


@pytest.mark.needs("mbpoll")
async def test_mbpoll_reads_floats_and_bits_over_tcp(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running:
        port = str(running.port)
        registers = await mbpoll("-t", "4", "-a", "10", "-r", "0", "-c", "11", "-p", port, HOST)
        low_word_first = struct.pack(">HH", registers[3] & 0xFFFF, registers[2] & 0xFFFF)
        assert struct.unpack(">f", low_word_first)[0] == pytest.approx(told(running.twin, "lab", "ch4"), abs=1e-5)
        bits = await mbpoll("-t", "1", "-a", "16", "-r", "0", "-c", "2", "-p", port, HOST)
        assert bits == {0: 1, 1: 1}, "self-check passed, staff present"


@pytest.mark.needs("mbpoll")
async def test_mbpoll_reads_over_rtu_from_several_slaves_of_one_line(tmp_path: Path) -> None:
    """Domain §2.2 [S39]: QDY30A 2 unit (1 is kPa), 3 decimals, 4 value. §2.5 [S25]: SEN0492 0x34 mm."""
    async with simulator(tmp_path) as running:
        serial_line = ("-m", "rtu", "-P", "none", "-b", "9600")
        pressure = await mbpoll(*serial_line, "-t", "4", "-a", "14", "-r", "2", "-c", "3", str(running.line))
        assert pressure == {2: 1, 3: 2, 4: round(told(running.twin, "line", "line_pressure") * 100)}
        laser = await mbpoll(*serial_line, "-t", "4", "-a", "15", "-r", "52", "-c", "1", str(running.line))
        assert laser == {52: round(told(running.twin, "pool", "distance"))}


async def test_pymodbus_reads_every_register_of_every_device_over_tcp(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running, _pymodbus(running.port) as client:
        count = await _read_all(client, running, "bus")
        assert count > 60


async def test_pymodbus_reads_every_register_of_every_slave_over_rtu(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running:
        client = AsyncModbusSerialClient(str(running.line), baudrate=9600, timeout=1)
        assert await client.connect()
        try:
            assert await _read_all(client, running, "line") >= 5
        finally:
            client.close()


@contextlib.asynccontextmanager
async def _pymodbus(port: int) -> Any:
    client = AsyncModbusTcpClient(HOST, port=port, timeout=1, retries=0)
    assert await client.connect()
    try:
        yield client
    finally:
        client.close()


async def _read_all(client: Any, running: Running, bus: str) -> int:
    """Every row of every device on a bus, against the twin."""
    site, count = running.twin.site, 0
    for asset in site.file.asset:
        for box in asset.device:
            modbus = site.packs[asset.kind].makes[box.make].modbus
            if box.bus != bus or modbus is None:
                continue
            for row in modbus.registers:
                name = {"holding": "read_holding_registers", "input": "read_input_registers",
                        "coil": "read_coils", "discrete": "read_discrete_inputs"}[row.table]  # fmt: skip
                answer = await getattr(client, name)(row.address, count=1, device_id=box.unit)
                assert not answer.isError(), (box.id, row.point, answer)
                values = answer.registers or [int(bit) for bit in answer.bits[:1]]
                assert values == running.twin.read(box.id, row.table, row.address, 1), (box.id, row.point)
                count += 1
    return count


async def test_pymodbustcp_and_modbus_tk_read_the_same(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running:
        expected = running.twin.read("hot-burner", "holding", 7, 8)
        assert await asyncio.to_thread(_by_pymodbustcp, running.port) == expected
        assert await asyncio.to_thread(_by_modbus_tk_tcp, running.port) == expected
        pressure = running.twin.read("line-pressure", "holding", 2, 3)
        assert await asyncio.to_thread(_by_modbus_tk_rtu, running.line) == pressure


def _by_pymodbustcp(port: int) -> list[int] | None:
    client = ModbusClient(host=HOST, port=port, unit_id=1, auto_open=True, auto_close=True, timeout=2)
    found: list[int] | None = client.read_holding_registers(7, 8)
    return found


def _by_modbus_tk_tcp(port: int) -> list[int]:
    with _closing(modbus_tcp.TcpMaster(HOST, port, timeout_in_sec=2)) as master:
        return list(master.execute(1, 3, 7, 8))


def _by_modbus_tk_rtu(line: Path) -> list[int]:
    with _closing(modbus_rtu.RtuMaster(serial.Serial(str(line), 9600, timeout=1))) as master:
        master.set_timeout(1.0)
        return list(master.execute(14, 3, 2, 3))


@contextlib.contextmanager
def _closing(master: Any) -> Iterator[Any]:
    try:
        yield master
    finally:
        master.close()


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda client: client.write_register(7, 1, device_id=1), 1),
        (lambda client: client.read_holding_registers(0, count=1, device_id=1), 2),  # forbidden
        (lambda client: client.read_holding_registers(500, count=1, device_id=1), 2),
        (lambda client: client.read_holding_registers(7, count=80, device_id=1), 3),  # more than the device can
    ],
)
async def test_what_cannot_be_read_is_refused_with_the_right_exception(
    tmp_path: Path, ask: Callable[[Any], Any], code: int
) -> None:
    async with simulator(tmp_path) as running, _pymodbus(running.port) as client:
        answer = await ask(client)
        assert answer.isError()
        assert answer.exception_code == code


async def test_nobody_answers_for_a_unit_that_is_not_there(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running, _pymodbus(running.port) as client:
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(7, count=1, device_id=99)
        answer = await client.read_holding_registers(7, count=1, device_id=1)
        assert not answer.isError(), "the connection is as good as before"


async def test_a_gateway_may_say_that_its_target_does_not_answer(tmp_path: Path) -> None:
    settings = Settings(unknown_unit=UnknownUnit.EXCEPTION)
    async with simulator(tmp_path, settings=settings) as running, _pymodbus(running.port) as client:
        answer = await client.read_holding_registers(7, count=1, device_id=99)
        assert answer.exception_code == 0x0B


async def _raw(running: Running, request: str, wait_s: float = 0.3) -> bytes:
    """What comes back for the bytes of a request, until silence or the end."""
    reader, writer = await asyncio.open_connection(HOST, running.port)
    writer.write(bytes.fromhex(request))
    answer = b""
    with contextlib.suppress(TimeoutError):
        while data := await asyncio.wait_for(reader.read(256), wait_s):
            answer += data
        answer += b"<end>"
    writer.transport.abort()
    return answer


READ_7 = "0005000000060103" + "00070001"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("device_dead", ""),
        ("short_answer", "00050000000501030200"),
        ("connection_close", b"<end>".hex()),
        ("exception_answer", "000500000003018304"),
    ],
)
async def test_a_broken_link_looks_on_the_wire_as_it_should(tmp_path: Path, name: str, expected: str) -> None:
    async with simulator(tmp_path, fault("hot", name)) as running:
        assert (await _raw(running, READ_7)).hex() == expected


async def test_a_slow_answer_comes_after_half_of_the_time_out(tmp_path: Path) -> None:
    async with simulator(tmp_path, fault("hot", "slow_answer")) as running:
        started = asyncio.get_running_loop().time()
        assert len(await _raw(running, READ_7, 0.6)) == 11
        assert asyncio.get_running_loop().time() - started > 0.25


async def test_requests_may_come_in_any_pieces_and_several_at_once(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running:
        whole = await _raw(running, READ_7)
        assert await _raw(running, READ_7 + READ_7) == whole + whole
        reader, writer = await asyncio.open_connection(HOST, running.port)
        for byte in bytes.fromhex(READ_7):
            writer.write(bytes((byte,)))
            await writer.drain()
            await asyncio.sleep(0.005)
        assert await asyncio.wait_for(reader.readexactly(len(whole)), 2) == whole
        writer.transport.abort()


async def test_a_stream_that_is_no_modbus_is_cut_and_others_are_not_disturbed(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running, _pymodbus(running.port) as client:
        assert await _raw(running, "474554202f20485454502f312e310d0a0d0a") == b"<end>"
        assert not (await client.read_holding_registers(7, count=1, device_id=1)).isError()


async def test_a_dead_device_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    async with simulator(tmp_path, fault("hot", "device_dead")) as running, _pymodbus(running.port) as client:
        with pytest.raises(ModbusIOException):
            await client.read_holding_registers(7, count=1, device_id=1)
        assert not (await client.read_holding_registers(8, count=1, device_id=5)).isError()


@pytest.mark.parametrize("broken", [fault("line", "garbage_answer"), fault("line", "device_dead")])
async def test_noise_on_the_line_does_not_stop_the_other_slaves(tmp_path: Path, broken: Injection) -> None:
    async with simulator(tmp_path, broken) as running:

        def ask() -> list[int]:
            with _closing(modbus_rtu.RtuMaster(serial.Serial(str(running.line), 9600, timeout=0.3))) as master:
                master.set_timeout(0.3)
                with contextlib.suppress(Exception):
                    master.execute(14, 3, 2, 3)
                return list(master.execute(15, 3, 52, 1))

        assert await asyncio.to_thread(ask) == running.twin.read("pool-laser", "holding", 52, 1)


async def test_a_slave_recovers_from_half_a_request(tmp_path: Path) -> None:
    async with simulator(tmp_path) as running:

        def ask() -> bytes:
            with serial.Serial(str(running.line), 9600, timeout=1) as line:
                line.write(bytes.fromhex("0e0300"))
                line.flush()
                _silence()
                line.write(bytes.fromhex("0e0300020003") + _crc(bytes.fromhex("0e0300020003")))
                return bytes(line.read(11))

        assert (await asyncio.to_thread(ask))[:3].hex() == "0e0306"


def _silence() -> None:
    """Longer than the line waits for the rest of a frame."""
    import time

    time.sleep(0.2)


def _crc(frame: bytes) -> bytes:
    """CRC-16/MODBUS, written from the specification."""
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")
