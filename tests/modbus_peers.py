"""Modbus servers that we did not write, and some that misbehave on purpose. All on loopback, all bounded."""

from __future__ import annotations

import asyncio
import json
import os
import select
import struct
import threading
import tty
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import resources
from typing import Any

HOST = "127.0.0.1"

Behaviour = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def tcp_peer(behave: Behaviour) -> AsyncIterator[int]:
    """A server whose answer to each request is `behave(request, writer)`; yields its port."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            while head := await reader.readexactly(6):
                body = await reader.readexactly(int.from_bytes(head[4:6], "big"))
                await behave(head + body, writer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0)


def answer(request: bytes, values: list[int]) -> bytes:
    """The right answer to a read of registers."""
    data = struct.pack(f">{len(values)}H", *values)
    return request[:4] + struct.pack(">HBBB", len(data) + 3, request[6], request[7], len(data)) + data


def exception(request: bytes, code: int) -> bytes:
    """A Modbus exception."""
    return request[:4] + struct.pack(">HBBB", 3, request[6], request[7] | 0x80, code)


def count_of(request: bytes) -> int:
    """How many registers were asked for."""
    return int.from_bytes(request[10:12], "big")


@asynccontextmanager
async def pymodbus_simulator(port: int) -> AsyncIterator[dict[str, Any]]:
    """pymodbus' own simulator with the JSON configuration that it ships (its web page left out: that needs aiohttp)."""
    from pymodbus.datastore import ModbusServerContext, ModbusSimulatorContext
    from pymodbus.server import ModbusTcpServer

    text = resources.files("pymodbus.server.simulator").joinpath("setup.json").read_text()
    device: dict[str, Any] = json.loads(text)["device_list"]["device"]
    context = ModbusServerContext(devices=ModbusSimulatorContext(json.loads(text)["device_list"]["device"], None))
    server = ModbusTcpServer(context, address=(HOST, port))
    await server.serve_forever(background=True)
    try:
        yield device
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


@contextmanager
def pymodbustcp_server(port: int, registers: list[int]) -> Iterator[Any]:
    """The server of pyModbusTCP, which shares no code with pymodbus."""
    from pyModbusTCP.server import ModbusServer

    server = ModbusServer(HOST, port, no_block=True)
    server.start()
    server.data_bank.set_holding_registers(0, registers)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def serial_pair() -> Iterator[tuple[str, str]]:
    """Two ports joined by a cable of our own: what goes in at one comes out at the other."""
    ends = [os.openpty() for _ in range(2)]
    for master, slave in ends:
        tty.setraw(slave)
        os.set_blocking(master, False)
    stop_read, stop_write = os.pipe()

    def carry() -> None:
        masters = [master for master, _ in ends]
        while True:
            ready, _, _ = select.select([*masters, stop_read], [], [])
            if stop_read in ready:
                return
            for master in ready:
                other = masters[1 - masters.index(master)]
                os.write(other, os.read(master, 4096))

    cable = threading.Thread(target=carry, daemon=True)
    cable.start()
    try:
        yield os.ttyname(ends[0][1]), os.ttyname(ends[1][1])
    finally:
        os.write(stop_write, b"x")
        cable.join()
        for descriptor in (*ends[0], *ends[1], stop_read, stop_write):
            os.close(descriptor)


@contextmanager
def modbus_tk_rtu(port: str, units: dict[int, list[int]], baud: int = 9600) -> Iterator[None]:
    """The RTU server of modbus-tk; units that are not listed stay silent."""
    import serial
    from modbus_tk import modbus_rtu
    from modbus_tk.defines import HOLDING_REGISTERS

    server = modbus_rtu.RtuServer(serial.Serial(port, baudrate=baud, timeout=0.05))
    for unit, registers in units.items():
        slave = server.add_slave(unit)
        slave.add_block("h", HOLDING_REGISTERS, 0, 100)
        slave.set_values("h", 0, registers)
    server.start()
    try:
        yield
    finally:
        server.stop()


class Siren:
    """The relay box of a siren, as its own record of writes says: (coil, what it was set to)."""

    def __init__(self) -> None:
        self.writes: list[tuple[int, bool]] = []
        self.others: list[int] = []  # function codes that nobody may use on it

    def is_on(self, coil: int = 0) -> bool:
        """Whether the coil was last set."""
        return next((value for number, value in reversed(self.writes) if number == coil), False)

    def look(self, sending: bool, pdu: Any) -> Any:
        """The server's trace: every request passes here."""
        if not sending:
            if pdu.function_code == 5:
                self.writes.append((pdu.address, bool(pdu.bits[0])))
            elif pdu.function_code != 1:
                self.others.append(pdu.function_code)
        return pdu


@asynccontextmanager
async def pymodbus_siren(port: int, unit: int = 1) -> AsyncIterator[Siren]:
    """Eight relays of one unit, on the server of pymodbus."""
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    siren = Siren()

    def bits() -> list[SimData]:
        return [SimData(0, values=[False] * 16, datatype=DataType.BITS)]

    def registers() -> list[SimData]:
        return [SimData(0, values=[0], datatype=DataType.REGISTERS)]

    device = SimDevice(unit, simdata=(bits(), bits(), registers(), registers()))
    server = ModbusTcpServer(device, address=(HOST, port), trace_pdu=siren.look)
    await server.serve_forever(background=True)
    try:
        yield siren
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]
