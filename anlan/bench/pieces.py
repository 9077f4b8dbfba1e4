"""Pure. What the files of every site made up for a bench have in common, as text."""

from __future__ import annotations

UNITS = 247  # of a bus, by Modbus
MAKE = """
make = "acme"
name = { en = "Acme", zh = "Acme" }
source = "invented"
confidence = "example"
[modbus]
"""
SITE = """
id = "bench"
name = { en = "Bench", zh = "Bench" }
[[grid]]
id = "g1"
name = { en = "Grid", zh = "Grid" }
"""


def point(name: str, period_s: float, heartbeat_s: int) -> str:
    """A point in degrees."""
    return f"""
[[point]]
id = "{name}"
name = {{ en = "{name}", zh = "{name}" }}
unit = "Cel"
period_s = {period_s}
heartbeat_s = {heartbeat_s}
"""


def edge(name: str) -> str:
    """A cabinet; its buses follow."""
    return f"""
[[edge]]
id = "{name}"
name = {{ en = "Cabinet {name}", zh = "Cabinet {name}" }}
grid = "g1"
"""


def bus(name: str, more: str = "") -> str:
    """A bus by TCP of the cabinet before it; `more` are further lines of it."""
    return f'[[edge.bus]]\nid = "{name}"\ntype = "modbus-tcp"\n{more}'


def asset(name: str, kind: str, at: tuple[str, str, int]) -> str:
    """A piece of equipment with one device, which hangs at (cabinet, bus, unit)."""
    cabinet, line, unit = at
    return f"""
[[asset]]
id = "{name}"
kind = "{kind}"
name = {{ en = "{name}", zh = "{name}" }}
grid = "g1"
location = {{ en = "Hall", zh = "Hall" }}
[[asset.device]]
id = "d-{name}"
make = "acme"
edge = "{cabinet}"
bus = "{line}"
unit = {unit}
"""
