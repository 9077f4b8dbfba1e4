"""Inputs that are nearly right: what a door really receives, spoilt a little, or two of them grown together.

Which inputs are worth spoiling again is decided by what a door said of them: one that was told something new is kept.
That is cheaper than watching which lines ran (Python pays thirtyfold for that), and what the doors say is fine enough.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Hashable, Sequence

_MOST = 96  # inputs kept
_NUMBERS = (
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    2**31 - 1,
    2**31,
    2**32 - 1,
    2**53,
    2**63 - 1,
    2**63,
    2**64 - 1,
)
_TEXTS = (
    b"null", b"true", b"-1", b"0", b"1e999", b"-0.0", b"NaN", b"{}", b"[]", b'""', b"9" * 40, b"\xff\xfe", b"\x00",
    "阀".encode(), b"../", b"[[", b"}}", b"\n", b"'''", b'"', b"=", b"#", b"inf", b"0x10", b"1979-05-27T07:32:00Z",
)  # fmt: skip


class Corpus:
    """Seeds and what grew out of them."""

    def __init__(self, seeds: Sequence[bytes], dice: random.Random, most_bytes: int) -> None:
        self._dice = dice
        self._kept = list(seeds)
        self._seeds = len(self._kept)
        self._most_bytes = most_bytes
        self._told: set[Hashable] = set()

    def next(self) -> bytes:
        """An input that was never tried, most likely."""
        dice = self._dice
        data = bytearray(dice.choice(self._kept))
        for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
            dice.choice(_WAYS)(data, dice, self._kept)
        return bytes(data[: self._most_bytes])

    def learn(self, data: bytes, told: Hashable) -> None:
        """What a door said of an input."""
        if told in self._told or len(self._told) > 4096:
            return
        self._told.add(told)
        if len(self._kept) < _MOST:
            self._kept.append(data)
        else:
            self._kept[self._dice.randrange(self._seeds, _MOST) if self._seeds < _MOST else 0] = data

    @property
    def answers(self) -> int:
        """How many different things were said."""
        return len(self._told)


def _flip(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    if data:
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _byte(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    if data:
        data[dice.randrange(len(data))] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))


def _number(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    form = dice.choice(("<B", "<H", ">H", "<I", ">I", "<Q", ">Q", "<d"))
    value = dice.choice(_NUMBERS)
    packed = (
        struct.pack(form, float(value)) if form == "<d" else struct.pack(form, value % 2 ** (8 * struct.calcsize(form)))
    )
    at = dice.randrange(len(data) + 1)
    data[at : at + len(packed)] = packed


def _text(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    at, word = dice.randrange(len(data) + 1), dice.choice(_TEXTS)
    data[at : at + dice.choice((0, 0, 1, len(word)))] = word


def _cut(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    if data:
        at = dice.randrange(len(data))
        del data[at : at + dice.choice((1, 2, 4, 8, 32, len(data)))]


def _again(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    if data:
        at = dice.randrange(len(data))
        piece = data[at : at + dice.choice((1, 4, 16, 64))]
        data[at:at] = piece * dice.choice((1, 2, 8))


def _graft(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    other = dice.choice(others)
    if other:
        start = dice.randrange(len(other))
        at = dice.randrange(len(data) + 1)
        data[at : at + dice.choice((0, 8, 64))] = other[start : start + dice.choice((4, 16, 128))]


def _digits(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    """Another number where a number stands in a text."""
    places = [at for at, byte in enumerate(data[:4096]) if 0x30 <= byte <= 0x39]
    if places:
        data[dice.choice(places)] = dice.choice(b"0123456789-.e")


_WAYS = (_flip, _byte, _number, _text, _cut, _again, _graft, _digits)
