"""Shell. What the errors of this part become over HTTP."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from alerts.access.refusals import NO_DATABASE
from alerts.errors import (
    AlertsError,
    DatabaseError,
    NothingToDoError,
    NotThereError,
    RefusedError,
    TicketRefusedError,
    WrongOrderError,
)
from runtime.web import broke

log = structlog.get_logger()


def add_errors(app: FastAPI) -> None:
    """Every error of ours is an answer in JSON; of what broke inside the log tells more than whoever asked."""

    def answer(status: int) -> Any:
        async def handle(_request: Request, error: Exception) -> JSONResponse:
            body: dict[str, Any] = {"detail": str(error)}
            if isinstance(error, TicketRefusedError):
                body |= {"why": error.reason, "words": {"en": str(error), "zh": error.zh}}
            if isinstance(error, RefusedError):
                body["reason"] = error.reason
            if isinstance(error, DatabaseError):
                log.error("the database cannot be had", cause=str(error).splitlines()[0])
                body = NO_DATABASE.body()
            return JSONResponse(body, status)

        return handle

    statuses: dict[type[AlertsError], int] = {
        NotThereError: 404,
        NothingToDoError: 409,
        RefusedError: 409,
        WrongOrderError: 422,
        DatabaseError: 503,
    }
    for error, status in statuses.items():
        app.add_exception_handler(error, answer(status))
    app.add_exception_handler(Exception, broke)
