"""A site small enough to reason about, for tests of the wire and of ingest."""

from __future__ import annotations

from vocab import pack_load, site_load
from vocab.site import Site
from wire.frame import AssetColumns, Frame, encode_json

NOW_MS = 1_774_224_902_350  # 2026-03-23T00:15:02.350Z

PACKS = {
    "edge/pack.toml": """
kind = "edge"
name = {en = "Edge", zh = "边缘"}
edition = "1"

[[point]]
id = "cpu"
name = {en = "CPU", zh = "处理器"}
unit = "%"
period_s = 10
""",
    "pump/pack.toml": """
kind = "pump"
name = {en = "Pump", zh = "泵"}
edition = "1"

[[point]]
id = "level"
name = {en = "Level", zh = "液位"}
unit = "mm"
bounds = [0, 1000]
period_s = 1

[[point]]
id = "temp"
name = {en = "Temperature", zh = "温度"}
unit = "Cel"
bounds = [-40, 200]
slew = 5.0
period_s = 1

[[point]]
id = "state"
name = {en = "State", zh = "状态"}
period_s = 1
states = [{code = 0, id = "off", name = {en = "off", zh = "停"}}, {code = 1, id = "on", name = {en = "on", zh = "开"}}]
""",
    "pump/makes/acme.toml": """
make = "acme"
name = {en = "Acme", zh = "甲"}
source = "invented"
confidence = "example"

[modbus]
[[modbus.register]]
point = "level"
table = "input"
address = 0
[[modbus.register]]
point = "temp"
table = "input"
address = 1
type = "i16"
[[modbus.register]]
point = "state"
table = "input"
address = 2
states = [{raw = 0, state = "off"}, {raw = 1, state = "on"}]
""",
}

_EDGE = """
[[edge]]
id = "{edge}"
name = {{en = "Cabinet", zh = "柜"}}
grid = "g1"
[[edge.bus]]
id = "b1"
type = "modbus-tcp"
"""

_PUMP = """
[[asset]]
id = "{asset}"
kind = "pump"
name = {{en = "Pump", zh = "泵"}}
grid = "g1"
location = {{en = "Here", zh = "此处"}}
[[asset.device]]
id = "{asset}-box"
make = "acme"
edge = "{edge}"
bus = "b1"
unit = {unit}
"""


def tiny_site(site_id: str = "tiny", *, simulated: bool = False, pumps: int = 2) -> Site:
    """Two cabinets, `e1` and `e2`; pumps `p1`… on e1, and one more, `q1`, on e2."""
    packs, problems = pack_load.load(PACKS)
    assert not problems, problems
    text = f"""
id = "{site_id}"
name = {{en = "Tiny", zh = "小"}}
simulated = {str(simulated).lower()}
[[grid]]
id = "g1"
name = {{en = "Grid", zh = "网格"}}
"""
    text += _EDGE.format(edge="e1") + _EDGE.format(edge="e2")
    text += "".join(_PUMP.format(asset=f"p{number}", edge="e1", unit=number) for number in range(1, pumps + 1))
    text += _PUMP.format(asset="q1", edge="e2", unit=1)
    site, problems = site_load.load("site.toml", text, packs)
    assert site is not None, problems
    return site


def frame(
    *assets: AssetColumns,
    seq: int = 1,
    ts: int = NOW_MS,
    edge: str = "e1",
    epoch: int = 7,
    site: str = "tiny",
    v: int = 1,
    sim: bool = False,
) -> bytes:
    """The bytes of a frame, as JSON."""
    return encode_json(Frame(v, site, edge, epoch, seq, ts, list(assets), sim))


def level(value: float | None, asset: str = "p1") -> AssetColumns:
    """One reading of a level."""
    return AssetColumns(asset, ["level"], [value])
