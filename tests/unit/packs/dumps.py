"""Golden dumps and payloads as data, and what the edge makes of them. Shared by the tests of this folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.decode import BlockDecoder, Columns, Memory
from edge.payload import PayloadDecoder, Told
from edge.plan import Block, read_blocks
from edge.tap import Setting, Tap
from vocab.instant import seconds_ms, to_ms
from vocab.make import Make
from vocab.pack import Pack
from vocab.point import Point
from vocab.quality import Reason

SITE_ZONE = ZoneInfo("Asia/Shanghai")
BIT_TABLES = ("coil", "discrete")

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One dump or message with what it must be read as."""

    name: str
    image: Mapping[Place, int]  # words, or single bits of the bit tables
    body: bytes | None
    measured: datetime | None
    expect: Mapping[str, float | str]  # a number, or the id of a state
    doubt: Mapping[str, str]  # reason words


@dataclass(frozen=True, slots=True)
class Golden:
    """The file of one make."""

    make: str
    source: str
    cases: tuple[Case, ...]


def golden(path: Path) -> Golden:
    """A file of packs/KIND/golden/."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Golden(data["make"], data["source"], tuple(_case(case) for case in data["case"]))


def _case(data: dict[str, object]) -> Case:
    image: dict[Place, int] = {}
    for block in data.get("block", ()):  # type: ignore[attr-defined]
        image |= _words(block["table"], block["start"], bytes.fromhex(block["hex"]))
    body = data.get("body")
    if "body_hex" in data:
        content: bytes | None = bytes.fromhex(str(data["body_hex"]))
    else:
        content = None if body is None else str(body).encode()
    return Case(
        name=str(data["name"]),
        image=image,
        body=content,
        measured=data.get("measured"),  # type: ignore[arg-type]
        expect=data.get("expect", {}),  # type: ignore[arg-type]
        doubt=data.get("doubt", {}),  # type: ignore[arg-type]
    )


def _words(table: str, start: int, data: bytes) -> dict[Place, int]:
    """Registers big-endian as on the wire; bits lowest first, as an answer to function 1 or 2 packs them."""
    if table in BIT_TABLES:
        return {(table, start + 8 * i + bit): byte >> bit & 1 for i, byte in enumerate(data) for bit in range(8)}
    words = zip(data[::2], data[1::2], strict=True)
    return {(table, start + i): high << 8 | low for i, (high, low) in enumerate(words)}


@dataclass(frozen=True, slots=True)
class Read:
    """What the edge says that a case holds."""

    values: Mapping[str, float | None]
    reasons: Mapping[str, Reason]
    device_ms: int | None = None


def points_of(pack: Pack, make: Make) -> dict[str, Point]:
    """The points that an asset with this one device has."""
    return {name: pack.points[name] for name in make.points}


def read(pack: Pack, make: Make, case: Case) -> Read:
    """The case through the edge's own decoder and doubts."""
    points = points_of(pack, make)
    setting = Setting("equipment", points, (), {}, make.validity)
    if make.mqtt is not None:
        assert case.body is not None, "a make that sends messages needs a body"
        decoder = PayloadDecoder(make.mqtt, points, SITE_ZONE)
        told = decoder.decode(case.body)
        assert isinstance(told, Told), told
        return _gathered([_settled(setting, decoder.points, told.row, Memory())], told.device_ms)
    memory = Memory()
    periods = {point.id: seconds_ms(point.period_s) for point in points.values()}
    rows: list[dict[str, tuple[float | None, Reason]]] = []
    # Twice, since a block may depend on the state or the decimals that another one holds.
    for block in read_blocks(make, periods) * 2:
        block_decoder = BlockDecoder(block, points)
        columns = block_decoder.decode(_answer(block, case.image), memory)
        assert isinstance(columns, Columns), columns
        row = _settled(setting, block_decoder.points, columns, memory)
        dumped = {register.point for register in block.registers if (register.table, register.address) in case.image}
        rows.append({name: each for name, each in row.items() if name in dumped})
    return _gathered(rows)


def _answer(block: Block, image: Mapping[Place, int]) -> list[int]:
    """What a device whose other registers are 0 answers."""
    return [image.get((block.table, block.address + i), 0) for i in range(block.count)]


def _settled(
    setting: Setting, names: tuple[str, ...], row: Columns, memory: Memory
) -> dict[str, tuple[float | None, Reason]]:
    batch = Tap(setting, names, memory, None).told(row, 0, 0)
    if batch is None:
        return {}
    reasons = batch.reasons or [0] * len(batch.points)
    together = zip(batch.points, batch.values, reasons, strict=True)
    return {name: (value, Reason(reason)) for name, value, reason in together}


def _gathered(rows: list[dict[str, tuple[float | None, Reason]]], device_ms: int | None = None) -> Read:
    merged = {name: each for row in rows for name, each in row.items()}
    return Read(
        {name: value for name, (value, _) in merged.items()},
        {name: reason for name, (_, reason) in merged.items()},
        device_ms,
    )


def expected_value(point: Point, wanted: float | str) -> float:
    """The number behind a state id, or the number itself."""
    return float(next(s.code for s in point.states if s.id == wanted)) if isinstance(wanted, str) else float(wanted)


def measured_ms(case: Case) -> int | None:
    """The moment that the case says its message was made."""
    return None if case.measured is None else to_ms(case.measured)
