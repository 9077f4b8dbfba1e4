"""Small sites for the tests of the edge: one kind of equipment, makes given as TOML, as many devices as wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from runtime.files import shipped
from vocab import pack_load, site_load
from vocab.make import Make
from vocab.pack import Pack
from vocab.site import Site

KIND = """
kind = "meter"
name = { en = "Meter", zh = "表" }
edition = "test"

[[point]]
id = "temperature"
name = { en = "Temperature", zh = "温度" }
unit = "Cel"
period_s = 1
heartbeat_s = 10
deadband = 0.5

[[point]]
id = "pressure"
name = { en = "Pressure", zh = "压力" }
unit = "MPa"
period_s = 1
heartbeat_s = 10

[[point]]
id = "energy"
name = { en = "Energy", zh = "电能" }
unit = "kW.h"
period_s = 5
heartbeat_s = 30

[[point]]
id = "distance"
name = { en = "Distance", zh = "距离" }
unit = "mm"
period_s = 1
heartbeat_s = 10

[[point]]
id = "fill"
name = { en = "Fill", zh = "满溢度" }
unit = "%"
period_s = 1
heartbeat_s = 10

[[point]]
id = "mode"
name = { en = "Mode", zh = "状态" }
period_s = 1
heartbeat_s = 10
states = [
  { code = 0, id = "off", name = { en = "Off", zh = "停" } },
  { code = 1, id = "on", name = { en = "On", zh = "开" } },
  { code = 2, id = "warmup", name = { en = "Warm-up", zh = "预热" } },
]

[[point]]
id = "passage"
name = { en = "Passage", zh = "通行" }
unit = "Cel"
period_s = 1
heartbeat_s = 10
on_event = true

[[param]]
id = "empty"
name = { en = "Empty", zh = "空" }
unit = "mm"
default = 1000

[[param]]
id = "full"
name = { en = "Full", zh = "满" }
unit = "mm"
default = 200

[[derive]]
point = "fill"
source = "distance"
zero = "empty"
full = "full"
"""

MAKE_HEAD = """
make = "{make}"
name = {{ en = "{make}", zh = "{make}" }}
source = "test"
confidence = "example"
"""

PLAIN = """
[modbus]
[[modbus.register]]
point = "temperature"
table = "holding"
address = 0
type = "i16"
scale = 0.1
[[modbus.register]]
point = "pressure"
table = "holding"
address = 1
scale = 0.001
"""


def packs(makes: Mapping[str, str], rules: str = "") -> dict[str, Pack]:
    """The kind `meter` with these makes (TOML without the head) and rules, and the real packs of edge and buses."""
    files = {"meter/pack.toml": KIND, "meter/rules.toml": rules}
    files |= {f"meter/makes/{name}.toml": MAKE_HEAD.format(make=name) + text for name, text in makes.items()}
    root = shipped("packs")
    for kind in ("edge", "bus"):
        for path in (root / kind).glob("*.toml"):
            files[f"{kind}/{path.name}"] = path.read_text(encoding="utf-8")
    found, problems = pack_load.load(files)
    assert not problems, "\n".join(str(problem) for problem in problems)
    return found


def make(text: str) -> Make:
    """One make from TOML without the head."""
    return packs({"one": text})["meter"].makes["one"]


def site(
    makes: Mapping[str, str],
    devices: Sequence[tuple[str, str]],
    buses: str = '[[edge.bus]]\nid = "b"\ntype = "modbus-tcp"\n',
    flush_s: float = 1.0,
    spool_mib: int = 16,
    rules: str = "",
) -> Site:
    """A site with the edge `e1`. `devices`: (make, rest of the device row as TOML); device i is d<i> of asset m<i>."""
    text = f"""
id = "demo"
name = {{ en = "Demo", zh = "演示" }}
timezone = "Asia/Shanghai"
simulated = true
[[grid]]
id = "g"
name = {{ en = "G", zh = "格" }}
[[edge]]
id = "e1"
name = {{ en = "Edge", zh = "柜" }}
grid = "g"
flush_s = {flush_s}
spool_mib = {spool_mib}
{buses}
"""
    for index, (name, rest) in enumerate(devices):
        text += f"""
[[asset]]
id = "m{index}"
kind = "meter"
name = {{ en = "M{index}", zh = "表{index}" }}
grid = "g"
location = {{ en = "Here", zh = "此处" }}
[[asset.device]]
id = "d{index}"
make = "{name}"
edge = "e1"
bus = "b"
{rest}
"""
    found, problems = site_load.load("site.toml", text, packs(makes, rules))
    assert found is not None, "\n".join(str(problem) for problem in problems)
    return found


def tcp_bus(port: int, timeout_s: float = 1.0) -> str:
    """A Modbus TCP bus `b` on loopback."""
    return f'[[edge.bus]]\nid = "b"\ntype = "modbus-tcp"\nport = {port}\ntimeout_s = {timeout_s}\n'


def rtu_bus(device: Path, baud: int = 9600, timeout_s: float = 1.0) -> str:
    """A Modbus RTU bus `b` on a serial port."""
    return f'[[edge.bus]]\nid = "b"\ntype = "modbus-rtu"\ndevice = "{device}"\nbaud = {baud}\ntimeout_s = {timeout_s}\n'


def mqtt_bus(port: int) -> str:
    """A bus `b` of vendors' MQTT devices."""
    return f'[[edge.bus]]\nid = "b"\ntype = "mqtt"\nport = {port}\n'
