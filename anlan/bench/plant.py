"""Pure. A plant of any size for benches: machines that are all alike, with ten points each and three rules a point.

It goes through the same loaders as a real one; its packs are text because they are a load and no equipment.
"""

from __future__ import annotations

from anlan.bench import pieces
from vocab import pack_load, site_load
from vocab.pack import Pack
from vocab.site import Site

POINTS = 10  # of a machine
RULES = 3  # of a point
PERIOD_S = 10
PERIOD_MS = PERIOD_S * 1000
HIGH = 90.0

_HEAD = 'kind = "{0}"\nname = {{ en = "{0}", zh = "{0}" }}\nedition = "1"\n'
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
_REGISTER = '[[modbus.register]]\npoint = "{0}"\ntable = "input"\naddress = {1}\n'


def packs() -> dict[str, Pack]:
    """The packs of the plant."""
    found, problems = pack_load.load({
        "common/pack.toml": _HEAD.format("common"),
        "edge/pack.toml": _HEAD.format("edge") + pieces.point("heartbeat", PERIOD_S, PERIOD_S),
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
        "machine/pack.toml": _HEAD.format("machine")
        + "".join(pieces.point(name, PERIOD_S, PERIOD_S) for name in names),
        "machine/rules.toml": "".join(_RULE.format(name, rule, when) for name in names for rule, when in _WHEN.items()),
        "machine/makes/acme.toml": pieces.MAKE + "".join(_REGISTER.format(name, row) for row, name in enumerate(names)),
    }


def site_text(points: int, edges: int) -> str:
    """The file of the site."""
    machines = points // POINTS
    cabinets = "".join(pieces.edge(f"e{edge}") + pieces.bus("bus") for edge in range(edges))
    return (
        pieces.SITE
        + cabinets
        + "".join(
            pieces.asset(f"m{number}", "machine", (f"e{number * edges // machines}", "bus", number % pieces.UNITS + 1))
            for number in range(machines)
        )
    )


def plant(points: int, edges: int) -> Site:
    """A site of so many points, spread evenly over so many cabinets; a cabinet has at most 247 machines."""
    site, problems = site_load.load("bench.toml", site_text(points, edges), packs())
    if site is None:
        raise ValueError(problems)
    return site
