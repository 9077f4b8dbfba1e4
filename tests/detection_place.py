"""A site whose devices can be silenced one by one, and its parts as processes:

`python -m tests.detection_place FOLDER edge EDGE` and `… FOLDER alerts PORT`. FOLDER holds settings.json: broker,
broker_port, devices.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from runtime.clock import Clock
from runtime.process import run
from vocab import pack_load, site_load
from vocab.site import Site

PERIOD_S, HEARTBEAT_S = 5, 10  # of the devices' point
CABINET_PERIOD_S = 10

_PACKS = {
    "common/pack.toml": 'kind = "common"\nname = {en = "Common", zh = "通用"}\nedition = "1"\n',
    "common/rules.toml": """
[[rule]]
id = "no_data"
name = {en = "No data", zh = "无数据"}
point = "*"
when = {type = "no_data", periods = 2, min_s = 15}
on_delay_s = 7
priority = 3
hazard = "comms_lost"
category = "maintenance"
""",
    "edge/pack.toml": f"""
kind = "edge"
name = {{en = "Cabinet", zh = "采集柜"}}
edition = "1"
[[point]]
id = "heartbeat"
name = {{en = "Heartbeat", zh = "心跳"}}
period_s = {CABINET_PERIOD_S}
heartbeat_s = {CABINET_PERIOD_S}
""",
    "edge/rules.toml": """
[[rule]]
id = "edge_lost"
name = {en = "Cabinet lost", zh = "采集柜失联"}
point = "heartbeat"
when = {type = "no_data", periods = 3, min_s = 40}
priority = 2
hazard = "edge_lost"
category = "maintenance"
""",
    "meter/pack.toml": f"""
kind = "meter"
name = {{en = "Meter", zh = "表"}}
edition = "1"
[[point]]
id = "level"
name = {{en = "Level", zh = "液位"}}
unit = "%"
bounds = [0, 100]
period_s = {PERIOD_S}
heartbeat_s = {HEARTBEAT_S}
""",
    "meter/makes/one.toml": f"""
make = "one"
name = {{en = "One", zh = "一"}}
source = "invented"
confidence = "example"
[mqtt]
topic = "meter/{{serial}}"
codec = "json"
interval_s = {PERIOD_S}
[[mqtt.field]]
point = "level"
path = "l"
""",
}


def site(devices: int, broker_port: int) -> Site:
    """Cabinet `e1` with meters, and two without anything, `e2` and `e3`."""
    packs, problems = pack_load.load(_PACKS)
    assert not problems, problems
    text = 'id = "place"\nname = {en = "Place", zh = "地"}\n[[grid]]\nid = "g"\nname = {en = "G", zh = "格"}\n'
    for edge in ("e1", "e2", "e3"):
        text += f'[[edge]]\nid = "{edge}"\nname = {{en = "Cabinet", zh = "柜"}}\ngrid = "g"\n'
        text += f'[[edge.bus]]\nid = "air"\ntype = "mqtt"\nport = {broker_port}\n' if edge == "e1" else ""
    for number in range(devices):
        text += f'[[asset]]\nid = "m{number}"\nkind = "meter"\nname = {{en = "M", zh = "表"}}\ngrid = "g"\n'
        text += 'location = {en = "Here", zh = "此处"}\n'
        text += f'[[asset.device]]\nid = "d{number}"\nmake = "one"\nedge = "e1"\nbus = "air"\nserial = "s{number}"\n'
    found, problems = site_load.load("site.toml", text, packs)
    assert found is not None, problems
    return found


def main(folder: Path, part: str, which: str) -> int:
    told = json.loads((folder / "settings.json").read_text())
    place, clock = site(told["devices"], told["broker_port"]), Clock.from_environment()
    if part == "edge":
        from edge.service import Settings, serve

        mine = Settings(broker=told["broker"], data_dir=folder / which)
        return run(lambda: serve(place, which, mine, clock))
    from alerts.service import Settings as AlertsSettings
    from alerts.service import serve as serve_alerts

    ours = AlertsSettings(broker=told["broker"], database=f"sqlite:///{folder}/t.sqlite", port=int(which))
    return run(lambda: serve_alerts(place, ours, clock))


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
