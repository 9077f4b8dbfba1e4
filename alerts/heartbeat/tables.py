"""Pure. The table of heartbeats: each look writes a row first, so that a heartbeat proves that writing works."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from alerts.tables import metadata

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("looked_ms", BigInteger, nullable=False),
    Column("sent_ms", BigInteger),  # when somebody outside took one last
)
