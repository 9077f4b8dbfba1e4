"""Shell. The one thread that may touch the engine, so that the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

import structlog

from alerts.engine import Engine
from alerts.errors import DatabaseError
from wire.backoff import Backoff

log = structlog.get_logger()

_P = ParamSpec("_P")
_R = TypeVar("_R")
Verb = Callable[Concatenate[Engine, _P], _R]


class Writer:
    """Calls the engine's methods one after the other, in order of asking."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "alerts-writer")
        self.failing = False  # the database refuses; for health

    async def call(self, verb: Verb[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """The method's result, or its error."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: verb(self._engine, *args, **kwargs))

    async def insist(self, verb: Verb[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """The method's result, asked for again and again while the database refuses (disk full, server away)."""
        backoff = Backoff()
        while True:
            try:
                result = await self.call(verb, *args, **kwargs)
            except DatabaseError as error:
                if not self.failing:
                    log.error("the ticket database refuses, trying again", cause=str(error).splitlines()[0])
                self.failing = True
                await asyncio.sleep(backoff.next())
            else:
                if self.failing:
                    log.info("the ticket database takes writes again")
                self.failing = False
                return result

    def close(self) -> None:
        """Finish what was asked for, then let go of the database."""
        self._thread.shutdown(wait=True)
        self._engine.close()
