"""Shell. An HTTP server inside a process's task tree: it leaves signals alone, and a taken port is waited for."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import structlog
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse

log = structlog.get_logger()

RETRY_S = 1.0
GRACE_S = 2  # what open requests (event streams) get when we are asked to stop


async def broke(_request: Request, error: Exception) -> JSONResponse:
    """The answer where our own code broke: JSON as every other one. What broke stands in the log, and only there."""
    return JSONResponse({"detail": f"the server broke here ({type(error).__name__}); its log says more"}, 500)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # runtime.process has them


async def serve_http(app: Any, host: str, port: int) -> None:
    """Serve `app` until cancelled, then let open requests end."""
    listener = await _listen(host, port)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=GRACE_S, ws="none"
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        log.info("listening", url=f"http://{host}:{port}")
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
    finally:
        listener.close()


async def _listen(host: str, port: int) -> socket.socket:
    told = False
    while True:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            if not told:
                log.warning("port not to be had, trying again", host=host, port=port, cause=error.strerror)
            told = True
            await asyncio.sleep(RETRY_S)
        else:
            return listener
