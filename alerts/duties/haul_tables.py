"""Pure. The tables of hauls: loads that were weighed, pools on their way, days of a plant that were looked at."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, String, Table

from alerts.tables import metadata

_Counter = BigInteger().with_variant(Integer, "sqlite")

loads = Table(
    "loads",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("asset", String(200), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("weight", Float, nullable=False),
    Column("route", String(200)),  # the haul whose it is
)
hauls = Table(
    "hauls",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("haul", String(200), nullable=False),
    Column("pool", String(200), nullable=False),
    Column("emptied_ms", BigInteger, nullable=False),
    Column("fall", Float, nullable=False),
    Column("instance", _Counter, ForeignKey("duty_instances.id")),  # the round that it was emptied in
    Column("due_ms", BigInteger, nullable=False),
    Column("lost_ms", BigInteger, nullable=False),  # from then on it counts as lost
    Column("arrived_ms", BigInteger),
    Column("weight", Float),
    Column("ticket", _Counter, ForeignKey("tickets.id")),
    Index("one_haul_of_an_emptying", "site", "haul", "pool", "emptied_ms", unique=True),
    Index("hauls_on_their_way", "site", "arrived_ms", "emptied_ms"),
)
plant_days = Table(
    "plant_days",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("plant", String(200), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("rounds", Integer, nullable=False),  # that were done on it
    Column("ticket", _Counter, ForeignKey("tickets.id")),  # no load had come
)
