"""Shell. How each fault is done to processes that run, and how its end is made sure of."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping

import psutil

from anlan.broker import STORE
from anlan.torture.plan import Kind, Strike
from anlan.torture.stores import database, store
from anlan.torture.trouble import CannotStrikeError
from anlan.torture.ways import frames, wan
from anlan.whole import BROKER, Whole
from runtime.steady import shift

Blow = Callable[[Whole, Strike], Awaitable[None]]

_ALIVE_WITHIN_S = 10.0
_LOOK_EVERY_S = 0.1


async def pid_of(whole: Whole, part: str) -> int:
    """A process of ours, as soon as it lives; CannotStrikeError if it does not in time."""
    for _ in range(round(_ALIVE_WITHIN_S / _LOOK_EVERY_S)):
        pid = whole.supervisor.parts[part].pid
        if pid is not None:
            return pid
        await asyncio.sleep(_LOOK_EVERY_S)
    raise CannotStrikeError(f"{part} was not alive within {_ALIVE_WITHIN_S:.0f} s")


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError as error:
        raise CannotStrikeError("it had just ended by itself") from error


async def kill(whole: Whole, strike: Strike) -> None:
    """SIGKILL, as the kernel or a power cut of one machine would."""
    _signal(await pid_of(whole, strike.target), signal.SIGKILL)


async def freeze(whole: Whole, strike: Strike) -> None:
    """SIGSTOP: it lives, holds its files and connections, and does nothing, as on a machine that swaps."""
    pid = await pid_of(whole, strike.target)
    _signal(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(strike.for_s)
    finally:
        _signal(pid, signal.SIGCONT)


async def broker(whole: Whole, strike: Strike) -> None:
    """`restart`: asked to end, it comes again, as at an update. `wiped`: it dies, and comes again without its data."""
    pid = await pid_of(whole, BROKER)
    if strike.how == "wiped":
        data = whole.run.root / BROKER / STORE
        data.rename(data.with_name(f"{STORE}-{round(strike.at_s * 100)}"))  # it is killed before it can miss it
    _signal(pid, signal.SIGKILL if strike.how == "wiped" else signal.SIGTERM)


async def disk(whole: Whole, strike: Strike) -> None:
    """No file of the process can grow any more: RLIMIT_FSIZE of a living process, which needs no rights and no mount.

    The kernel answers EFBIG where a full disk answers ENOSPC. Its log cannot grow either, as on one disk for all.
    """
    part = whole.supervisor.parts[strike.target]
    await pid_of(whole, strike.target)
    limited: dict[int, tuple[psutil.Process, int]] = {}
    end = time.monotonic() + strike.for_s
    try:
        while time.monotonic() < end:
            pid = part.pid
            if pid is not None and pid not in limited:  # whoever comes back finds the disk as full as it was
                limited[pid] = _without_room(pid)
            await asyncio.sleep(_LOOK_EVERY_S)
    finally:
        for process, soft in limited.values():
            _set_room(process, soft)


def _without_room(pid: int) -> tuple[psutil.Process, int]:
    try:
        process = psutil.Process(pid)
        soft, hard = process.rlimit(psutil.RLIMIT_FSIZE)
        process.rlimit(psutil.RLIMIT_FSIZE, (0, hard))
    except (psutil.Error, OSError) as error:
        raise CannotStrikeError(f"its room cannot be limited: {error}") from error
    return process, soft


def _set_room(process: psutil.Process, soft: int) -> None:
    try:
        _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
        process.rlimit(psutil.RLIMIT_FSIZE, (soft, hard))
    except (psutil.Error, OSError):
        pass  # it has died meanwhile, and its successor has its own


async def clock(whole: Whole, strike: Strike) -> None:
    """The clock of one machine is set wrong, and right again. `seconds` are of site time."""
    folder = whole.system.clocks
    if folder is None:
        raise CannotStrikeError("this chain was started without clocks that can be set")
    file = folder / strike.target
    shift(file, whole.clock.real_seconds(strike.params["seconds"]))
    try:
        await asyncio.sleep(strike.for_s)
    finally:
        shift(file, 0.0)


BLOWS: Mapping[Kind, Blow] = {
    Kind.KILL: kill,
    Kind.FREEZE: freeze,
    Kind.BROKER: broker,
    Kind.WAN: wan,
    Kind.FRAMES: frames,
    Kind.DISK: disk,
    Kind.STORE: store,
    Kind.DATABASE: database,
    Kind.CLOCK: clock,
}
