"""Pure. Whether the whole way from a cabinet to a person lives, and which part of it does not.

The law of this file
1. A part of which nothing was seen yet does not live; but it has not failed before its own time is over.
2. Everything is measured by a clock that nobody sets. A clock of the site that is wrong is another trouble.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from alerts.views import Both
from vocab.channels import Heartbeat

PARTS = ("broker", "frames", "evaluation", "outbox", "database")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the way, in real seconds. None: nothing was seen yet, or does not belong to this site."""

    started_s: float  # how long ago this process began to look
    subscribed: bool
    frames_s: Mapping[str, float | None] = field(default_factory=dict)  # by cabinet, since one was judged
    evaluation_s: float | None = None  # since the rules were gone through
    batch_s: float = 0.0  # how long the frames that are being judged have waited
    outbox_s: float | None = None  # the oldest page that is due
    looked_s: float | None = None  # since the outbox was looked through
    written_s: float | None = None  # how long a write took until it was durable; None: it is not yet
    database: str = ""  # why the database cannot be used


@dataclass(frozen=True, slots=True)
class Failing:
    """A part that does not live. `new`: it was not seen yet, and its time is not over."""

    part: str
    said: Both
    new: bool = False


def failing(beat: Heartbeat, seen: Seen) -> list[Failing]:
    """Every part that does not live, in the order of the way; none: the heart beats."""
    found = [*_broker(beat, seen), *_frames(beat, seen), *_evaluation(beat, seen), *_outbox(beat, seen)]
    return [*found, *_database(beat, seen)]


def _broker(beat: Heartbeat, seen: Seen) -> Iterator[Failing]:
    if not seen.subscribed:
        said = Both("not subscribed at the broker: nothing is heard", "未连上消息服务器：听不到任何数据")
        yield Failing("broker", said, new=seen.started_s <= beat.evaluation_s)


def _frames(beat: Heartbeat, seen: Seen) -> Iterator[Failing]:
    for edge, age in seen.frames_s.items():
        if edge in beat.without or (age is not None and age <= beat.frames_s):
            continue
        if age is None:
            said = Both(f"{edge}: no frame yet", f"{edge}：尚未收到数据帧")
        else:
            said = Both(f"{edge}: no frame for {age:.0f} s", f"{edge}：已{age:.0f}秒无数据帧")
        yield Failing("frames", said, new=age is None and seen.started_s <= beat.frames_s)


def _evaluation(beat: Heartbeat, seen: Seen) -> Iterator[Failing]:
    age = seen.evaluation_s
    if age is None or age > beat.evaluation_s:
        since = seen.started_s if age is None else age
        said = Both(f"the rules were not gone through for {since:.0f} s", f"规则已{since:.0f}秒未运算")
        yield Failing("evaluation", said, new=age is None and seen.started_s <= beat.evaluation_s)
    elif seen.batch_s > beat.evaluation_s:
        said = Both(f"frames wait to be judged for {seen.batch_s:.0f} s", f"数据帧等待判断已{seen.batch_s:.0f}秒")
        yield Failing("evaluation", said)


def _outbox(beat: Heartbeat, seen: Seen) -> Iterator[Failing]:
    if seen.outbox_s is None:
        return
    if seen.outbox_s > beat.outbox_s:
        said = Both(f"a page has waited for {seen.outbox_s:.0f} s", f"有呼叫已等待{seen.outbox_s:.0f}秒未发出")
        yield Failing("outbox", said)
    elif seen.looked_s is None or seen.looked_s > beat.outbox_s:
        since = seen.started_s if seen.looked_s is None else seen.looked_s
        said = Both(f"nobody has looked through the outbox for {since:.0f} s", f"发件箱已{since:.0f}秒无人处理")
        yield Failing("outbox", said, new=seen.looked_s is None and seen.started_s <= beat.outbox_s)


def _database(beat: Heartbeat, seen: Seen) -> Iterator[Failing]:
    if seen.database:
        yield Failing("database", Both(f"refuses: {seen.database}", f"拒绝写入：{seen.database}"))
    elif seen.written_s is None or seen.written_s > beat.database_s:
        limit = f"{beat.database_s:g}"
        yield Failing("database", Both(f"no write was durable within {limit} s", f"{limit}秒内未能完成写入"))
