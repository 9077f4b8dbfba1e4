"""Shell. How a process lives: one task tree, clean shutdown on SIGTERM or SIGINT, logs, exit status.

`run(main)` is the whole of it. Exit status: 0 asked to stop or done, 1 configuration, 2 it broke.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable

import structlog
import structlog.tracebacks

from vocab.problem import ConfigurationError

log = structlog.get_logger()

# Without the values of local variables: one of them may be the whole site.
_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


def configure_logs() -> None:
    """Human-readable lines on a terminal, JSON lines otherwise; level from ANLAN_LOG (default info)."""
    level = getattr(logging, os.environ.get("ANLAN_LOG", "info").upper(), logging.INFO)
    last = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(default=str)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks
            if not sys.stderr.isatty()
            else structlog.processors.StackInfoRenderer(),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def run(main: Callable[[], Awaitable[None]]) -> int:
    """Run `main` until it ends or a signal asks us to stop, and return the exit status."""
    configure_logs()
    try:
        return asyncio.run(_guarded(main))
    except KeyboardInterrupt:
        return 0


async def _guarded(main: Callable[[], Awaitable[None]]) -> int:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main())
    stopping = False

    def stop() -> None:
        nonlocal stopping
        stopping = True
        task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopping:
            raise
    except ConfigurationError as error:
        for problem in error.problems:
            log.error("configuration", fault=str(problem))
        return 1
    except Exception:  # the one broad handler of the process: say what broke, let the supervisor restart us
        log.exception("broken")
        return 2
    return 0
