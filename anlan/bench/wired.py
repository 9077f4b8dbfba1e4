"""Pure. The site of one cabinet for benches: units that are all alike, read as fast as the wire gives them.

The period is far shorter than any wire allows, so the agent never waits: what limits it is what the bench finds.
"""

from __future__ import annotations

from collections.abc import Sequence

from anlan.bench import pieces

EDGE, SITE = "e0", "bench"
PERIOD_S = 0.001
CONTIGUOUS = tuple(range(20))
# Four groups that no planner would read together, with holes that it may read across.
SCATTERED = tuple(100 * group + 2 * place for group in range(4) for place in range(5))

_KIND = """
kind = "meter"
name = { en = "Meter", zh = "表" }
edition = "bench"
"""
_REGISTER = '[[modbus.register]]\npoint = "p{0}"\ntable = "holding"\naddress = {1}\nscale = 0.1\n'
_TCP = 'host = "127.0.0.1"\nport = {0}\ntimeout_s = 1.0\n'
_RTU = '[[edge.bus]]\nid = "b0"\ntype = "modbus-rtu"\ndevice = "{0}"\nbaud = {1}\nparity = "N"\ntimeout_s = 1.0\n'


def tcp_buses(ports: Sequence[int]) -> str:
    """A bus for each port."""
    return "".join(pieces.bus(f"b{number}", _TCP.format(port)) for number, port in enumerate(ports))


def serial_bus(link: str, baud: int) -> str:
    """One serial line."""
    return _RTU.format(link, baud)


def files(units: int, addresses: Sequence[int], buses: str, bus_count: int = 1) -> dict[str, str]:
    """The files of the site by name: `units` units (from 1 on, spread over the buses) with a point at each address."""
    points = "".join(pieces.point(f"p{number}", PERIOD_S, 10) for number in range(len(addresses)))
    registers = "".join(_REGISTER.format(number, address) for number, address in enumerate(addresses))
    assets = "".join(
        pieces.asset(f"m{unit}", "meter", (EDGE, f"b{(unit - 1) % bus_count}", unit)) for unit in range(1, units + 1)
    )
    return {
        "site.toml": pieces.SITE + pieces.edge(EDGE) + buses + assets,
        "packs/meter/pack.toml": _KIND + points,
        "packs/meter/makes/acme.toml": pieces.MAKE + registers,
    }
