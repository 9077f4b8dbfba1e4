"""Pure. A cabinet's devices as the edge works with them: read blocks with their decoders, and message sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edge.decode import BlockDecoder, Columns, Memory
from edge.payload import PayloadDecoder
from edge.plan import Block, read_blocks
from edge.request import ReadFailure, Request
from edge.schedule import Slot
from edge.tap import Setting, Tap
from vocab.instant import seconds_ms
from vocab.make import Make
from vocab.site import Asset, Device, EdgeNode, Site


@dataclass(frozen=True, slots=True)
class Feed:
    """One read block: what to ask, how to read the answer, what to tell of it."""

    request: Request
    slot: Slot
    decoder: BlockDecoder
    tap: Tap
    memory: Memory

    def decode(self, answer: bytes | Sequence[int] | ReadFailure) -> Columns | ReadFailure:
        """The row of values in an answer."""
        return answer if isinstance(answer, ReadFailure) else self.decoder.decode(answer, self.memory)


@dataclass(frozen=True, slots=True)
class Source:
    """One device that sends messages."""

    bus: str
    topic: str
    filter: str  # what to subscribe to: one for all devices of a make, since a broker's sessions bear few filters
    device: str
    decoder: PayloadDecoder
    tap: Tap


def planned(site: Site, asset: Asset, device: Device) -> tuple[Block, ...]:
    """The read blocks of one device."""
    periods = {point.id: seconds_ms(point.period_s) for point in site.points_of(asset)}
    return read_blocks(_make(site, asset, device), periods)


def feeds(site: Site, edge: EdgeNode) -> tuple[Feed, ...]:
    """Every read block of the cabinet, numbered from 0."""
    found: list[Feed] = []
    for asset, device in site.devices_of(edge.id):
        make = _make(site, asset, device)
        if make.modbus is None or device.unit is None:
            continue
        setting, memory = _setting(site, asset, make), Memory()
        for block in planned(site, asset, device):
            decoder = BlockDecoder(block, setting.points)
            request = Request(
                device.bus, device.id, device.unit, block.table, block.address, block.count, number=len(found)
            )
            slot = Slot(device.bus, device.id, block.period_ms, make.modbus.min_interval_ms)
            tap = Tap(setting, decoder.points, memory, block.period_ms)
            found.append(Feed(request, slot, decoder, tap, memory))
    return tuple(found)


def sources(site: Site, edge: EdgeNode) -> tuple[Source, ...]:
    """Every device of the cabinet that sends messages."""
    zone = ZoneInfo(site.file.timezone)
    found = []
    for asset, device in site.devices_of(edge.id):
        make = _make(site, asset, device)
        if make.mqtt is None:
            continue
        setting = _setting(site, asset, make)
        decoder = PayloadDecoder(make.mqtt, setting.points, zone)
        topic = make.mqtt.topic.replace("{serial}", device.serial or "")
        levels = ["+" if level == "{serial}" else level for level in make.mqtt.topic.split("/")]
        pattern = "/".join(levels).replace("{serial}", device.serial or "")
        tap = Tap(setting, decoder.points, Memory(), None)
        found.append(Source(device.bus, topic, pattern, device.id, decoder, tap))
    return tuple(found)


def _make(site: Site, asset: Asset, device: Device) -> Make:
    return site.packs[asset.kind].makes[device.make]


def _setting(site: Site, asset: Asset, make: Make) -> Setting:
    pack = site.packs[asset.kind]
    points = {point.id: point for point in site.points_of(asset)}
    return Setting(asset.id, points, pack.derives, site.params_of(asset), make.validity)
