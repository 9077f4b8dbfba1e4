"""Pure. The tables of the ticket database, in SQL that SQLite and PostgreSQL share.

Moments are integer milliseconds since 1970 UTC. What never happened is NULL. Every key begins with the site, so that
one database can hold many. The invariant of this part stands here: one open ticket per (site, asset, hazard).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

# SQLite counts only a plain INTEGER up by itself.
_Counter = BigInteger().with_variant(Integer, "sqlite")


def _site() -> Column[str]:
    return Column("site", String(64), primary_key=True)


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, String(200), primary_key=key, nullable=null)


def _ms(name: str, *, null: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


# Frames taken, in the form of wire.marks.
marks = Table(
    "marks",
    metadata,
    _site(),
    _text("edge", key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("high", BigInteger, nullable=False),
    Column("gaps", Text, nullable=False),
)

# Each cabinet: what it said of itself, and the last frame that the live book judged.
edges = Table(
    "edges",
    metadata,
    _site(),
    _text("edge", key=True),
    _text("state"),
    _ms("state_ms"),
    _ms("heard_ms"),
    Column("epoch", BigInteger),
    Column("seq", BigInteger),
    _ms("ts_ms"),
    _ms("received_ms"),
    Column("is_late", Boolean, nullable=False),
)

# The rows of a saved book, by name, so that it can be read after the site file has changed.
layouts = Table(
    "layouts",
    metadata,
    _site(),
    Column("digest", String(64), primary_key=True),
    Column("names", LargeBinary, nullable=False),
)

# What was last heard of each point, and what each condition remembers; one row per book.
books = Table(
    "books",
    metadata,
    _site(),
    _text("name", key=True),
    Column("digest", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Books that judge what fills a gap.
catch_ups = Table(
    "catch_ups",
    metadata,
    _site(),
    _text("name", key=True),
    _text("edge"),
    Column("epoch", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("at_epoch", BigInteger, nullable=False),
    Column("at_seq", BigInteger, nullable=False),
    _ms("at_ms", null=False),
    Column("digest", String(64), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

# Frames that wait for their predecessors; taken and acknowledged, so they must survive us.
waiting = Table(
    "waiting",
    metadata,
    _site(),
    _text("edge", key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("frame", LargeBinary, nullable=False),
)

# Every alarm that was ever not normal: its life, delays included.
alarms = Table(
    "alarms",
    metadata,
    _site(),
    _text("id", key=True),
    _text("asset"),
    _text("rule"),
    _text("hazard"),
    Column("verdict", Integer, nullable=False),
    Column("phase", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    _ms("at_ms"),
    _ms("since_ms"),
    _ms("frozen_ms"),
    _ms("ready_ms"),
    _ms("due_ms"),
    _ms("raised_ms"),
    _ms("cleared_ms"),
    _ms("acked_ms"),
    Column("value", Float),
    Column("peak", Float),
    Column("hidden", Integer, nullable=False),
    Column("beneath", Integer, nullable=False),
    _ms("veil_ms"),
    _ms("shelf_ms"),
    Column("first_out", Boolean, nullable=False),
    _text("acked_by", null=True),
    Index("alarms_of_a_hazard", "site", "asset", "hazard"),
)

# Every change of state of every alarm.
transitions = Table(
    "transitions",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    _text("alarm"),
    _text("asset"),
    _text("rule"),
    _text("old"),
    _text("new"),
    _ms("at_ms", null=False),
    _ms("recorded_ms", null=False),
    _text("because"),
    Column("value", Float),
    Column("peak", Float),
    Column("first_out", Boolean, nullable=False, default=False),
    _text("by", null=True),
    Column("note", Text),
    Column("late", Boolean, nullable=False),
    _ms("until_ms"),
    Column("window", Integer),
    Index("transitions_by_time", "site", "at_ms"),
    Index("transitions_of_an_asset", "site", "asset", "at_ms"),
)

# Work.
tickets = Table(
    "tickets",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("number", String(100), nullable=False),
    _text("asset"),
    _text("kind"),
    _text("hazard"),
    _text("category"),
    _text("grade"),
    Column("priority", Integer, nullable=False),
    _text("state"),
    _text("rule"),
    Column("title_en", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    _text("grid"),
    _ms("opened_ms", null=False),
    _ms("raised_ms", null=False),
    _ms("acked_ms"),
    _text("acked_by", null=True),
    _ms("closed_ms"),
    Column("late", Boolean, nullable=False),
    _text("source"),
    _text("lead_unit"),
    Column("assist_units", Text, nullable=False),
    _text("rectifier"),
    Column("plan", Text),
    Column("interim", Text, nullable=False),
    Column("upward", Text),
    Column("accepted", Text, nullable=False),
    _text("proof"),
    _ms("ack_due_ms"),
    _ms("arrive_due_ms"),
    _ms("due_ms"),
    Column("due_assumed", Boolean, nullable=False),
    Column("overdue", Text, nullable=False),
    _ms("begun_ms"),
    _ms("repaired_ms"),
    _ms("good_since_ms"),
    _ms("paused_ms"),
    _text("before", null=True),
    Column("merged_into", _Counter),
    Column("reopened", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("rating", Integer),
    Column("rating_note", Text),
    _text("campaign", null=True),  # of duties.toml
    Column("sector", String(200), nullable=False),
    Column("former", Text, nullable=False),
    Column("joint", Text, nullable=False),
    Column("outside_matrix", Boolean, nullable=False),
    Column("admission", Text),
    Index("ticket_numbers", "site", "number", unique=True),
    Index("tickets_by_time", "site", "opened_ms"),
    Index("tickets_of_a_campaign", "site", "campaign"),
)
_is_open = text("closed_ms IS NULL AND asset <> ''")  # a report of a place is not about equipment
Index(
    "one_open_ticket",
    tickets.c.site,
    tickets.c.asset,
    tickets.c.hazard,
    unique=True,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)

# What speaks for a ticket, in the order found.
evidence = Table(
    "evidence",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("ticket", _Counter, ForeignKey("tickets.id"), nullable=False),
    _ms("at_ms", null=False),
    _ms("recorded_ms", null=False),
    _text("alarm", null=True),
    Column("en", Text, nullable=False),
    Column("zh", Text, nullable=False),
    _text("point", null=True),
    Column("value", Float),
    _text("unit", null=True),
    Index("evidence_of_a_ticket", "ticket", "id"),
)

# The running number of tickets within a day.
numbers = Table(
    "numbers",
    metadata,
    _site(),
    Column("day", String(8), primary_key=True),
    Column("last", Integer, nullable=False),
)

# A parent (cabinet, bus) that was lost: how its children stood before, and what was different afterwards.
outages = Table(
    "outages",
    metadata,
    Column("id", _Counter, primary_key=True),
    Column("site", String(64), nullable=False),
    _text("parent"),
    _text("alarm"),
    _ms("began_ms", null=False),
    _ms("raised_ms", null=False),
    _ms("back_ms"),
    _ms("closed_ms"),
    Column("before", Text, nullable=False),
    Column("difference", Text),
)
Index(
    "one_open_outage",
    outages.c.site,
    outages.c.parent,
    unique=True,
    sqlite_where=outages.c.closed_ms.is_(None),
    postgresql_where=outages.c.closed_ms.is_(None),
)
