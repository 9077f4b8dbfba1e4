"""A small site with real rules, and an edge that speaks for it, for tests of alerts in virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from vocab import pack_load, site_load, topics
from vocab.quality import Quality, Reason
from vocab.site import Site
from vocab.topics import Kind
from wire.frame import AssetColumns, Frame, encode
from wire.gate import Gate
from wire.verdict import Accepted

T0 = 1_774_483_200_000  # 2026-03-26 08:00:00 in Shanghai

_NAMED = 'name = {{ en = "{en}", zh = "{zh}" }}'

PACKS = {
    "common/pack.toml": 'kind = "common"\nname = {en = "Common", zh = "通用"}\nedition = "1"\n',
    "common/rules.toml": """
[[rule]]
id = "no_data"
name = {en = "No data", zh = "无数据"}
point = "*"
when = {type = "no_data", periods = 3, min_s = 60}
priority = 3
hazard = "comms_lost"
category = "maintenance"

[[rule]]
id = "no_contact"
name = {en = "No contact", zh = "通信中断"}
point = "*"
when = {type = "bad_signal", reasons = ["comm_timeout"]}
on_delay_s = 20
priority = 3
hazard = "comms_lost"
category = "maintenance"
""",
    "common/policy.toml": """
protected_priorities = [1]
most_renewals = 3
longest_window_s = 43200
second_person_within_s = 3600
confirm_service_s = 86400
shelf = [
  {priority = 2, longest_s = 7200},
  {priority = 3, longest_s = 28800},
]
""",
    "common/sla.toml": """
weekdays = ["mon", "tue", "wed", "thu", "fri"]
hours = [{begins = "08:30", ends = "12:00"}, {begins = "13:30", ends = "18:00"}]
limit = [
  {grades = ["major"], acknowledge = "10min", arrive = "30min", rectify = "30d"},
  {priorities = [1], acknowledge = "10min", arrive = "30min", rectify = "8h"},
  {categories = ["sanitation"], clock = "working", acknowledge = "2h", rectify = "4h"},
  {acknowledge = "30min", arrive = "2h", rectify = "24h"},
]
proof = [
  {priorities = [1], settle = "2min", verify = "60s", reopen = "24h"},
  {priorities = [2, 3, 4], settle = "5min", verify = "60s", reopen = "3d"},
]
duplicate_radius_m = 50
[[service]]
code = "garbage"
name = {en = "Rubbish", zh = "垃圾未清运"}
description = {en = "Rubbish", zh = "垃圾"}
category = "sanitation"
hazard = "exposed_rubbish"
[[service]]
code = "boiler"
name = {en = "Boiler", zh = "锅炉"}
description = {en = "Cold", zh = "不热"}
category = "hazard"
hazard = "boiler_reported"
same_as = ["lockout"]
""",
    "edge/pack.toml": """
kind = "edge"
name = {en = "Cabinet", zh = "采集柜"}
edition = "1"
[[point]]
id = "heartbeat"
name = {en = "Heartbeat", zh = "心跳"}
period_s = 10
heartbeat_s = 20
[[point]]
id = "spool_frames"
name = {en = "Frames waiting", zh = "待发帧数"}
unit = "{count}"
period_s = 10
heartbeat_s = 60
""",
    "edge/rules.toml": """
[[rule]]
id = "edge_lost"
name = {en = "Cabinet lost", zh = "采集柜失联"}
point = "heartbeat"
when = {type = "no_data", periods = 3, min_s = 60}
priority = 2
hazard = "edge_lost"
category = "maintenance"
""",
    "boiler/pack.toml": """
kind = "boiler"
name = {en = "Boiler", zh = "锅炉"}
edition = "1"
[[point]]
id = "temp"
name = {en = "Supply temperature", zh = "供水温度"}
unit = "Cel"
period_s = 5
heartbeat_s = 60
[[point]]
id = "burner"
name = {en = "Burner", zh = "燃烧器"}
period_s = 5
heartbeat_s = 60
states = [
  {code = 0, id = "off", name = {en = "off", zh = "停止"}},
  {code = 1, id = "firing", name = {en = "firing", zh = "燃烧"}},
  {code = 3, id = "lockout", name = {en = "locked out", zh = "锁定"}},
]
""",
    "boiler/rules.toml": """
[[rule]]
id = "temp_high"
name = {en = "Too hot", zh = "水温高"}
point = "temp"
when = {type = "high", limit = 90, deadband = 2}
on_delay_s = 30
off_delay_s = 10
priority = 2
hazard = "overtemperature"
category = "hazard"
procedure = "cool"
[[rule]]
id = "temp_very_high"
name = {en = "Far too hot", zh = "水温过高"}
point = "temp"
when = {type = "high", limit = 95.25, deadband = 2}
on_delay_s = 10
priority = 1
grade = "major"
latching = true
hazard = "overtemperature"
category = "hazard"
procedure = "cool"
[[rule]]
id = "lockout"
name = {en = "Burner locked out", zh = "燃烧器锁定"}
point = "burner"
when = {type = "state", is_any_of = ["lockout"]}
realarm_s = 1800
priority = 2
hazard = "lockout"
category = "hazard"
""",
    "boiler/procedures.toml": """
[[procedure]]
id = "cool"
text = {en = "Reduce firing.", zh = "降低负荷。"}
""",
    "boiler/makes/acme.toml": """
