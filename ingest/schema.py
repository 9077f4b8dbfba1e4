"""Pure. The tables of the DuckDB store, and the statements that are long enough to deserve a name.

A frame is a row, and a reading refers to it: what is the same for all readings of a frame (its edge, its lane, when
it was received and stored) stands once. Frame ids rise in the order of arrival, so retention and roll-ups are
"all frames up to this one". There is no index on the large tables: rows come in order of time, and DuckDB's own
minimum and maximum of each block of rows do the rest.

Frames whose period is closed are rows no more: a file beside the store holds them with their readings, sorted by point,
and the tables `closed…` tell which frames, of which sites, and on which page of the file which points of which time.

`minutes` are made when readings are forgotten, out of all frames up to the one in meta's `minutes_frame`; `hours` hold
every frame up to `rolled_frame`. What comes after is rolled up when it is asked for.

`openings` says before which frames the store was opened: what came just before was perhaps not heard, and what comes
just after may be handed over by the broker out of order. A replay must know it.
"""

from __future__ import annotations

from ingest.grid import Level
from vocab.quality import Reason
from wire.frames import LANES

VERSION = 2
READABLE = (1, 2)  # a store of version 1 has no closed periods; opening it for writing makes it one of version 2

_ROLLED = """
    series INTEGER, bucket_ms BIGINT, low DOUBLE, high DOUBLE, total DOUBLE, count BIGINT, bad BIGINT
"""

TABLES = f"""
CREATE TABLE IF NOT EXISTS meta (key VARCHAR PRIMARY KEY, value BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS series (id INTEGER, site VARCHAR, asset VARCHAR, point VARCHAR, unit VARCHAR);
CREATE TABLE IF NOT EXISTS sources (id INTEGER, site VARCHAR, edge VARCHAR, epoch BIGINT);
CREATE TABLE IF NOT EXISTS frames (
    id BIGINT, source INTEGER, seq BIGINT, lane UTINYINT, ts_ms BIGINT, received_ms BIGINT, stored_ms BIGINT);
CREATE TABLE IF NOT EXISTS openings (frame BIGINT, at_ms BIGINT);
CREATE TABLE IF NOT EXISTS readings (
    frame BIGINT, series INTEGER, measured_ms BIGINT, value DOUBLE, quality UTINYINT, reason UTINYINT);
CREATE TABLE IF NOT EXISTS marks (
    site VARCHAR, edge VARCHAR, epoch BIGINT, high BIGINT, gaps VARCHAR, PRIMARY KEY (site, edge, epoch));
CREATE TABLE IF NOT EXISTS lane_counts (
    site VARCHAR, edge VARCHAR, lane VARCHAR, frames BIGINT, readings BIGINT, duplicates BIGINT,
    PRIMARY KEY (site, edge, lane));
CREATE TABLE IF NOT EXISTS reject_counts (reason VARCHAR PRIMARY KEY, messages BIGINT, readings BIGINT);
CREATE TABLE IF NOT EXISTS rejects (
    id BIGINT, received_ms BIGINT, topic VARCHAR, reason VARCHAR, detail VARCHAR, readings BIGINT, payload BLOB);
CREATE TABLE IF NOT EXISTS closed (
    number BIGINT, first BIGINT, last BIGINT, readings BIGINT, order_place BIGINT, order_size BIGINT,
    heads_place BIGINT, heads_size BIGINT);
CREATE TABLE IF NOT EXISTS closed_sites (
    number BIGINT, site VARCHAR, frames BIGINT, first BIGINT, last BIGINT, min_ms BIGINT, max_ms BIGINT,
    heard_ms BIGINT);
CREATE TABLE IF NOT EXISTS closed_pages (
    number BIGINT, place BIGINT, size BIGINT, readings BIGINT, first_series INTEGER, last_series INTEGER,
    min_ms BIGINT, max_ms BIGINT);
CREATE TABLE IF NOT EXISTS minutes ({_ROLLED});
CREATE TABLE IF NOT EXISTS hours ({_ROLLED});
CREATE TABLE IF NOT EXISTS newest (
    series INTEGER, measured_ms BIGINT, value DOUBLE, quality UTINYINT, reason UTINYINT);
CREATE TABLE IF NOT EXISTS words (kind VARCHAR, code UTINYINT, word VARCHAR);
"""

WORDS = [("reason", int(reason), reason.wire) for reason in Reason]
WORDS += [("lane", code, str(lane)) for code, lane in enumerate(LANES)]

# For people: every reading whose period is not closed, with where it came from and its three times.
HISTORY = """
CREATE OR REPLACE VIEW history AS
SELECT series.site, series.asset, series.point, series.unit, readings.measured_ms, readings.value,
       readings.quality::INTEGER AS quality, reasons.word AS reason, lanes.word AS lane,
       sources.edge, sources.epoch, frames.seq, frames.ts_ms, frames.received_ms, frames.stored_ms
FROM readings
JOIN series ON series.id = readings.series
LEFT JOIN frames ON frames.id = readings.frame
LEFT JOIN sources ON sources.id = frames.source
LEFT JOIN words AS reasons ON reasons.kind = 'reason' AND reasons.code = readings.reason
LEFT JOIN words AS lanes ON lanes.kind = 'lane' AND lanes.code = frames.lane
"""


def rolled(source: str, level: Level) -> str:
    """SELECT that makes rows of a roll-up out of readings `source` (a table, or one with a condition)."""
    step = level.step_ms
    return f"""
    SELECT series, measured_ms // {step} * {step} AS bucket_ms,
           min(value) FILTER (quality = 0) AS low, max(value) FILTER (quality = 0) AS high,
           coalesce(sum(value) FILTER (quality = 0), 0.0) AS total,
           count(*) FILTER (quality = 0) AS count, count(*) FILTER (quality <> 0) AS bad
    FROM {source} GROUP BY ALL
    """  # noqa: S608 - made of constants


MERGED = "min(low) AS low, max(high) AS high, sum(total) AS total, sum(count)::BIGINT AS count, sum(bad)::BIGINT AS bad"
