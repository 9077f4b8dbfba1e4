"""A clock that is behind what is known."""

from __future__ import annotations

import asyncio

import pytest

from runtime import clock as module
from runtime.clock import Clock
from runtime.steady import Steady

NOW_S = 1_774_000_000.0


def clock(wall: list[float]) -> Clock:
    return Clock(steady=Steady(lambda: wall[0], lambda: wall[0]))


async def test_a_clock_that_is_behind_by_hours_is_waited_for_until_it_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_EVERY_S", 0.01)
    wall = [NOW_S]
    waiting = asyncio.create_task(clock(wall).until_believable(round(NOW_S * 1000) + 28_800_000))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    wall[0] += 28_700
    await asyncio.wait_for(waiting, 5)


async def test_what_was_known_may_be_wrong_too_so_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(module, "_BELIEVED_AFTER_S", 0.05)
    await asyncio.wait_for(clock([NOW_S]).until_believable(round(NOW_S * 1000) + 28_800_000), 5)


async def test_nothing_known_and_a_little_behind_are_no_reason_to_wait() -> None:
    for known in (None, round(NOW_S * 1000) + 200_000, 0):
        await asyncio.wait_for(clock([NOW_S]).until_believable(known), 5)
