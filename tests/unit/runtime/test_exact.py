"""The loop whose short waits are exact is a loop like any other."""

from __future__ import annotations

import asyncio
import socket

from runtime.exact import ExactSelector, exact_loop


def test_what_comes_during_a_short_wait_ends_it() -> None:
    mine, theirs = socket.socketpair()
    selector = ExactSelector()
    selector.register(mine, 1)
    theirs.send(b"x")

    assert [key.fileobj for key, _ in selector.select(0.005)] == [mine]
    selector.unregister(mine)
    assert selector.select(0.001) == []
    for each in (selector, mine, theirs):
        each.close()


def test_timers_and_threads_wake_it() -> None:
    async def work() -> list[str]:
        await asyncio.sleep(0.002)
        return [await asyncio.to_thread(str.upper, "a"), "b"]

    with asyncio.Runner(loop_factory=exact_loop) as runner:
        assert runner.run(work()) == ["A", "b"]
