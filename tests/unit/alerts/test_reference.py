"""docs/reference/api.md names everything that the API has."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from fastapi.routing import APIRoute

from alerts import api, views
from alerts.board import Board
from alerts.engine import Engine
from alerts.ingest_link import IngestLink
from alerts.ledger import Counts
from alerts.metrics import Metrics
from alerts.stream import Stream
from alerts.writer import Writer
from rules.codes import AlarmState
from runtime.clock import Clock

DOCS = Path(__file__).parents[3] / "docs" / "reference"
PAGE = (DOCS / "api.md").read_text(encoding="utf-8")


async def test_every_route_is_described(engine: Engine) -> None:
    board, writer, ingest = Board([], [], [], {}, {}), Writer(engine), IngestLink("http://127.0.0.1:9")
    stream, metrics = Stream(board, lambda: 0, "b"), Metrics(dict, dict, dict)
    app = api.build(api.Parts(engine, writer, board, stream, ingest, metrics, Clock(), lambda: True))
    routes = {
        f"{min(route.methods or ())} {route.path}"
        for route in app.routes
        if isinstance(route, APIRoute) and route.include_in_schema
    }
    await ingest.close()
    writer.close()

    assert len(routes) > 10
    assert {route for route in routes if f"`{route}" not in PAGE} == set()


def test_every_key_of_an_answer_is_named() -> None:
    words = set(re.findall(r"[a-z_]+", PAGE))
    shapes: tuple[type[msgspec.Struct], ...] = (views.AlarmView, views.TicketView, views.EdgeView)
    shapes += (views.UnknownView, views.OutageView)

    assert {key for shape in shapes for key in shape.__struct_fields__ if key not in words} == set()


def test_every_count_is_a_metric_that_is_named() -> None:
    assert [name for name in Counts().as_words() if f"anlan_alerts_{name}_total" not in PAGE] == []


def test_every_state_that_can_be_reached_is_explained() -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")

    assert [state for state in AlarmState if f"`{state}`" not in page] == []
