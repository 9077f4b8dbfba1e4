"""Pure. The readings of one frame, however it was written, as flat columns of series that the site knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from wire import packed
from wire.frame import doubt_of
from wire.layout import Cabinet, Layout
from wire.lean import Lean, LeanColumns, NotLeanError, decode_lean, version_in
from wire.packed import MOST_OFFSET, Packed
from wire.verdict import Refusal, Refused, RefusedError

_BINARY64, _BYTES = np.dtype("<f8"), 8
_INTEGERS: dict[int, np.dtype[np.signedinteger[Any]]] = {4: np.dtype("<i4"), 8: np.dtype("<i8")}


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """Row i of the columns is one reading. What is refused is not among them."""

    series: NDArray[np.int32]
    values: NDArray[np.float64]  # what is not finite is no value
    offsets_ms: NDArray[np.int64] | None  # None: all 0
    doubts: list[tuple[int, int, int]]  # row, quality, reason
    refused: tuple[Refused, ...] = ()


def read(payload: bytes) -> Lean | Packed:
    """The head of a frame, its readings not looked at yet; NotLeanError says what is wrong."""
    if not packed.is_packed(payload):
        return decode_lean(payload)
    try:
        return packed.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotLeanError(str(error), version_in(payload, packed=True)) from error


def width(frame: Lean | Packed) -> int:
    """How many readings it brings, as far as that can be told without looking."""
    if isinstance(frame, Packed):
        return len(frame.values) // _BYTES
    return sum(len(block.values) for block in frame.assets)


def flat(cabinet: Cabinet, frame: Lean | Packed) -> Flat:
    """The readings of a frame of this cabinet; RefusedError if it is none after all."""
    return _of_packed(cabinet, frame) if isinstance(frame, Packed) else _of_json(cabinet, frame)


# --- packed ----------------------------------------------------------------------------------------------------------


def _of_packed(cabinet: Cabinet, frame: Packed) -> Flat:
    layout = cabinet.frame(bytes(frame.names))
    if len(frame.values) != layout.width * _BYTES:
        raise RefusedError(Refusal.MALFORMED, "the values differ in length from the points")
    values = np.frombuffer(frame.values, _BINARY64)
    offsets = _offsets(frame.offsets_ms, layout.width) if frame.offsets_ms else None
    if layout.kept is not None:
        values = values[layout.kept]
        offsets = None if offsets is None else offsets[layout.kept]
    doubts = _doubts("the frame", frame.doubts, layout, 0) if frame.doubts else []
    return Flat(layout.series, values, offsets, doubts, layout.refused)


def _offsets(column: bytes, rows: int) -> NDArray[np.int64]:
    try:
        kind = _INTEGERS[packed.offset_bytes(column, rows)]
    except ValueError as error:
        raise RefusedError(Refusal.MALFORMED, str(error)) from error
    offsets: NDArray[np.int64] = np.frombuffer(column, kind).astype(np.int64)
    if ((offsets < -MOST_OFFSET) | (offsets > MOST_OFFSET)).any():
        raise RefusedError(Refusal.MALFORMED, "an offset is beyond all time")
    return offsets


# --- JSON ------------------------------------------------------------------------------------------------------------


def _of_json(cabinet: Cabinet, frame: Lean) -> Flat:
    series: list[NDArray[np.int32]] = []
    values: list[float | None] = []
    offsets: list[int] = []  # may be shorter than `values`: the rest are 0
    doubts: list[tuple[int, int, int]] = []
    refused: tuple[Refused, ...] = ()
    for block in frame.assets:
        layout, start = cabinet.block(block.asset, bytes(block.points)), len(values)
        if len(block.values) != layout.width:
            raise RefusedError(Refusal.MALFORMED, f"the columns of {block.asset!r} differ in length")
        series.append(layout.series)
        values += block.values if layout.kept is None else [block.values[column] for column in layout.kept]
        refused += layout.refused
        if block.offsets_ms is not None:
            offsets += [0] * (start - len(offsets))
            offsets += _shifted(block, layout)
        if block.doubts:
            doubts += _doubts(repr(block.asset), block.doubts, layout, start)
    shifts = np.array(offsets + [0] * (len(values) - len(offsets)), np.int64) if offsets else None
    joined = np.concatenate(series) if series else np.empty(0, np.int32)
    return Flat(joined, np.array(values, np.float64), shifts, doubts, refused)


def _shifted(block: LeanColumns, layout: Layout) -> list[int]:
    """When each reading of a block was measured."""
    offsets = block.offsets_ms or []
    if len(offsets) != layout.width:
        raise RefusedError(Refusal.MALFORMED, f"the offsets of {block.asset!r} differ in length")
    return offsets if layout.kept is None else [offsets[column] for column in layout.kept]


def _doubts(whose: str, doubts: list[tuple[int, int, str]], layout: Layout, start: int) -> list[tuple[int, int, int]]:
    """What the edge itself does not believe, by row."""
    rows = None if layout.kept is None else {column: row for row, column in enumerate(layout.kept.tolist())}
    found = []
    for column, quality, word in doubts:
        doubt = doubt_of(quality, word)
        if doubt is None or not 0 <= column < layout.width:
            raise RefusedError(Refusal.MALFORMED, f"{whose} has the doubt {(column, quality, word)}")
        row = column if rows is None else rows.get(column)
        if row is not None:
            found.append((start + row, int(doubt[0]), int(doubt[1])))
    return found
