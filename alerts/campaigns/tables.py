"""Pure. The tables of spot checks: each draw with all that is needed to draw it again, and each item that was drawn."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from alerts.tables import metadata

_Counter = BigInteger().with_variant(Integer, "sqlite")

# A draw: `seed`, `population` (JSON: [[item, unit], …]) and `rule` (JSON) give its items again (draw.py).
samples = Table(
    "samples",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("campaign", String(200), nullable=False),
    Column("seed", String(64), nullable=False),
    Column("rule", Text, nullable=False),
    Column("population", Text, nullable=False),
    Column("drawn_ms", BigInteger, nullable=False),
    Column("drawn_by", String(200), nullable=False),
    Column("note", Text, nullable=False),
    Index("samples_of_a_campaign", "site", "campaign", "id"),
)

# One item that was drawn, and what was found. Its inspection is the instance of the duty that its trigger started.
sample_items = Table(
    "sample_items",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("sample", _Counter, ForeignKey("samples.id"), nullable=False),
    Column("item", String(200), nullable=False),  # duty:ID or ticket:ID
    Column("unit", String(200), nullable=False),  # the committee that had checked itself
    Column("trigger", _Counter, ForeignKey("duty_triggers.id"), nullable=False),
    Column("outcome", String(200)),  # consistent, wrong
    Column("checked_ms", BigInteger),
    Column("checked_by", String(200)),
    Column("note", Text, nullable=False),
    Column("ticket", _Counter, ForeignKey("tickets.id")),  # reopened, or new, because it was wrong
    Index("one_item_of_a_sample", "sample", "item", unique=True),
    Index("sample_items_by_trigger", "trigger", unique=True),
    Index("sample_items_by_time", "site", "checked_ms"),
)
