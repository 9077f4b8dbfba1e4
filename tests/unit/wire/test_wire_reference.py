"""The reference of the wire is complete, and its schema is the code's."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from ingest.keeper import Retention
from ingest.metrics import Metrics
from ingest.service import Settings
from tests.samples import frame, level
from vocab.quality import Reason
from wire import event as wire_event
from wire import order as wire_order
from wire.event import EdgeEvent
from wire.frame import AssetColumns, Frame
from wire.gate import GateLimits
from wire.order import Order
from wire.subscriber import Gathering
from wire.verdict import Refusal

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "wire.md").read_text(encoding="utf-8")
SCHEMA, EVENT_SCHEMA, ORDER_SCHEMA = (
    json.loads(part.split("```")[0]) for part in PAGE.split("```json schema\n")[1:4]
)  # fmt: skip


def test_the_published_schemas_are_those_of_the_code() -> None:
    assert msgspec.json.schema(Frame) == SCHEMA
    assert msgspec.json.schema(EdgeEvent) == EVENT_SCHEMA
    assert msgspec.json.schema(Order) == ORDER_SCHEMA


def test_our_events_and_orders_fit_the_published_schemas() -> None:
    event = EdgeEvent(1, "tiny", "e1", 1, 1, 2, "p1.hot", "normal", "unacked", "raised", 2, (1, 1), 9.5, ["siren"])

    jsonschema.validate(json.loads(wire_event.encode(event)), EVENT_SCHEMA)
    jsonschema.validate(json.loads(wire_order.encode(Order(1, "silence", 2, "duty room", "p1.hot"))), ORDER_SCHEMA)
    for text, schema in zip(PAGE.split("```json\n")[2:4], (EVENT_SCHEMA, ORDER_SCHEMA), strict=True):
        jsonschema.validate(json.loads(text.split("```")[0]), schema)


def test_the_example_is_a_frame() -> None:
    example = PAGE.split("```json\n")[1].split("```")[0]

    jsonschema.validate(json.loads(example), SCHEMA)
    msgspec.json.decode(example, type=Frame)


def test_our_frames_fit_the_published_schema() -> None:
    block = AssetColumns("p1", ["level", "temp"], [None, 1.5], [0, -5], [(0, 2, "comm_timeout")])

    jsonschema.validate(json.loads(frame(level(0.0), block, sim=True)), SCHEMA)


@pytest.mark.parametrize(
    "payload",
    [frame(seq=0), frame(ts=-1), frame(level(1.0)).replace(b'"x":[1.0]', b'"x":["1.0"]'), b'{"v":1,"site":"tiny"}'],
)
def test_what_the_code_refuses_the_schema_refuses(payload: bytes) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(payload), SCHEMA)


def test_every_reason_setting_and_metric_is_explained() -> None:
    words = [str(refusal) for refusal in Refusal] + [reason.wire for reason in Reason if reason is not Reason.NONE]
    words += [metric.name for metric in Metrics().registry.collect()]
    words += [field.name for each in (Settings, Retention, Gathering) for field in dataclasses.fields(each)]

    assert [word for word in words if f"`{word}`" not in PAGE] == []


def test_the_limits_of_the_gate_are_those_of_the_page() -> None:
    limits = GateLimits()

    assert (limits.max_bytes, limits.future_ms) == (256 * 1024, 5 * 60_000)
    assert "256 KiB" in PAGE
    assert "5 minutes" in PAGE
