"""Shell. One bus being polled: what is due goes out while the line has room, what comes back goes to the cabinet."""

from __future__ import annotations

import asyncio

from edge.cabinet import Cabinet
from edge.connection import Line
from runtime.clock import Clock

_LONGEST_S = 1.0  # real seconds; a clock that is set must not be slept through


async def poll(cabinet: Cabinet, bus: str, line: Line, clock: Clock) -> None:
    """Poll `bus` until cancelled. The line runs in a task of its own."""
    loop = asyncio.get_running_loop()
    alarm: asyncio.TimerHandle | None = None
    while True:
        line.stirred.clear()
        for request, answer in line.take():
            cabinet.answered(request, answer, clock.now_ms())
        now_ms = clock.now_ms()
        room = line.room
        if room:
            requests = cabinet.due(now_ms, bus, room)
            if requests:
                line.send(requests)
        now_s = loop.time()
        wake_s = now_s + _wait_s(cabinet, bus, line, clock)
        # One that rings too early does no harm, and a new one for each answer would cost more than the answer.
        if alarm is None or not now_s < alarm.when() <= wake_s:
            if alarm is not None:
                alarm.cancel()
            alarm = loop.call_at(wake_s, line.stirred.set)
        await line.stirred.wait()


def _wait_s(cabinet: Cabinet, bus: str, line: Line, clock: Clock) -> float:
    due_ms = cabinet.next_due_of(bus) if line.room else None
    if due_ms is None:
        return _LONGEST_S
    return min(_LONGEST_S, max(0.0, clock.real_seconds((due_ms - clock.now_ms()) / 1000)))
