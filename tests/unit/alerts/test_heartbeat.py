"""When the heart beats, and which part stops it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from alerts.heartbeat.alive import Failing, Seen, failing
from tests.duty_room import CHANNELS
from tests.unit.alerts.oncall.people import org_text
from tests.unit.alerts.plant import plant
from vocab import oncall_load, org_load
from vocab.channels import Heartbeat
from vocab.problem import Problem
from vocab.strict_toml import Text

BEAT = Heartbeat(
    id="outside", name=Text(en="Outside", zh="外部"), url="https://watch.example/ping", period_s=60, timeout_s=10,
    frames_s=180, evaluation_s=30, outbox_s=300, database_s=20,
)  # fmt: skip
ALIVE = Seen(
    started_s=9999, subscribed=True, frames_s={"e1": 5.0, "e2": 180.0}, evaluation_s=0.5, outbox_s=0.0, looked_s=0.2,
    written_s=0.01,
)  # fmt: skip
TOML = """
[[heartbeat]]
id = "outside"
name = { en = "Outside", zh = "外部" }
url = "https://watch.example/ping"
period_s = 60
timeout_s = 10
frames_s = 180
evaluation_s = 30
outbox_s = 300
database_s = 20
"""


def parts(found: list[Failing]) -> list[str]:
    return [each.part for each in found]


def test_it_beats_while_everything_lives_and_each_part_stops_it() -> None:
    assert failing(BEAT, ALIVE) == []
    for part, change in {
        "broker": {"subscribed": False},
        "frames": {"frames_s": {"e1": 5.0, "e2": 181.0}},
        "evaluation": {"evaluation_s": 31.0},
        "outbox": {"outbox_s": 301.0},
        "database": {"written_s": None},
    }.items():
        assert parts(failing(BEAT, replace(ALIVE, **change))) == [part]  # type: ignore[arg-type]
    assert parts(failing(BEAT, replace(ALIVE, batch_s=31.0))) == ["evaluation"]
    assert parts(failing(BEAT, replace(ALIVE, looked_s=301.0))) == ["outbox"]
    assert parts(failing(BEAT, replace(ALIVE, database="disk full"))) == ["database"]


def test_what_was_not_seen_yet_does_not_live_but_fails_only_after_its_time() -> None:
    fresh = Seen(started_s=20, subscribed=False, frames_s={"e1": None}, written_s=0.01)
    found = failing(BEAT, fresh)

    assert [(each.part, each.new) for each in found] == [("broker", True), ("frames", True), ("evaluation", True)]
    later = failing(BEAT, replace(fresh, started_s=181, evaluation_s=1.0))
    assert [(each.part, each.new) for each in later] == [("broker", False), ("frames", False)]


def test_a_cabinet_that_is_left_out_does_not_stop_it_and_a_site_that_calls_nobody_has_no_outbox() -> None:
    beat = BEAT.model_copy(update={"without": ("e2",)})

    assert failing(beat, replace(ALIVE, frames_s={"e1": 5.0, "e2": None}, outbox_s=None, looked_s=None)) == []


def faults(text: str) -> tuple[Problem, ...]:
    site = plant()
    org, _ = org_load.load("org.toml", org_text().replace('"robot"', '"second"'), site.file, site.packs)
    return oncall_load.load_channels("channels.toml", CHANNELS + text, org, site.file.edge)[1]


def told(**changes: Any) -> str:
    text = TOML
    for key, value in changes.items():
        lines = [line for line in text.splitlines() if not line.startswith(f"{key} =")]
        text = "\n".join([*lines, f"{key} = {value}"])
    return "\n".join(f"{problem}" for problem in faults(text))


def test_every_fault_of_a_heartbeat_is_told_when_the_site_is_checked() -> None:
    assert faults(TOML) == ()
    assert "timeout_s < period_s" in told(timeout_s=60)
    assert "token and {token}" in told(url='"https://watch.example/{token}"')
    assert "no edge 'e9'" in told(without='["e9"]')
    assert "no cabinet is left" in told(without='["e1"]')
    assert "the heartbeat would never go" in told(frames_s=0.5)
    assert "url" in told(url='"watch.example"')
    assert "there twice" in "\n".join(f"{problem}" for problem in faults(TOML + TOML))
