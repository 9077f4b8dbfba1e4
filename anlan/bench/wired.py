"""Pure. The site of one cabinet for benches: units that are all alike, read as fast as the wire gives them.

The period is far shorter than any wire allows, so the agent never waits: what limits it is what the bench finds.
"""

from __future__ import annotations

from collections.abc import Sequence

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
_POINT = """
[[point]]
id = "p{0}"
name = {{ en = "p{0}", zh = "p{0}" }}
unit = "Cel"
period_s = {1}
heartbeat_s = 10
"""
_MAKE = """
make = "acme"
name = { en = "Acme", zh = "Acme" }
source = "invented"
confidence = "example"
[modbus]
"""
_REGISTER = '[[modbus.register]]\npoint = "p{0}"\ntable = "holding"\naddress = {1}\nscale = 0.1\n'
_HEAD = """
id = "bench"
name = { en = "Bench", zh = "Bench" }
[[grid]]
id = "g1"
name = { en = "Grid", zh = "Grid" }
[[edge]]
id = "e0"
name = { en = "Cabinet", zh = "Cabinet" }
grid = "g1"
"""
_TCP = '[[edge.bus]]\nid = "b{0}"\ntype = "modbus-tcp"\nhost = "127.0.0.1"\nport = {1}\ntimeout_s = 1.0\n'
_RTU = '[[edge.bus]]\nid = "b0"\ntype = "modbus-rtu"\ndevice = "{0}"\nbaud = {1}\nparity = "N"\ntimeout_s = 1.0\n'
_ASSET = """
[[asset]]
id = "m{0}"
kind = "meter"
name = {{ en = "Meter {0}", zh = "Meter {0}" }}
grid = "g1"
location = {{ en = "Hall", zh = "Hall" }}
[[asset.device]]
id = "d{0}"
make = "acme"
edge = "e0"
bus = "b{1}"
unit = {0}
"""


def tcp_buses(ports: Sequence[int]) -> str:
    """A bus for each port."""
    return "".join(_TCP.format(number, port) for number, port in enumerate(ports))


def serial_bus(link: str, baud: int) -> str:
    """One serial line."""
    return _RTU.format(link, baud)


def files(units: int, addresses: Sequence[int], buses: str, bus_count: int = 1) -> dict[str, str]:
    """The files of the site by name: `units` units (from 1 on, spread over the buses) with a point at each address."""
    points = "".join(_POINT.format(number, PERIOD_S) for number in range(len(addresses)))
    registers = "".join(_REGISTER.format(number, address) for number, address in enumerate(addresses))
    assets = "".join(_ASSET.format(unit, (unit - 1) % bus_count) for unit in range(1, units + 1))
    return {
        "site.toml": _HEAD + buses + assets,
        "packs/meter/pack.toml": _KIND + points,
        "packs/meter/makes/acme.toml": _MAKE + registers,
    }
