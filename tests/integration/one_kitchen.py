"""Shell. One gas detector in a canteen with the demo's people around it, and a cabinet that speaks for it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import struct
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from runtime.clock import Clock
from runtime.files import load_site, shipped
from tests.brokers import RunningBroker
from vocab.site import Site
from vocab.topics import Kind, build
from wire.address import Address
from wire.frame import AssetColumns, Frame, encode
from wire.publisher import Publisher

EDGE, DETECTOR = "edge-a", "gas-canteen"
_EVERY_S = 0.1  # real time
_BESIDE = ("org.toml", "channels.toml")
_ONCALL = """
[[roster]]
id = "duty"
name = { en = "Duty room", zh = "值班" }
around_the_clock = true
[[roster.rotation]]
type = "daily"
people = ["duty-b", "duty-c"]
start = 2026-01-01
handover = "08:00"
[[policy]]
id = "all"
name = { en = "At once", zh = "立即" }
[[policy.step]]
who = ["roster:duty", "unit:lead"]
after_s = 0
"""
_ASSET = """
[[edge]]
id = "edge-a"
name = { en = "Cabinet A", zh = "A柜" }
grid = "south"
[[edge.bus]]
id = "gas"
type = "modbus-tcp"
[[asset]]
id = "gas-canteen"
kind = "gas"
name = { en = "Gas detector, elderly canteen", zh = "老年食堂燃气探测器" }
grid = "south"
location = { en = "South court, canteen kitchen", zh = "南苑老年食堂厨房" }
variant = "detector"
[[asset.device]]
id = "g1"
make = "toc635"
edge = "edge-a"
bus = "gas"
unit = 1
"""


def site_in(folder: Path) -> Site:
    """The demo's grids, people, rosters and channels, and one detector."""
    demo = shipped("sites") / "demo"
    folder.mkdir()
    for name in _BESIDE:
        shutil.copy(demo / name, folder / name)
    (folder / "oncall.toml").write_text(_ONCALL, encoding="utf-8")
    grids, _, _ = (demo / "site.toml").read_text(encoding="utf-8").partition("# Ports are 0")
    (folder / "site.toml").write_text(grids + _ASSET, encoding="utf-8")
    return load_site(folder)


@dataclass
class Cabinet:
    """What the detector says, over and over, in the clock's time."""

    publisher: Publisher
    clock: Clock
    says: dict[str, float]
    seq: int = 0
    epoch: int = field(default=1)

    async def speak(self) -> None:
        """Until cancelled."""
        while True:
            self.seq += 1
            blocks = [
                AssetColumns(EDGE, ["heartbeat", "spool_frames"], [float(self.seq), 0.0]),
                AssetColumns(DETECTOR, list(self.says), [*self.says.values()]),
            ]
            frame = Frame(1, "demo", EDGE, self.epoch, self.seq, self.clock.now_ms(), blocks)
            await self.publisher.publish(build("demo", EDGE, Kind.TELE), encode(frame))
            await asyncio.sleep(_EVERY_S)


@contextlib.asynccontextmanager
async def speaking(broker: RunningBroker, site: Site, clock: Clock) -> AsyncIterator[Cabinet]:
    """A cabinet whose detector finds nothing until a test says so."""
    calm: dict[str, float] = {}
    for point in site.points_of(site.asset(DETECTOR)):
        calm[point.id] = float(next((state.code for state in point.states if not state.abnormal), 0))
    async with Publisher(Address(broker.host, broker.port), f"edge-{EDGE}") as publisher:
        cabinet = Cabinet(publisher, clock, calm)
        task = asyncio.create_task(cabinet.speak())
        try:
            yield cabinet
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def png(side: int = 64) -> bytes:
    """A picture that a browser can show: grey, darker to the right."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" + bytes(255 - 3 * (x % 80) for x in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(row * side)) + chunk(b"IEND", b"")
