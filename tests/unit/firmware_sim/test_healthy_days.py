"""A healthy asset never trips a rule of its pack: otherwise no demo and no score could be judged."""

from __future__ import annotations

from functools import cache

import pytest

from firmware_sim.daytime import DAY_MS
from firmware_sim.signal import Signal
from firmware_sim.world import World
from tests.unit.firmware_sim.places import ASSETS, START_MS, fault, scenario, site
from vocab.condition import High, Low, Stuck
from vocab.leaves import leaves
from vocab.rule import Rule

DAYS = 1
STEP_MS = 20_000
STATES_OF_A_HEALTHY_ASSET = {
    "boiler": {"lockout": {"none"}, "burner_state": {"firing"}, "pump": {"on"}},
    "elevator": {
        "condition": {"ok"}, "safety_chain": {"closed"}, "unintended": {"no"}, "power": {"mains"}, "drive": {"ready"},
        "service_mode": {"normal"}, "event_code": {"none"},
    },
    "gas": {"detector_state": {"monitoring"}, "gas_alarm": {"normal"}, "valve": {"open"}},
    "vessel": {"relief_valve": {"seated"}, "compressor": {"standby", "running"}},
    "bin": {},
    "water": {"hatch": {"closed"}, "pump_1": {"running", "stopped"}, "pump_2": {"running", "stopped"}},
    "power": {"source": {"mains"}},
    "weighbridge": {"indicator": {"ok"}},
    "thermometer": {"self_check": {"ok"}, "staff": {"present"}},
}  # fmt: skip


@cache
def healthy(name: str) -> tuple[dict[str, float], dict[str, float], dict[str, set[str]]]:
    return extremes(World(site(), scenario(), 11, START_MS), name)


def extremes(a_world: World, name: str) -> tuple[dict[str, float], dict[str, float], dict[str, set[str]]]:
    """Lowest and highest that the sensors of an asset said in a day, and every state."""
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    states: dict[str, set[str]] = {}
    for moment in range(START_MS, START_MS + DAYS * DAY_MS, STEP_MS):
        a_world.advance(moment)
        signals = {**{p: Signal(v) for p, v in a_world.truths(name).items()}, **a_world.signals(name)}
        for point, signal in signals.items():
            if isinstance(signal.value, str):
                states.setdefault(point, set()).add(signal.value)
            elif signal.value is not None:
                low[point] = min(low.get(point, signal.value), signal.value)
                high[point] = max(high.get(point, signal.value), signal.value)
    return low, high, states


def limits_of(name: str) -> list[Rule]:
    """The rules whose limits a healthy asset keeps: not those that sleep until a hazard is open, and not those of a
    stuck sensor, which name the load under which it should have moved."""
    rules = site().rules_of(site().asset(name))
    return [
        rule
        for rule in rules
        if not rule.while_tightened and not any(isinstance(leaf, Stuck) for leaf in leaves(rule.when))
    ]


@pytest.mark.parametrize("name", [name for name, *_ in ASSETS])
def test_a_day_without_a_fault_stays_inside_every_limit(name: str) -> None:
    asset = site().asset(name)
    low, high, states = healthy(name)
    judged = 0
    for rule in limits_of(name):
        for leaf in leaves(rule.when):
            point = getattr(leaf, "point", None) or rule.point
            if isinstance(leaf, High) and point in high:
                assert isinstance(leaf.limit, float | int)
                assert high[point] < leaf.limit, (name, rule.id, point)
                judged += 1
            elif isinstance(leaf, Low) and point in low:
                assert isinstance(leaf.limit, float | int)
                assert low[point] > leaf.limit, (name, rule.id, point)
                judged += 1
    for point, allowed in STATES_OF_A_HEALTHY_ASSET[asset.kind].items():
        assert states.get(point, set()) <= allowed, (name, point)
    assert judged > 0 or asset.kind in {"elevator", "gas", "thermometer"}


@pytest.mark.parametrize("name", [name for name, *_ in ASSETS])
def test_a_day_without_a_fault_stays_inside_the_physical_bounds(name: str) -> None:
    """A reading beyond its bounds is bad, and a bad reading on healthy equipment would be a false ticket."""
    low, high, _ = healthy(name)
    for point in site().points_of(site().asset(name)):
        if point.bounds is not None and point.id in low:
            assert point.bounds[0] <= low[point.id], point.id
            assert high[point.id] <= point.bounds[1], point.id


@pytest.mark.parametrize(
    ("name", "disturbance", "point"),
    [
        ("hot", "load_step", "supply_temp"), ("steam", "load_step", "steam_pressure"),
        ("steam", "light_off_puff", "room_ch4"), ("kitchen", "cooking", "ch4"), ("line", "meal_peak", "line_pressure"),
        ("line", "meal_peak", "flow"), ("bin", "thursday_surge", "fill"), ("bin", "multipath", "fill"),
        ("gate", "rush", "ambient"), ("booster", "demand_peak", "flow"), ("booster", "stirred_up", "ph"),
        ("mains", "motor_start", "voltage_a"), ("air", "air_peak", "pressure"), ("tank", "delivery", "level"),
        ("tank", "hot_afternoon", "temperature"),
    ],
)  # fmt: skip
def test_a_disturbance_stays_inside_as_well(name: str, disturbance: str, point: str) -> None:
    _, high, _ = extremes(World(site(), scenario(fault(name, disturbance, 600.0)), 3, START_MS), name)
    for rule in limits_of(name):
        for leaf in leaves(rule.when):
            if isinstance(leaf, High) and (leaf.point or rule.point) == point:
                assert isinstance(leaf.limit, float | int)
                assert high[point] < leaf.limit, rule.id