make = "acme"
name = {en = "Acme", zh = "甲"}
source = "invented"
confidence = "example"
[modbus]
[[modbus.register]]
point = "temp"
table = "input"
address = 0
[[modbus.register]]
point = "burner"
table = "input"
address = 1
""",
}

BUS_PACK = {
    "bus/pack.toml": """
kind = "bus"
name = {en = "Bus", zh = "总线"}
edition = "1"
variants = ["polled", "messages"]
[[point]]
id = "state"
name = {en = "Bus", zh = "总线状态"}
period_s = 10
heartbeat_s = 60
states = [
  {code = 0, id = "unreachable", name = {en = "Unreachable", zh = "不可达"}, abnormal = true},
  {code = 1, id = "reachable", name = {en = "Reachable", zh = "可达"}},
]
""",
    "bus/rules.toml": """
[[rule]]
id = "bus_lost"
name = {en = "Bus lost", zh = "总线失联"}
point = "state"
when = {type = "state", is_any_of = ["unreachable"]}
on_delay_s = 10
off_delay_s = 60
priority = 2
hazard = "bus_lost"
category = "maintenance"
[[rule]]
id = "no_data"
name = {en = "No data", zh = "无数据"}
point = "state"
when = {type = "no_data"}
priority = 4
hazard = "comms_lost"
category = "maintenance"
enabled = false
""",
    "common/rules.toml": PACKS["common/rules.toml"].replace(
        "priority = 3",
        'priority = 3\nsuppress_when = {type = "alarm", rule = "bus_lost", asset = "@bus", pending = true}',
    ),
}


def plant(*edges: str, boilers: int = 2, shared: bool = False, bus: bool = False, site_id: str = "plant") -> Site:
    """Cabinets `e1`…, boilers `b1`… on the first; with `shared` the last boiler hangs on the last cabinet too.

    With `bus` a bus is an asset: `e1-bus`.
    """
    names = edges or ("e1",)
    packs, problems = pack_load.load(PACKS | BUS_PACK if bus else PACKS)
    assert not problems, problems
    text = f'id = "{site_id}"\nname = {{en = "Plant", zh = "厂"}}\n'
    text += '[[grid]]\nid = "g1"\nname = {en = "Grid 1", zh = "一网格"}\n'
    for edge in names:
        text += f'[[edge]]\nid = "{edge}"\n{_NAMED.format(en="Cabinet", zh="柜")}\ngrid = "g1"\n'
        text += '[[edge.bus]]\nid = "bus"\ntype = "modbus-tcp"\n'
    for number in range(1, boilers + 1):
        text += f'[[asset]]\nid = "b{number}"\nkind = "boiler"\n'
        text += _NAMED.format(en=f"Boiler {number}", zh=f"{number}号锅炉") + "\n"
        text += 'grid = "g1"\nlocation = {en = "Cellar", zh = "地下室"}\n'
        text += _device(f"box{number}", names[0], number)
        if shared and number == boilers:
            text += _device(f"box{number}x", names[-1], number)
    site, problems = site_load.load("site.toml", text, packs)
    assert site is not None, problems
    return site


def _device(name: str, edge: str, unit: int) -> str:
    return f'[[asset.device]]\nid = "{name}"\nmake = "acme"\nedge = "{edge}"\nbus = "bus"\nunit = {unit}\n'


Value = float | None | Reason


@dataclass
class Cabinet:
    """Makes frames as an edge does, in seconds since T0."""

    gate: Gate
    site: str = "plant"
    id: str = "e1"
    epoch: int = 1
    seq: int = 0
    made: list[Accepted] = field(default_factory=list)

    def frame(
        self,
        at_s: float,
        boiler: str = "b1",
        *,
        lane: Kind = Kind.TELE,
        received_s: float | None = None,
        **values: Value,
    ) -> Accepted:
        """The next frame: readings of one boiler at `at_s`, and the cabinet's own heartbeat."""
        self.seq += 1
        blocks = [AssetColumns(self.id, ["heartbeat", "spool_frames"], [float(self.seq), 0.0])]
        if values:
            blocks.append(_block(boiler, values))
        ts = T0 + round(at_s * 1000)
        payload = encode(Frame(1, self.site, self.id, self.epoch, self.seq, ts, blocks))
        return self.judged(payload, at_s if received_s is None else received_s, lane)

    def judged(self, payload: bytes, received_s: float, lane: Kind = Kind.TELE) -> Accepted:
        topic = topics.build(self.site, self.id, lane)
        verdict = self.gate.judge(topic, payload, T0 + round(received_s * 1000))
        assert isinstance(verdict, Accepted), verdict
        self.made.append(verdict)
        return verdict


def speaker(site: Site, edge: str = "e1") -> Cabinet:
    """A cabinet of a site, with a gate of its own."""
    return Cabinet(Gate([site]), id=edge)


def _block(boiler: str, values: dict[str, Value]) -> AssetColumns:
    doubts: list[tuple[int, int, str]] = []
    numbers: list[float | None] = []
    for column, value in enumerate(values.values()):
        if isinstance(value, Reason) or value is None:
            reason = value if isinstance(value, Reason) else Reason.COMM_TIMEOUT
            doubts.append((column, int(Quality.BAD), reason.wire))
            numbers.append(None)
        else:
            numbers.append(value)
    return AssetColumns(boiler, list(values), numbers, None, doubts)


def at(seconds: float) -> int:
    """Milliseconds of `seconds` after the beginning."""
    return T0 + round(seconds * 1000)


def since(moments: Sequence[int]) -> list[float]:
    """Seconds after the beginning."""
    return [(moment - T0) / 1000 for moment in moments]
