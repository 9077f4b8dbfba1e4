"""Pure. The plant of the latency bench: machines that make a load, probes that alarm, and a person who is called.

A probe alarms once, with its first reading beyond the limit: no delay, priority 1, and so a page at once by web hook.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from anlan.bench import pieces
from anlan.bench.plant import POINTS, machine_files, site_text
from vocab.topics import Kind, Topic
from wire import frame as wire_frame
from wire.frame import VERSION, AssetColumns, Frame

SITE = "bench"
MACHINES_POINTS, CABINETS = 1_000, 5  # 200 readings a frame
WIDTH = MACHINES_POINTS // CABINETS
PROBES_EDGE = "ep"
_HOT = 99.0

_PACK = """
kind = "probe"
name = { en = "Probe", zh = "探头" }
edition = "1"
"""
_RULES = """
[[rule]]
id = "too_high"
name = { en = "Too high", zh = "过高" }
point = "level"
when = { type = "high", limit = 90, deadband = 2 }
on_delay_s = 0
off_delay_s = 0
priority = 1
hazard = "too_high"
category = "hazard"
"""
_REGISTER = '[[modbus.register]]\npoint = "level"\ntable = "input"\naddress = 0\n'
_ORG = """
fallback = ["committee"]
[[place]]
id = "g1"
name = { en = "Grid", zh = "网格" }
level = "grid"
[[unit_kind]]
id = "committee"
name = { en = "Committee", zh = "居委会" }
[[role]]
id = "officer"
name = { en = "Officer", zh = "值班员" }
access = "operator"
[[unit]]
id = "room"
kind = "committee"
name = { en = "Duty room", zh = "值班室" }
place = "g1"
[[person]]
id = "officer-a"
name = { en = "Officer A", zh = "值班员甲" }
unit = "room"
roles = ["officer"]
contacts = [{ channel = "hook", address = "officer-a" }]
"""
_CHANNELS = '[[channel]]\nid = "hook"\nname = {{ en = "Web hook", zh = "网络回调" }}\ntype = "webhook"\nurl = "{0}"\n'
_ONCALL = """
[[policy]]
id = "all"
name = { en = "At once", zh = "立即" }
[[policy.step]]
who = ["person:officer-a"]
after_s = 0
"""


@dataclass(frozen=True, slots=True)
class Sending:
    """One message: when it is to go, counted from the start, and the probe that it is about, if it is."""

    at_s: float
    topic: str
    payload: bytes
    probe: str = ""


def files(probes: int, hook: str) -> dict[str, str]:
    """The site's folder; pages go to `hook`."""
    buses = range((probes - 1) // pieces.UNITS + 1)
    edge = pieces.edge(PROBES_EDGE) + "".join(pieces.bus(f"p{number}") for number in buses)
    rows = "".join(
        pieces.asset(name_of(number), "probe", (PROBES_EDGE, f"p{number // pieces.UNITS}", number % pieces.UNITS + 1))
        for number in range(probes)
    )
    return {
        "site.toml": site_text(MACHINES_POINTS, CABINETS) + edge + rows,
        "org.toml": _ORG,
        "channels.toml": _CHANNELS.format(hook),
        "oncall.toml": _ONCALL,
        **{f"packs/{name}": text for name, text in machine_files().items()},
        "packs/probe/pack.toml": _PACK + pieces.point("level", 3600, 3600),
        "packs/probe/rules.toml": _RULES,
        "packs/probe/makes/acme.toml": pieces.MAKE + _REGISTER,
    }


def name_of(probe: int) -> str:
    """The asset of a probe."""
    return f"probe-{probe:05}"


def schedule(
    rate: float, seconds: float, probes: Sequence[int], begin_ms: int, seqs: dict[str, int]
) -> Iterator[Sending]:
    """Frames of 200 readings, `rate` readings a second, and one of each probe at a moment of chance, in order of time.

    `seqs` holds the last frame number of each cabinet, and is moved on.
    """
    chance = np.random.default_rng(begin_ms)
    count = max(1, round(rate * seconds / WIDTH))
    load = [(number * seconds / count, number, -1) for number in range(count)]
    alarms = [(chance.random() * seconds, -1, probe) for probe in probes]
    values = np.round(20 + 60 * np.random.default_rng(1).random(WIDTH), 1)
    for at_s, number, probe in sorted([*load, *alarms]):
        ts = begin_ms + round(at_s * 1000)
        if probe >= 0:
            blocks = [AssetColumns(name_of(probe), ["level"], [_HOT])]
            yield _sending(at_s, PROBES_EDGE, ts, blocks, seqs, name_of(probe))
        else:
            edge = number % CABINETS
            yield _sending(at_s, f"e{edge}", ts, _blocks(edge, np.roll(values, number)), seqs, "")


def _sending(at_s: float, edge: str, ts: int, blocks: list[AssetColumns], seqs: dict[str, int], probe: str) -> Sending:
    seqs[edge] = seqs.get(edge, 0) + 1
    frame = Frame(VERSION, SITE, edge, 1, seqs[edge], ts, blocks)
    return Sending(at_s, str(Topic(SITE, edge, Kind.TELE)), wire_frame.encode(frame), probe)


def _blocks(edge: int, values: np.ndarray) -> list[AssetColumns]:
    points = [f"p{number}" for number in range(POINTS)]
    first = edge * WIDTH // POINTS
    rows = values.reshape(-1, POINTS).tolist()
    return [AssetColumns(f"m{first + place}", points, row) for place, row in enumerate(rows)]
