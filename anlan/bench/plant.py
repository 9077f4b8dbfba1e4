"""Pure. A plant of any size for benches: machines that are all alike, with ten points each and three rules a point.

It goes through the same loaders as a real one; its packs are text because they are a load and no equipment.
"""

from __future__ import annotations

from vocab import pack_load, site_load
from vocab.pack import Pack
from vocab.site import Site

POINTS = 10  # of a machine
RULES = 3  # of a point
PERIOD_MS = 10_000
HIGH = 90.0

_HEAD = 'kind = "{0}"\nname = {{ en = "{0}", zh = "{0}" }}\nedition = "1"\n'
_POINT = """
[[point]]
id = "{0}"
name = {{ en = "{0}", zh = "{0}" }}
unit = "Cel"
period_s = 10
heartbeat_s = 10
"""
_RULE = """
[[rule]]
id = "{0}_{1}"
name = {{ en = "{0} {1}", zh = "{0} {1}" }}
point = "{0}"
when = {2}
on_delay_s = 20
off_delay_s = 30
priority = 2
hazard = "{0}_{1}"
category = "hazard"
"""
_WHEN = {
    "high": f'{{ type = "high", limit = {HIGH}, deadband = 2 }}',
    "low": '{ type = "low", limit = 10, deadband = 2 }',
    "silent": '{ type = "no_data", periods = 3, min_s = 60 }',
}
_MAKE = """
make = "acme"
name = { en = "Acme", zh = "Acme" }
source = "invented"
confidence = "example"
[modbus]
"""
_REGISTER = '[[modbus.register]]\npoint = "{0}"\ntable = "input"\naddress = {1}\n'
_EDGE = """
[[edge]]
id = "e{0}"
name = {{ en = "Cabinet {0}", zh = "Cabinet {0}" }}
grid = "g1"
[[edge.bus]]
id = "bus"
type = "modbus-tcp"
"""
_ASSET = """
[[asset]]
id = "m{0}"
kind = "machine"
name = {{ en = "Machine {0}", zh = "Machine {0}" }}
grid = "g1"
location = {{ en = "Hall", zh = "Hall" }}
[[asset.device]]
id = "d{0}"
make = "acme"
edge = "e{1}"
bus = "bus"
unit = {2}
"""
_SITE = """
id = "bench"
name = { en = "Bench", zh = "Bench" }
[[grid]]
id = "g1"
name = { en = "Grid", zh = "Grid" }
"""


def packs() -> dict[str, Pack]:
    """The packs of the plant."""
    found, problems = pack_load.load({
        "common/pack.toml": _HEAD.format("common"),
        "edge/pack.toml": _HEAD.format("edge") + _POINT.format("heartbeat"),
        "edge/rules.toml": _RULE.format("heartbeat", "silent", _WHEN["silent"]),
        **machine_files(),
    })  # fmt: skip
    if problems:
        raise ValueError(problems)
    return dict(found)


def machine_files() -> dict[str, str]:
    """The pack of the machines, by file."""
    names = [f"p{number}" for number in range(POINTS)]
    return {
        "machine/pack.toml": _HEAD.format("machine") + "".join(map(_POINT.format, names)),
        "machine/rules.toml": "".join(_RULE.format(name, rule, when) for name in names for rule, when in _WHEN.items()),
        "machine/makes/acme.toml": _MAKE + "".join(_REGISTER.format(name, row) for row, name in enumerate(names)),
    }


def site_text(points: int, edges: int) -> str:
    """The file of the site."""
    machines = points // POINTS
    text = _SITE + "".join(_EDGE.format(edge) for edge in range(edges))
    return text + "".join(
        _ASSET.format(number, number * edges // machines, number % 247 + 1) for number in range(machines)
    )


def plant(points: int, edges: int) -> Site:
    """A site of so many points, spread evenly over so many cabinets; a cabinet has at most 247 machines."""
    site, problems = site_load.load("bench.toml", site_text(points, edges), packs())
    if site is None:
        raise ValueError(problems)
    return site
