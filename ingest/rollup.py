"""Pure. Minutes or hours out of readings that are at hand as columns: what `schema.rolled` makes inside DuckDB."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from ingest.page import Readings
from vocab.quality import Quality

ROLLED = pa.schema(
    [
        ("series", pa.int32()), ("bucket_ms", pa.int64()), ("low", pa.float64()), ("high", pa.float64()),
        ("total", pa.float64()), ("count", pa.int64()), ("bad", pa.int64()),
    ]
)  # fmt: skip


def rolled_up(readings: Readings, step_ms: int) -> Any:
    """A table of buckets, sorted by series and time; `low`, `high` and `total` are of the good readings."""
    if not len(readings):
        return ROLLED.empty_table()
    bucket = readings.measured_ms // step_ms
    order = np.lexsort((bucket, readings.series))
    series, bucket, values = readings.series[order], bucket[order], readings.values[order]
    good = readings.quality[order] == Quality.GOOD
    starts = np.flatnonzero((np.diff(series, prepend=series[0] - 1) != 0) | (np.diff(bucket, prepend=bucket[0]) != 0))
    told = good & ~np.isnan(values)
    low = np.minimum.reduceat(np.where(told, values, np.inf), starts)
    high = np.maximum.reduceat(np.where(told, values, -np.inf), starts)
    nothing = ~np.logical_or.reduceat(told, starts)
    columns = [
        pa.array(series[starts]), pa.array(bucket[starts] * step_ms), pa.array(low, mask=nothing),
        pa.array(high, mask=nothing), pa.array(np.add.reduceat(np.where(told, values, 0.0), starts)),
        pa.array(np.add.reduceat(good, starts, dtype=np.int64)),
        pa.array(np.add.reduceat(~good, starts, dtype=np.int64)),
    ]  # fmt: skip
    return pa.table(columns, schema=ROLLED)
