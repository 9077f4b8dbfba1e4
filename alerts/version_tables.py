"""Pure. The tables of rule versions: what is to change, who moved it when and why, its backtests, its silent alarms."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from alerts.tables import metadata

# SQLite counts only a plain INTEGER up by itself.
_Counter = BigInteger().with_variant(Integer, "sqlite")


def _version() -> Column[int]:
    return Column("version", _Counter, ForeignKey("rule_versions.id"), nullable=False)


# A change of rules. Text, author and reason never change; a new text is a new version.
rule_versions = Table(
    "rule_versions",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("file", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("text_digest", String(64), nullable=False),
    Column("base_digest", String(64), nullable=False),  # of the rules in force when it was drafted
    Column("diff", Text, nullable=False),  # against those
    Column("author", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_ms", BigInteger, nullable=False),
    Column("shadow_ms", BigInteger),  # since when it judged, the last time
    Column("live_ms", BigInteger),  # live ones lie over one another in this order
    Index("rule_versions_of_a_site", "site", "id"),
)

# Every change of state of a version.
rule_version_moves = Table(
    "rule_version_moves",
    metadata,
    Column("id", _Counter, primary_key=True),
    _version(),
    Column("old", String(20)),  # NULL: it was drafted
    Column("new", String(20), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("by", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Index("moves_of_a_version", "version", "id"),
)

# Backtests of a version. The result is JSON, deflated; only the last one of a version is kept.
rule_backtests = Table(
    "rule_backtests",
    metadata,
    Column("id", _Counter, primary_key=True),
    _version(),
    Column("state", String(20), nullable=False),
    Column("by", String(200), nullable=False),
    Column("from_ms", BigInteger),
    Column("to_ms", BigInteger),
    Column("started_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("error", Text),
    Column("text_digest", String(64)),
    Column("base_digest", String(64)),
    Column("covered_ms", BigInteger),
    Column("result", LargeBinary),
    Index("backtests_of_a_version", "version", "id"),
)

# What the alarms of a version did in shadow; nobody was told.
shadow_transitions = Table(
    "shadow_transitions",
    metadata,
    Column("id", _Counter, primary_key=True),
    _version(),
    Column("alarm", String(200), nullable=False),
    Column("old", String(200), nullable=False),
    Column("new", String(200), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("recorded_ms", BigInteger, nullable=False),
    Column("because", String(200), nullable=False),
    Column("value", Float),
    Column("late", Boolean, nullable=False),
    Index("shadow_by_time", "version", "at_ms"),
)
