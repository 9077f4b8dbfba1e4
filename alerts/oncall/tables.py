"""Pure. The tables of rosters: who stands in for whom, hand-overs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from alerts.tables import metadata

_Counter = BigInteger().with_variant(Integer, "sqlite")


def _word(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, String(200), nullable=null)


def _ms(name: str, *, null: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


# Somebody stands in; with `back_from_ms` it is a swap. It holds once the one who did not ask has agreed, or at once if
# somebody above ordered it. An empty `person`: `instead_of` is away; an empty `instead_of`: whoever it would be.
roster_changes = Table(
    "roster_changes",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    _word("roster"),
    _word("person"),
    _word("instead_of"),
    _ms("from_ms", null=False),
    _ms("to_ms", null=False),
    _ms("back_from_ms"),
    _ms("back_to_ms"),
    _word("by"),
    Column("note", Text, nullable=False),
    _ms("created_ms", null=False),
    _word("state"),  # asked, agreed, declined, withdrawn, cancelled
    _word("decided_by", null=True),
    _ms("decided_ms"),
    Index("roster_changes_by_end", "site", "roster", "to_ms"),
)

# 交接班: what the one who leaves tells the one who comes.
handovers = Table(
    "handovers",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    _word("roster"),
    _ms("at_ms", null=False),
    _word("by"),
    _word("to"),
    Column("note", Text, nullable=False),
    Column("open_tickets", Text, nullable=False),  # numbers at that moment, JSON
    _word("confirmed_by", null=True),
    _ms("confirmed_ms"),
    Index("handovers_of_a_roster", "site", "roster", "at_ms"),
)
