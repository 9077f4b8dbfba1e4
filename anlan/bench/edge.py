"""Shell. What an edge agent delivers, by TCP and by wire, with dead units among the living, and what it takes.

References of the same run: a bare pymodbus loop and a libmodbus loop in C over the same server; for a serial line what
the line can carry at all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from anlan.bench.agent import Delivered, delivered, lay_out
from anlan.bench.bare import Bare, Block, libmodbus_loop, libmodbus_missing, pymodbus_loop
from anlan.bench.field import line_limit, serial_field, tcp_field
from anlan.bench.frame import Options, Row, alone
from anlan.bench.wired import CONTIGUOUS, EDGE, SCATTERED, files, serial_bus, tcp_buses
from anlan.places import Ports
from edge.check import check
from runtime.files import load_site

UNITS, SERIAL_UNITS = 100, 10
DEAD = tuple(range(10, UNITS, 20))  # five of a hundred, not side by side
BAUDS = (9_600, 115_200)
GOAL_PER_CORE, GOAL_OF_PYMODBUS, GOAL_CPU, GOAL_MB = 250_000.0, 0.6, 0.004, 60.0
GOAL_OF_LINE, GOAL_OF_HEALTHY = 0.9, 0.9
_WARM_S = {False: 12.0, True: 6.0}  # by --quick
_LONG_S = {False: 30.0, True: 5.0}
_DEAD_WARM_S = 15.0  # every dead unit costs a second before it is known


def run(options: Options) -> list[Row]:
    """The rows of this bench."""
    rows: list[Row] = []
    one = _over_tcp(rows, options, 1, CONTIGUOUS, "one connection")
    _over_tcp(rows, options, UNITS, CONTIGUOUS, f"{UNITS} connections")
    _over_tcp(rows, options, 1, SCATTERED, f"one connection, scattered: {len(_blocks(SCATTERED))} reads a unit")
    rows += dead_rows(one, _measured(options, 1, CONTIGUOUS, DEAD), options)
    for baud in BAUDS:
        rows += _over_wire(options, baud)
    return rows


def _over_tcp(rows: list[Row], options: Options, connections: int, addresses: Sequence[int], way: str) -> Delivered:
    blocks = _blocks(addresses)
    options.say(f"edge, {way}: the bare loops")
    with _port() as port, tcp_field(port):
        bare = alone(pymodbus_loop, port, UNITS, connections, blocks, _LONG_S[options.quick])
        missing = "one connection is all it has" if connections > 1 else libmodbus_missing()
        in_c = None if missing else libmodbus_loop(port, UNITS, blocks, _LONG_S[options.quick])
    if missing and connections == 1:
        options.say(
            f"*** NOT MEASURED: the libmodbus loop, because of missing {missing}; see tests/fetch-system-packages"
        )
    wanted = len(addresses), sum(count for _, count in blocks)
    options.say(f"edge, {way}: the agent")
    found = _measured(options, connections, addresses)
    rows += tcp_rows(way, found, bare, in_c, wanted, quick=options.quick)
    return found


def tcp_rows(
    way: str, found: Delivered, bare: Bare, in_c: Bare | None, wanted: tuple[int, int], *, quick: bool
) -> list[Row]:
    """Rows of one way over TCP. `wanted`: values of a unit, and registers that agent and loops read for them."""
    points, share = wanted[0], wanted[0] / wanted[1]
    goal = not quick
    case = f"{UNITS} units × {points}, {way}"
    ratio = found.per_s / (bare.per_s * share)
    bare_cpu = bare.cpu_s / (bare.registers * share) * 1000
    rows = [
        Row("edge", f"{case}: values delivered, against bare pymodbus", found.per_s, "values/s", bare.per_s * share,
            ratio, f"≥ {GOAL_OF_PYMODBUS:g} of it", ratio >= GOAL_OF_PYMODBUS if goal else None),
        Row("edge", f"{case}: a core delivers", found.per_core, "values/s", 1000 / bare_cpu,
            found.per_core * bare_cpu / 1000, f"≥ {GOAL_PER_CORE:,.0f}",
            found.per_core >= GOAL_PER_CORE if goal else None),
        Row("edge", f"{case}: processor time of 1 000 values", found.cpu_per_1000, "s", bare_cpu,
            found.cpu_per_1000 / bare_cpu, f"≤ {GOAL_CPU:g}", found.cpu_per_1000 <= GOAL_CPU if goal else None),
        Row("edge", f"{case}: peak memory of the agent", found.peak_mb, "MB", None, None, f"< {GOAL_MB:g}",
            found.peak_mb < GOAL_MB if goal else None),
    ]  # fmt: skip
    if in_c is not None:
        of_c = found.per_s / (in_c.per_s * share)
        rows.insert(1, Row("edge", f"{case}: against a libmodbus loop in C", found.per_s, "values/s",
                           in_c.per_s * share, of_c))  # fmt: skip
    return rows


def dead_rows(all_alive: Delivered, some_dead: Delivered, options: Options) -> list[Row]:
    """What is left of the healthy units' values. The reference is the same units' share without dead ones."""
    healthy = UNITS - len(DEAD)
    before = all_alive.per_s * healthy / UNITS
    ratio = some_dead.per_s / before
    case = f"{len(DEAD)} of {UNITS} units dead behind one connection"
    seen = len(some_dead.by_asset)
    goal = not options.quick
    return [
        Row("edge", f"{case}: healthy values", some_dead.per_s, "values/s", before, ratio,
            f"≥ {GOAL_OF_HEALTHY:g} of it", ratio >= GOAL_OF_HEALTHY if goal else None),
        Row("edge", f"{case}: units heard", seen, "units", healthy, seen / healthy, f"= {healthy}", seen == healthy),
    ]  # fmt: skip


def _over_wire(options: Options, baud: int) -> list[Row]:
    options.say(f"edge, a serial line at {baud} baud")
    limit = line_limit(baud, len(CONTIGUOUS))
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch:
        link = f"{scratch}/tty"
        with serial_field(baud, link) as counts:
            site = files(SERIAL_UNITS, CONTIGUOUS, serial_bus(link, baud))
            found = delivered(Path(scratch), site, counts, _WARM_S[options.quick], _LONG_S[options.quick])
    ratio = found.per_s / limit
    case = f"RTU at {baud} baud, {SERIAL_UNITS} units × {len(CONTIGUOUS)}: against what the line can carry"
    return [
        Row("edge", case, found.per_s, "values/s", limit, ratio, f"≥ {GOAL_OF_LINE:g} of it",
            None if options.quick else ratio >= GOAL_OF_LINE),
    ]  # fmt: skip


def _measured(options: Options, connections: int, addresses: Sequence[int], dead: Collection[int] = ()) -> Delivered:
    if dead:
        options.say(f"edge, {len(dead)} dead units behind one connection")
    warm_s = _DEAD_WARM_S if dead else _WARM_S[options.quick]
    with (
        tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch,
        _port() as port,
        tcp_field(port, dead) as counts,
    ):
        site = files(UNITS, addresses, tcp_buses([port] * connections), connections)
        return delivered(Path(scratch), site, counts, warm_s, _LONG_S[options.quick])


def _blocks(addresses: Sequence[int]) -> list[Block]:
    """What the agent's own planner makes of the addresses of one unit."""
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as scratch:
        lay_out(Path(scratch), files(1, addresses, tcp_buses([1])))
        return [(block.address, block.count) for block in check(load_site(Path(scratch)), EDGE).blocks]


@contextmanager
def _port() -> Iterator[int]:
    ports = Ports()
    port = ports.take()
    ports.release()
    yield port
