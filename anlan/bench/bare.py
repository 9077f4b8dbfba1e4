"""Shell. The references of the edge bench: loops that read registers and do nothing with them.

`pymodbus` as its manual shows it, a client for each connection; and libmodbus in C, if a compiler and the library are
there (Debian: gcc, libc6-dev, libmodbus-dev; `tests/fetch-system-packages` installs them).
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pymodbus.client import AsyncModbusTcpClient

from anlan.places import LOOPBACK

Block = tuple[int, int]  # address, registers

_HEADER = Path("/usr/include/modbus/modbus.h")
_C = r"""
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return moment.tv_sec + moment.tv_nsec / 1e9;
}

/* host, port, units, seconds, then pairs of address and registers: reads all blocks of one unit after the other. */
int main(int count, char **words) {
    modbus_t *bus = modbus_new_tcp(words[1], atoi(words[2]));
    if (bus == NULL || modbus_connect(bus) != 0) return 1;
    int units = atoi(words[3]);
    double begun = now(), end = begun + atof(words[4]), left;
    long values = 0;
    uint16_t registers[125];
    while ((left = end - now()) > 0)
        for (int unit = 1; unit <= units; unit++) {
            modbus_set_slave(bus, unit);
            for (int at = 5; at + 1 < count; at += 2) {
                int found = modbus_read_registers(bus, atoi(words[at]), atoi(words[at + 1]), registers);
                if (found < 0) return 2;
                values += found;
            }
        }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("%ld %.6f %.6f\n", values, now() - begun,
           used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    modbus_close(bus);
    modbus_free(bus);
    return 0;
}
"""


@dataclass(frozen=True, slots=True)
class Bare:
    """What a loop read."""

    registers: int
    wall_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        """Registers a second."""
        return self.registers / self.wall_s


def pymodbus_loop(port: int, units: int, connections: int, blocks: Sequence[Block], seconds: float) -> Bare:
    """Read as fast as pymodbus can, with the units spread over the connections."""
    return asyncio.run(_pymodbus(port, units, connections, blocks, seconds))


async def _pymodbus(port: int, units: int, connections: int, blocks: Sequence[Block], seconds: float) -> Bare:
    clients = [AsyncModbusTcpClient(LOOPBACK, port=port) for _ in range(connections)]
    for client in clients:
        await client.connect()
    begun, used = time.perf_counter(), time.process_time()
    end, total = begun + seconds, 0

    async def read(client: AsyncModbusTcpClient, own: Sequence[int]) -> None:
        nonlocal total
        while time.perf_counter() < end:
            for unit in own:
                for address, count in blocks:
                    answer = await client.read_holding_registers(address, count=count, device_id=unit)
                    total += len(answer.registers)

    shares = [range(1 + number, units + 1, connections) for number in range(connections)]
    await asyncio.gather(*(read(client, share) for client, share in zip(clients, shares, strict=True)))
    spent = Bare(total, time.perf_counter() - begun, time.process_time() - used)
    for client in clients:
        client.close()
    return spent


def libmodbus_missing() -> str:
    """Why the C loop cannot be measured; empty if it can."""
    missing = [] if shutil.which("cc") else ["a C compiler (gcc, libc6-dev)"]
    missing += [] if _HEADER.exists() else ["libmodbus-dev"]
    return " and ".join(missing)


def libmodbus_loop(port: int, units: int, blocks: Sequence[Block], seconds: float) -> Bare:
    """The same in C, over one connection; RuntimeError if it does not compile or does not run."""
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch:
        source, program = Path(scratch) / "loop.c", Path(scratch) / "loop"
        source.write_text(_C, encoding="utf-8")
        _run("cc", "-O2", "-o", str(program), str(source), "-lmodbus")
        words = [str(number) for block in blocks for number in block]
        told = _run(str(program), LOOPBACK, str(port), str(units), str(seconds), *words).split()
    return Bare(int(told[0]), float(told[1]), float(told[2]))


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[:300]}")
    return done.stdout
