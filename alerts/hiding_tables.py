"""Pure. The tables of what people hide: maintenance windows, shelves and permits."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from alerts.tables import metadata

# SQLite counts only a plain INTEGER up by itself.
_Counter = BigInteger().with_variant(Integer, "sqlite")

# Maintenance windows: ordered, perhaps confirmed by a second person, perhaps ended early. Lists are JSON.
windows = Table(
    "windows",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("by", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("to_ms", BigInteger, nullable=False),
    Column("confirmed_by", String(200)),
    Column("confirmed_ms", BigInteger),
    Column("ended_ms", BigInteger),
    Column("ended_by", String(200)),
    Column("applied_ms", BigInteger),  # the last of its moments that was acted on
    Index("windows_by_end", "site", "to_ms"),
)

# What people shelved or took out of service, alarm by alarm.
hidings = Table(
    "hidings",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("alarm", String(200), nullable=False),
    Column("how", String(200), nullable=False),
    Column("by", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("permit", String(200)),
    Column("asked_ms", BigInteger, nullable=False),
    Column("second", String(200)),
    Column("from_ms", BigInteger),
    Column("until_ms", BigInteger, nullable=False),
    Column("renewals", Integer, nullable=False),
    Column("ended_ms", BigInteger),
    Column("ended_by", String(200)),
    Index("hidings_of_an_alarm", "site", "alarm", "how"),
)
Index(
    "one_open_hiding",
    hidings.c.site,
    hidings.c.alarm,
    hidings.c.how,
    unique=True,
    sqlite_where=hidings.c.ended_ms.is_(None),
    postgresql_where=hidings.c.ended_ms.is_(None),
)
