"""Pure. Frames of a plant, encoded before anything is measured.

A cabinet sends the same few bodies over and over, each with a head of its own: whoever sends only joins two texts.
Values move by a tenth around a level inside the limits, so nothing alarms unless asked; `hot` of the points (a share)
are over their limit in half of the bodies.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np

from anlan.bench.plant import HIGH, PERIOD_MS, POINTS
from vocab.topics import Kind, Topic
from wire import packed
from wire.frame import VERSION

SITE = "bench"
BODIES = 20  # of a cabinet
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Cargo:
    """What cabinets send: a frame of each every `step_ms`."""

    topics: tuple[str, ...]
    bodies: tuple[tuple[bytes, ...], ...]
    epoch: int
    begin_ms: int
    step_ms: int = PERIOD_MS

    def messages(self, rounds: int) -> Iterator[tuple[str, bytes]]:
        """Topic and payload, cabinet by cabinet, for so many rounds."""
        for number in range(rounds):
            ts = self.begin_ms + number * self.step_ms
            for edge, topic in enumerate(self.topics):
                head = {
                    "v": VERSION,
                    "site": SITE,
                    "edge": f"e{edge}",
                    "epoch": self.epoch,
                    "seq": number + 1,
                    "ts": ts,
                }
                yield topic, b"\x88" + _encode(head)[1:] + self.bodies[edge][number % BODIES]


def cargo(points: int, edges: int, epoch: int, begin_ms: int, hot: float = 0.0) -> Cargo:
    """Frames of `plant(points, edges)`, each with every point of its cabinet."""
    chance = np.random.default_rng(1)
    machines = points // POINTS
    bodies = []
    for edge in range(edges):
        mine = [number for number in range(machines) if number * edges // machines == edge]
        level = 20 + 60 * chance.random((len(mine), POINTS))
        is_hot = chance.random(level.shape) < hot
        bodies.append(tuple(_body(mine, _values(chance, level, is_hot, body)) for body in range(BODIES)))
    topics = tuple(str(Topic(SITE, f"e{edge}", Kind.TELE)) for edge in range(edges))
    return Cargo(topics, tuple(bodies), epoch, begin_ms)


def _values(chance: np.random.Generator, level: np.ndarray, is_hot: np.ndarray, body: int) -> np.ndarray:
    values = level + 0.1 * chance.standard_normal(level.shape)
    if body < BODIES // 2:
        values[is_hot] = HIGH + 5.0
    return np.round(values, 1)


def _body(machines: list[int], values: np.ndarray) -> bytes:
    """Names and values of a packed frame: two keys of its map, which with the six of the head has eight."""
    points = [f"p{number}" for number in range(POINTS)]
    names = packed.names_of([(f"m{number}", points) for number in machines])
    return _encode({"n": names, "x": packed.pack_values(values.ravel().tolist())})[1:]
