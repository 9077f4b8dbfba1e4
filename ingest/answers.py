"""Pure. What the query API answers, as JSON-ready data and as an Arrow stream."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa

from ingest.port import Counts, Latest, Reject, Trend
from wire.catalogue import Catalogue
from wire.frame import as_text

PAYLOAD_SHOWN = 2048


def json_bytes(answer: Any) -> bytes:
    """JSON, in which NaN is null."""
    return msgspec.json.encode(answer)


def latest(rows: Sequence[Latest]) -> dict[str, Any]:
    """GET /api/v1/latest."""
    return {"latest": rows}


def counts(found: Counts, lag_ms: int | None) -> dict[str, Any]:
    """GET /api/v1/counts. `rejected` counts messages, `rejected_readings` the readings that went with them or alone."""
    return {
        "frames": sum(row.frames for row in found.lanes),
        "readings": sum(row.readings for row in found.lanes),
        "duplicates": sum(row.duplicates for row in found.lanes),
        "lag_ms": lag_ms,
        "edges": [row._asdict() for row in found.lanes],
        "rejected": {row.reason: row.messages for row in found.rejects if row.messages},
        "rejected_readings": {row.reason: row.readings for row in found.rejects if row.readings},
    }


def rejects(rows: Sequence[Reject]) -> dict[str, Any]:
    """GET /api/v1/rejects. Payloads are shown as text as far as they are text, and not beyond their beginning."""
    return {
        "rejects": [
            row._asdict() | {"payload": as_text(row.payload)[:PAYLOAD_SHOWN], "bytes": len(row.payload)} for row in rows
        ]
    }


def series_json(trend: Trend, asset: str, units: dict[str, str]) -> bytes:
    """GET /api/v1/series."""
    found = [
        {
            "asset": asset,
            "point": curve.point,
            "unit": units[curve.point],
            "t": curve.t_ms.tolist(),
            "min": curve.low.tolist(),
            "max": curve.high.tolist(),
            "mean": curve.mean.tolist(),
            "count": curve.count.tolist(),
            "bad": curve.bad.tolist(),
        }
        for curve in trend.curves
    ]
    return json_bytes({"series": found, "bucket_ms": trend.bucket_ms, "raw": trend.raw})


def series_arrow(trend: Trend, asset: str, units: dict[str, str]) -> bytes:
    """GET /api/v1/series?format=arrow: one IPC stream, a batch for each point, the rest in the schema's metadata."""
    metadata = {"asset": asset, "bucket_ms": str(trend.bucket_ms), "raw": str(trend.raw).lower()}
    metadata |= {f"unit.{point}": unit for point, unit in units.items()}
    schema = pa.schema(
        [
            ("point", pa.string()), ("t", pa.int64()), ("min", pa.float64()), ("max", pa.float64()),
            ("mean", pa.float64()), ("count", pa.int64()), ("bad", pa.int64()),
        ],
        metadata=metadata,
    )  # fmt: skip
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        for curve in trend.curves:
            numbers = [pa.array(column, from_pandas=True) for column in (curve.low, curve.high, curve.mean)]
            columns = [pa.array([curve.point] * len(curve.t_ms), pa.string()), pa.array(curve.t_ms), *numbers]
            columns += [pa.array(curve.count), pa.array(curve.bad)]
            stream.write_batch(pa.record_batch(columns, schema=schema))
    return bytes(sink.getvalue().to_pybytes())


def units_of(catalogue: Catalogue, site: str, asset: str, points: Sequence[str]) -> dict[str, str]:
    """The unit of each point; KeyError names what the site does not have."""
    return {point: catalogue.series[catalogue.number(site, asset, point)].unit for point in points}
