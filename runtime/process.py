"""Shell. How a process lives: one task tree, clean shutdown on SIGTERM or SIGINT, logs, exit status.

`run(main)` is the whole of it. Exit status: 0 asked to stop or done, 1 configuration, 2 it broke, 3 the machine's clock
was set and stayed so: start it again, with the new time.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TextIO, cast

import structlog
import structlog.tracebacks

from runtime.clock import Clock
from vocab.problem import ConfigurationError

log = structlog.get_logger()

BELIEVED_AFTER_S = 60.0  # a clock that somebody sets wrong is mostly set right within it
_LOOK_EVERY_S = 1.0

# Without the values of local variables: one of them may be the whole site.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


class Unbreakable:
    """Where log lines go. What the disk refuses is not said: a process that wants to tell of a full disk must not die
    of that."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write it if that can be."""
        with suppress(OSError):
            return self._file.write(text)
        return 0

    def flush(self) -> None:
        """Let it out if that can be."""
        with suppress(OSError):
            self._file.flush()


class _Libraries(logging.Handler):
    """What libraries log (uvicorn: why a request broke), as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        try:
            log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)
        except (TypeError, ValueError):  # a line with wrong arguments must not break who says it
            self.handleError(record)


def configure_logs() -> None:
    """Human-readable lines on a terminal, JSON lines otherwise; level from ANLAN_LOG (default info)."""
    if not any(isinstance(each, _Libraries) for each in logging.root.handlers):
        logging.root.addHandler(_Libraries())  # from a warning on, as long as nobody sets another level
    level = getattr(logging, os.environ.get("ANLAN_LOG", "info").upper(), logging.INFO)
    last = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(default=str)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _TRACEBACKS if not sys.stderr.isatty() else structlog.processors.StackInfoRenderer(),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, Unbreakable(sys.stderr))),
    )


def run(
    main: Callable[[], Awaitable[None]],
    clock: Clock | None = None,
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
) -> int:
    """Run `main` until it ends, a signal asks us to stop or `clock` was set for good; return the exit status."""
    configure_logs()
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(_guarded(main, clock))
    except KeyboardInterrupt:
        return 0


async def _guarded(main: Callable[[], Awaitable[None]], clock: Clock | None) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main())
    ended_by: list[int] = []  # exit statuses: who cancelled `main`, if it was us

    def end(status: int) -> None:
        ended_by.append(status)
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end, 0)
    watch = None if clock is None else asyncio.ensure_future(_until_set(clock, lambda: end(3)))
    try:
        await task
    except asyncio.CancelledError:
        if not ended_by:
            raise
        return ended_by[0]
    except ConfigurationError as error:
        for problem in error.problems:
            log.error("configuration", fault=str(problem))
        return 1
    except Exception:  # the one broad handler of the process: say what broke, let the supervisor restart us
        log.exception("broken")
        return 2
    finally:
        if watch is not None:
            watch.cancel()
    return 0


async def _until_set(clock: Clock, end: Callable[[], None]) -> None:
    """End the process when the machine's clock has been elsewhere for so long that it must be right."""
    told = False
    while (since_s := clock.steady.stepped_s()) < BELIEVED_AFTER_S:
        if (since_s > 0) != told:
            told = since_s > 0
            log.warning("the machine's clock jumped; going on in the old time" if told else "the clock came back")
        await asyncio.sleep(_LOOK_EVERY_S)
    log.error("the machine's clock was set; beginning anew with its time", after_s=BELIEVED_AFTER_S)
    end()
