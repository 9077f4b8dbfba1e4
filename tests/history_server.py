"""Ingest's API over a store that nothing is sent to, for tests that read history over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest import api
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from ingest.keeper import Keeper
from ingest.metrics import Metrics
from runtime.clock import Clock
from runtime.web import serve_http
from tests.conftest import take_port
from vocab.site import Site


@contextlib.contextmanager
def history_server(place: Path, sites: Sequence[Site]) -> Iterator[str]:
    """Its address, while it runs in a thread of its own."""
    port, started, ended = take_port(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        intake = Intake(sites)
        keeper = Keeper(lambda: DuckDbStore(str(place)), intake, Clock())
        await keeper.open()
        app = api.build(intake.gate.catalogue, api.Pulse(keeper, Metrics(), lambda: True))
        serving = asyncio.create_task(serve_http(app, "127.0.0.1", port))
        await _until_it_answers(port)
        started.set()
        await ended.wait()
        serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await serving
        await keeper.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        assert started.wait(30)
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


async def _until_it_answers(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.01)
