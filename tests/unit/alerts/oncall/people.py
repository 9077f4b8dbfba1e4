"""The small plant with an organisation, rosters, an escalation and channels: five people on duty, none of them real."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.alerts.plant import plant
from vocab import oncall_load, org_load
from vocab.site import Site

ORG = """
fallback = ["committee"]
[[place]]
id = "county"
name = {en = "County", zh = "县"}
level = "county"
[[place]]
id = "town"
name = {en = "Town", zh = "镇"}
level = "town"
parent = "county"
[[place]]
id = "g1"
name = {en = "Grid 1", zh = "一网格"}
level = "grid"
parent = "town"
[[unit_kind]]
id = "committee"
name = {en = "Committee", zh = "居委会"}
[[unit_kind]]
id = "office"
name = {en = "Office", zh = "安委办"}
[[role]]
id = "officer"
name = {en = "Officer", zh = "值班员"}
access = "operator"
[[role]]
id = "safety_officer"
name = {en = "Safety officer", zh = "安全员"}
access = "supervisor"
[[unit]]
id = "room"
kind = "committee"
name = {en = "Duty room", zh = "值班室"}
place = "town"
parent = "office"
[[unit]]
id = "office"
kind = "office"
name = {en = "Safety office", zh = "安委办"}
place = "county"
"""

_PERSON = """
[[person]]
id = "{id}"
name = {{en = "Officer {up}", zh = "值班员{up}"}}
unit = "{unit}"
roles = ["{role}"]
contacts = [{contacts}]
language = "{language}"
"""

CHANNELS = """
[[channel]]
id = "robot"
name = {en = "DingTalk", zh = "钉钉"}
type = "webhook"
url = "URL"
[[channel]]
id = "hook"
name = {en = "Web hook", zh = "网络回调"}
type = "webhook"
url = "URL/second"
"""

ONCALL = """
late_to = ["roster:duty"]
late_at = ["08:00"]
drill = ["person:e"]

[[roster]]
id = "duty"
name = {en = "Duty", zh = "值班"}
around_the_clock = true
[[roster.rotation]]
type = "shifts"
people = ["a", "b", "c", "d", "e"]
start = 2026-01-01
cycle = ["day", "night", "off", "off", "off"]
[[roster.rotation.shift]]
id = "day"
name = {en = "Day", zh = "白班"}
begins = "08:00"
ends = "20:00"
[[roster.rotation.shift]]
id = "night"
name = {en = "Night", zh = "夜班"}
begins = "20:00"
ends = "08:00"
night = true

[[roster]]
id = "deputy"
name = {en = "Deputy", zh = "备勤"}
around_the_clock = true
[[roster.rotation]]
type = "weekly"
people = ["f"]
start = 2026-01-05

[[policy]]
id = "safety"
name = {en = "At once", zh = "特急"}
priorities = [1, 2]
categories = ["hazard"]
climb_s = 300
again_s = 600
forgotten_s = 900
[[policy.step]]
who = ["roster:duty"]
after_s = 0
repeat_s = 120
times = 2
[[policy.step]]
who = ["roster:deputy"]
after_s = 300
[[policy]]
id = "ordinary"
name = {en = "Ordinary", zh = "一般"}
quiet = true
digest_at = ["08:00", "20:00"]
[[policy.step]]
who = ["roster:duty"]
after_s = 0
digest = true
"""


def org_text() -> str:
    """Six people in the room, one in the office above it."""
    text = ORG
    for name in "abcdef":
        contacts = f'{{channel = "robot", address = "{name}"}}, {{channel = "hook", address = "{name}"}}'
        language = "en" if name == "f" else "zh"
        text += _PERSON.format(
            id=name, up=name.upper(), unit="room", role="officer", contacts=contacts, language=language
        )
    return text + _PERSON.format(
        id="g",
        up="G",
        unit="office",
        role="safety_officer",
        contacts='{channel = "robot", address = "g"}',
        language="zh",
    )


def staffed(
    site: Site | None = None,
    *,
    oncall: str = ONCALL,
    channels: str = CHANNELS,
    url: str = "http://127.0.0.1:9",
    org: str | None = None,
) -> Site:
    """The plant with everybody in it; AssertionError with every fault of the files."""
    site = site or plant()
    people, faults = org_load.load("org.toml", org or org_text(), site.file, site.packs)
    assert people is not None, faults
    ways, faults = oncall_load.load_channels("channels.toml", channels.replace("URL", url), people)
    assert ways is not None, faults
    called, faults = oncall_load.load("oncall.toml", oncall, people, ways, site.file.timezone)
    assert called is not None, faults
    return replace(site, org=people, channels=ways, oncall=called)
