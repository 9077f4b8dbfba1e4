"""A site folder with one cabinet and two people who can be called: what a test needs of the real chain."""

from __future__ import annotations

from pathlib import Path

SITE = """
id = "room"
name = { en = "Room", zh = "值班室" }
timezone = "Asia/Shanghai"
simulated = true
[[grid]]
id = "g"
name = { en = "Grid", zh = "网格" }
[[edge]]
id = "cab"
name = { en = "Cabinet", zh = "采集柜" }
grid = "g"
[[edge.bus]]
id = "radio"
type = "mqtt"
port = BROKER
[[asset]]
id = "bin"
kind = "bin"
name = { en = "Bin", zh = "垃圾桶" }
grid = "g"
location = { en = "Yard", zh = "院内" }
params = { empty_mm = 1200, full_mm = 280 }
[[asset.device]]
id = "w1"
make = "em400-udl"
edge = "cab"
bus = "radio"
serial = "6749d19054690031"
"""

ORG = """
fallback = ["committee"]
[[place]]
id = "town"
name = { en = "Town", zh = "镇" }
level = "town"
[[place]]
id = "g"
name = { en = "Grid", zh = "网格" }
level = "grid"
parent = "town"
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
place = "town"
[[person]]
id = "a"
name = { en = "Officer A", zh = "值班员甲" }
unit = "room"
roles = ["officer"]
contacts = [{ channel = "hook", address = "a" }, { channel = "second", address = "a2" }]
language = "en"
[[person]]
id = "b"
name = { en = "Officer B", zh = "值班员乙" }
unit = "room"
roles = ["officer"]
contacts = [{ channel = "hook", address = "b" }]
language = "en"
"""

CHANNELS = """
[[channel]]
id = "hook"
name = { en = "Web hook", zh = "网络回调" }
type = "webhook"
url = "URL/page"
attempts = 1000
retry_s = 0.1
retry_most_s = 0.2
[[channel]]
id = "second"
name = { en = "Second", zh = "备用" }
type = "webhook"
url = "URL/second"
"""

ONCALL = """
drill = ["person:b"]
[[policy]]
id = "all"
name = { en = "All", zh = "全部" }
[[policy.step]]
who = ["person:a", "person:b"]
after_s = 0
"""


def duty_room(folder: Path, url: str, broker: int, **files: str) -> Path:
    """The folder, with `files` over and beside the usual ones; URL in them is `url`, and BROKER the broker's port."""
    folder.mkdir(parents=True)
    usual = {"site": SITE, "org": ORG, "channels": CHANNELS, "oncall": ONCALL}
    for name, text in (usual | files).items():
        (folder / f"{name}.toml").write_text(text.replace("URL", url).replace("BROKER", str(broker)), encoding="utf-8")
    return folder
