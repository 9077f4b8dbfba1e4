"""Pure. The tables beside a ticket: every step of its life, and what was attached to it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, text

from alerts.tables import metadata

_Counter = BigInteger().with_variant(Integer, "sqlite")

# Every step as a row; what was refused is none.
ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("ticket", _Counter, ForeignKey("tickets.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("verb", String(200), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("old", String(200), nullable=False),
    Column("new", String(200), nullable=False),
    Column("approver", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Index("events_of_a_ticket", "ticket", "id"),
    Index("ticket_events_by_time", "site", "at_ms"),
)

# From when to when a ticket tightened the watch of its equipment: what a replay does again.
tightenings = Table(
    "tightenings",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("ticket", _Counter, ForeignKey("tickets.id"), nullable=False),
    Column("asset", String(200), nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("by", String(200), nullable=False),
    Column("because", String(200), nullable=False),  # the verb
    Column("to_ms", BigInteger),
    Index("tightenings_open", "site", "to_ms"),
    Index("tightenings_of_a_ticket", "ticket", "id"),
)

# Photos and papers: the bytes lie in a folder under their SHA-256.
attachments = Table(
    "attachments",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("ticket", _Counter, ForeignKey("tickets.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(200), nullable=False),
    Column("size", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Column("phase", String(16), nullable=False),  # before, after, or neither
    Column("pair", Integer),  # which before belongs to which after
    Index("attachments_of_a_ticket", "ticket", "id"),
)
_in_a_pair = text("pair IS NOT NULL")
Index(
    "one_photo_of_a_pair",
    attachments.c.ticket,
    attachments.c.pair,
    attachments.c.phase,
    unique=True,
    sqlite_where=_in_a_pair,
    postgresql_where=_in_a_pair,
)
