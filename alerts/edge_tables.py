"""Pure. The table of what cabinets judged by themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from alerts.tables import metadata

# One row per change of a safety alarm that a cabinet told; the key is the event's name, however often it comes.
edge_events = Table(
    "edge_events",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("edge", String(200), primary_key=True),
    Column("alarm", String(200), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("new", String(200), primary_key=True),
    Column("old", String(200), nullable=False),
    Column("because", String(200), nullable=False),
    Column("value", Float),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("told_ms", BigInteger, nullable=False),
    Column("frame_epoch", BigInteger, nullable=False),
    Column("frame_seq", BigInteger, nullable=False),
    Column("action", Text, nullable=False),  # annunciators, as JSON
    Column("received_ms", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),  # pending, confirmed, otherwise, unconfirmed
    Column("judged_ms", BigInteger),  # when we had judged the frame in which the cabinet found it
    Column("ticket", BigInteger().with_variant(Integer, "sqlite"), ForeignKey("tickets.id")),
    Index("edge_events_by_state", "site", "state"),
    Index("edge_events_by_time", "site", "at_ms"),
)
