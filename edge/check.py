"""Pure. What an edge would read, and how busy that keeps each bus: for `anlan edge check`, before anything is wired."""

from __future__ import annotations

from dataclasses import dataclass

from edge.pdu import FUNCTION
from edge.plan import Block
from edge.scope import scope
from edge.wiring import planned
from vocab.rule import Rule
from vocab.site import Asset, Bus, Device, Site

# A request on Modbus TCP over a quiet LAN, and the turn-round of a slave on a serial line. Estimates, not measurements.
_TCP_MS = 5.0
_TURN_ROUND_MS = 20.0


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """One read request of one device."""

    bus: str
    device: str
    asset: str
    make: str
    unit: int
    function: int  # Modbus function code
    table: str
    address: int  # 0-based
    count: int
    period_s: float
    points: tuple[str, ...]
    cost_ms: float  # estimated time on the bus


@dataclass(frozen=True, slots=True)
class BusLoad:
    """What polling asks of a bus. Beyond 100 % slots would be skipped; keep serial lines well below."""

    bus: str
    type: str
    devices: int
    blocks: int
    requests_per_minute: float
    load_percent: float


@dataclass(frozen=True, slots=True)
class PlannedTopic:
    """One device that sends messages by itself."""

    bus: str
    device: str
    asset: str
    make: str
    topic: str
    interval_s: float
    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnAlarms:
    """What the cabinet judges by itself of one asset."""

    asset: str
    rules: tuple[str, ...]
    sets_off: tuple[tuple[str, str], ...]  # annunciator, rule
    elsewhere: str = ""  # why only the server can judge them


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """Everything `anlan edge check` shows."""

    edge: str
    blocks: tuple[PlannedBlock, ...]
    buses: tuple[BusLoad, ...]
    topics: tuple[PlannedTopic, ...]
    own_alarms: tuple[OwnAlarms, ...]


def check(site: Site, edge_id: str) -> ReadPlan:
    """The read plan of an edge. PlanError if a register cannot be read as its make demands."""
    buses = {bus.id: bus for bus in site.edge(edge_id).bus}
    blocks: list[PlannedBlock] = []
    topics: list[PlannedTopic] = []
    for asset, device in site.devices_of(edge_id):
        make = site.packs[asset.kind].makes[device.make]
        blocks += [_block(asset, device, buses[device.bus], block) for block in planned(site, asset, device)]
        if make.mqtt is not None:
            topic = make.mqtt.topic.replace("{serial}", device.serial or "")
            interval_s = make.mqtt.interval_s
            topics.append(PlannedTopic(device.bus, device.id, asset.id, make.make, topic, interval_s, make.points))
    loads = tuple(_load(bus, [block for block in blocks if block.bus == bus.id]) for bus in buses.values())
    return ReadPlan(edge_id, tuple(blocks), loads, tuple(topics), _own_alarms(site, edge_id))


def _own_alarms(site: Site, edge_id: str) -> tuple[OwnAlarms, ...]:
    found, actions = scope(site, edge_id), site.edge(edge_id).action
    by_asset: dict[str, dict[str, Rule]] = {}
    for alarm, rule in found.safety.items():
        by_asset.setdefault(alarm.split(".")[0], {})[rule.id] = rule
    own = [
        OwnAlarms(
            asset,
            tuple(rules),
            tuple((each.annunciator, name) for each in actions for name, rule in rules.items() if each.covers(rule)),
        )
        for asset, rules in by_asset.items()
    ]
    left: dict[tuple[str, str], list[str]] = {}
    for alarm, why in found.elsewhere.items():
        asset, _, name = alarm.partition(".")
        left.setdefault((asset, why), []).append(name)
    return (*own, *(OwnAlarms(asset, tuple(names), (), why) for (asset, why), names in left.items()))


def _block(asset: Asset, device: Device, bus: Bus, block: Block) -> PlannedBlock:
    points = tuple(register.point for register in block.registers)
    return PlannedBlock(
        device.bus, device.id, asset.id, device.make, device.unit or 0, FUNCTION[block.table], block.table,
        block.address, block.count, block.period_ms / 1000, points, round(_cost_ms(bus, block), 2),
    )  # fmt: skip


def _cost_ms(bus: Bus, block: Block) -> float:
    if bus.type != "modbus-rtu":
        return _TCP_MS
    bits = 11 if bus.parity != "N" else 10
    data = (block.count + 7) // 8 if FUNCTION[block.table] <= 2 else 2 * block.count
    characters = 8 + 5 + data + 2 * 3.5  # question, answer, and the silence before each
    return characters * bits / bus.baud * 1000 + _TURN_ROUND_MS


def _load(bus: Bus, blocks: list[PlannedBlock]) -> BusLoad:
    per_s = sum(1 / block.period_s for block in blocks)
    busy = sum(block.cost_ms / 1000 / block.period_s for block in blocks)
    devices = len({block.device for block in blocks})
    return BusLoad(bus.id, bus.type, devices, len(blocks), round(60 * per_s, 1), round(100 * busy, 1))
