"""Pure. A small scripted site for the wall's browser tests: one asset for each thing the wall must be able to show."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def _limit(rule: str, kind: str, limit: float, priority: int, name: tuple[str, str]) -> Json:
    words = {"en": name[0], "zh": name[1]}
    return {"rule": rule, "type": kind, "limit": limit, "deadband": 1.0, "priority": priority, "name": words}


def point(ident: str, name: tuple[str, str], label: str = "", **more: Any) -> Json:
    """A point as /api/v1/site tells it."""
    words = {"en": name[0], "zh": name[1]}
    return {
        "id": ident, "name": words, "unit": label, "label": label, "decimals": 1, "normal": None, "states": [],
        "heartbeat_s": 60.0, "limits": [], **more,
    }  # fmt: skip


def state(code: int, ident: str, name: tuple[str, str], *, abnormal: bool = False) -> Json:
    """One code of a state point."""
    return {"code": code, "id": ident, "name": {"en": name[0], "zh": name[1]}, "abnormal": abnormal}


def _asset(
    ident: str, kind: str, name: tuple[str, str], grid: str, points: list[Json], attributes: list[Json] | None = None
) -> Json:
    return {
        "id": ident, "kind": kind, "kind_name": {"en": kind, "zh": kind},
        "name": {"en": name[0], "zh": name[1]},
        "grid": grid, "location": {"en": f"Beside {ident}", "zh": f"{ident} 旁"}, "variant": None, "edge": ["edge-a"],
        "registration": "11000312342024000001", "attributes": attributes or [], "points": points,
    }  # fmt: skip


_SUPPLY = point(
    "supply_temp", ("Supply temperature", "供水温度"), "°C", normal=[60, 85], heartbeat_s=10.0,
    limits=[
        _limit("supply_high", "high", 90, 2, ("Supply too hot", "供水温度高")),
        _limit("supply_very_high", "high", 95, 1, ("Supply far too hot", "供水温度过高")),
    ],
)  # fmt: skip
_PRESSURE = point("water_pressure", ("Water pressure", "水压"), "MPa", normal=[0.3, 0.6], decimals=2, heartbeat_s=600.0)
_BURNER = point(
    "burner_state", ("Burner", "燃烧器"), heartbeat_s=600.0,
    states=[state(0, "off", ("Off", "停止")), state(1, "run", ("Running", "运行")),
            state(2, "lockout", ("Locked out", "锁定"), abnormal=True)],
)  # fmt: skip
_FILL = point(
    "fill", ("Fill level", "满溢度"), "%", normal=[0, 75], heartbeat_s=1800.0,
    limits=[_limit("bin_full", "high", 90, 3, ("Bin full", "垃圾桶满"))],
)  # fmt: skip
_SKIN = point("skin_temp", ("Skin temperature", "体表温度"), "°C", heartbeat_s=60.0, on_event=True)
_WASTE: Json = {
    "id": "waste_class", "name": {"en": "Class of waste", "zh": "垃圾分类"},
    "value": "kitchen", "value_name": {"en": "Kitchen waste", "zh": "厨余垃圾"},
}  # fmt: skip

SITE: Json = {
    "id": "test",
    "name": {"en": "Test community", "zh": "测试社区"},
    "timezone": "Asia/Shanghai",
    "simulated": True,
    "policy": {"shelf_s": {"2": 7200, "3": 28800, "4": 86400}, "most_renewals": 3},
    "grids": [
        {"id": "north", "name": {"en": "North court", "zh": "北苑网格"}},
        {"id": "gate", "name": {"en": "Gates", "zh": "出入口网格"}},
    ],
    "edges": [{"id": "edge-a", "name": {"en": "Cabinet A", "zh": "A柜"}, "grid": "north"}],
    "assets": [
        _asset("boiler-1", "boiler", ("Boiler 1", "1号热水锅炉"), "north", [_SUPPLY, _PRESSURE, _BURNER]),
        _asset("bin-1", "bin", ("Bins building 1", "1号楼垃圾桶"), "north", [_FILL], [_WASTE]),
        _asset("gate-1", "thermometer", ("East gate", "东门哨卡"), "gate", [_SKIN]),
        _asset("edge-a", "edge", ("Cabinet A", "A柜"), "north", []),
    ],
}
