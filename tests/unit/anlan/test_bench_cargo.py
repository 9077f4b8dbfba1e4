"""What a bench sends is what an agent would send: the gate takes all of it, and nothing of it is in doubt."""

from __future__ import annotations

import numpy as np

from anlan.bench.cargo import BODIES, cargo
from anlan.bench.plant import HIGH, plant
from wire.gate import Gate
from wire.message import Message
from wire.verdict import Accepted

BEGIN_MS = 1_774_483_200_000
STEP_MS = 10_000


def accepted(points: int, edges: int, rounds: int, hot: float = 0.0) -> list[Accepted]:
    load = cargo(points, edges, epoch=1, begin_ms=BEGIN_MS, hot=hot)
    messages = [Message(topic, payload) for topic, payload in load.messages(rounds)]
    answers = Gate([plant(points, edges)]).judge_all(messages, BEGIN_MS + rounds * STEP_MS)
    found = [answer for answer in answers if isinstance(answer, Accepted)]
    assert len(found) == len(answers)
    return found


def test_every_point_is_sent_once_a_round_and_believed() -> None:
    frames = accepted(200, 4, 3)

    assert [(frame.edge, frame.seq) for frame in frames[:5]] == [("e0", 1), ("e1", 1), ("e2", 1), ("e3", 1), ("e0", 2)]
    one_round = np.concatenate([frame.series for frame in frames[:4]])
    assert len(np.unique(one_round)) == 200
    assert not any(frame.refused or frame.quality.any() for frame in frames)
    assert frames[4].ts_ms - frames[0].ts_ms == STEP_MS


def test_a_share_of_the_points_is_over_its_limit_in_half_of_the_bodies() -> None:
    frames = accepted(200, 4, BODIES, hot=0.1)

    over = [int((frame.values > HIGH).sum()) for frame in frames]
    assert 10 <= sum(over[:4]) <= 30
    assert not any(over[4 * BODIES // 2 :])
