"""Pure. The tables of duties: instances, what was said of them, reports, the emergency, supplies, drills."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text

from alerts.tables import metadata

_Counter = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", _Counter, primary_key=True)


def _site(*, key: bool = False) -> Column[str]:
    return Column("site", String(64), primary_key=key, nullable=False)


def _word(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, String(200), primary_key=key, nullable=null)


def _ms(name: str, *, null: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


# Since when each schedule is in force for each subject, and up to when its calendar was looked at.
duty_clocks = Table(
    "duty_clocks",
    metadata,
    _site(key=True),
    _word("schedule", key=True),
    _word("subject", key=True),
    _ms("since_ms", null=False),
    _ms("until_ms", null=False),
)

# One time that something had to happen. The unique index makes one of it, however often somebody looks.
duty_instances = Table(
    "duty_instances",
    metadata,
    _id(),
    _site(),
    _word("schedule"),
    _word("subject"),
    _ms("due_from_ms", null=False),
    _ms("due_to_ms", null=False),
    _ms("overdue_ms", null=False),
    _word("state"),
    _ms("began_ms"),
    _word("began_by", null=True),
    _ms("done_ms"),
    _word("done_by", null=True),
    _word("proof", null=True),  # whose word: person, sensor, report, drill
    Column("photo", String(64)),
    Column("ticket", _Counter, ForeignKey("tickets.id")),
    Column("score", Float),  # of an inspection, from 0 to `score_of`
    Column("score_of", Float),
    Column("passed", Boolean),
    Column("points", Text),  # by item, JSON
    Index("one_duty_instance", "site", "schedule", "subject", "due_from_ms", unique=True),
    Index("duty_instances_by_state", "site", "state", "overdue_ms"),
    Index("duty_instances_by_time", "site", "due_to_ms"),
)

# What happened to an instance.
duty_events = Table(
    "duty_events",
    metadata,
    _id(),
    _site(),
    Column("instance", _Counter, ForeignKey("duty_instances.id"), nullable=False),
    _ms("at_ms", null=False),
    _ms("recorded_ms", null=False),
    _word("what"),
    _word("by", null=True),
    _text("note"),
    Index("duty_events_of_an_instance", "instance", "id"),
)

# What started a deadline.
duty_triggers = Table(
    "duty_triggers",
    metadata,
    _id(),
    _site(),
    _word("trigger"),
    _text("label"),
    _ms("at_ms", null=False),
    _word("by"),
    _text("note"),
    _ms("ended_ms"),
    _word("ended_by", null=True),
    Index("duty_triggers_open", "site", "ended_ms"),
)

# The highest level of a container since it was emptied, and every emptying.
duty_levels = Table(
    "duty_levels",
    metadata,
    _site(key=True),
    _word("asset", key=True),
    _word("point", key=True),
    Column("peak", Float, nullable=False),
    _ms("at_ms", null=False),
)
emptyings = Table(
    "emptyings",
    metadata,
    _site(key=True),
    _word("asset", key=True),
    _word("point", key=True),
    Column("at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("fall", Float, nullable=False),
)

# Reports: the texts by heading as JSON, the numbers as they were then.
reports = Table(
    "reports",
    metadata,
    _id(),
    _site(),
    Column("instance", _Counter, ForeignKey("duty_instances.id"), nullable=False),
    _word("schedule"),
    _word("unit"),
    _ms("from_ms", null=False),
    _ms("to_ms", null=False),
    Column("zero", Boolean, nullable=False),
    _text("texts"),
    _text("numbers"),
    _text("note"),
    _word("state"),  # submitted, returned, approved
    _word("prepared_by"),
    _ms("submitted_ms", null=False),
    _word("reviewed_by", null=True),
    _ms("reviewed_ms"),
    _text("review_note"),
    Column("ticket", _Counter, ForeignKey("tickets.id")),
    Index("reports_by_time", "site", "submitted_ms"),
    Index("reports_of_an_instance", "instance"),
)
report_sends = Table(
    "report_sends",
    metadata,
    _id(),
    _site(),
    Column("report", _Counter, ForeignKey("reports.id"), nullable=False),
    _word("to_unit"),
    _ms("sent_ms", null=False),
    _word("sent_by"),
    _text("receipt"),
    _word("received_by", null=True),
    _ms("received_ms"),
    Index("one_report_to_a_unit", "report", "to_unit", unique=True),
)

# The emergency: who asked, who agreed, who ended it, and what came of it.
modes = Table(
    "modes",
    metadata,
    _id(),
    _site(),
    _word("mode"),
    Column("level", Integer, nullable=False),
    _text("why"),
    _text("agreed"),  # persons, as JSON
    _ms("asked_ms", null=False),
    _ms("begun_ms"),
    _text("end_agreed"),
    _text("end_why"),
    _ms("ended_ms"),
    Column("summary", Text),
    Index("modes_open", "site", "mode", "ended_ms"),
)

# Counts of cases of an area and a day; counts only, nobody's name. Then the grades, proposed and confirmed.
zone_counts = Table(
    "zone_counts",
    metadata,
    _site(key=True),
    _word("place", key=True),
    Column("day", String(10), primary_key=True),
    Column("cases", Integer, nullable=False),
    Column("clusters", Integer, nullable=False),
    _word("by"),
    _ms("at_ms", null=False),
)
zone_grades = Table(
    "zone_grades",
    metadata,
    _id(),
    _site(),
    _word("place"),
    _word("proposed"),
    _word("reading"),
    _text("because"),
    _ms("proposed_ms", null=False),
    _word("grade", null=True),
    _word("confirmed_by", null=True),
    _ms("confirmed_ms"),
    _text("note"),
    Index("zone_grades_of_a_place", "site", "place", "id"),
)

# Supplies: every count or movement with what was there afterwards.
stock_moves = Table(
    "stock_moves",
    metadata,
    _id(),
    _site(),
    _word("item"),
    Column("change", Float, nullable=False),
    Column("level", Float, nullable=False),
    _ms("at_ms", null=False),
    _word("by"),
    _text("note"),
    Index("stock_moves_of_an_item", "site", "item", "id"),
)

# Drills: a synthetic hazard on its way from the cabinet to a person, with the moment of each hop.
drills = Table(
    "drills",
    metadata,
    _id(),
    _site(),
    _word("edge"),
    Column("instance", _Counter, ForeignKey("duty_instances.id"), nullable=False),
    _word("by"),
    _ms("ordered_ms", null=False),
    _ms("until_ms", null=False),
    _ms("sent_ms"),  # the broker has the order
    Column("ticket", _Counter, ForeignKey("tickets.id")),
    _ms("measured_ms"),
    _ms("raised_ms"),
    _ms("opened_ms"),
    _ms("paged_ms"),
    _word("channel", null=True),
    _ms("acked_ms"),
    _word("acked_by", null=True),
    _ms("ended_ms"),
    _word("outcome", null=True),  # proven, or the hop that was not reached
    _word("by_channel", null=True),  # the way that its pages are to take first
    _ms("quiet_ms"),  # the cabinet was told that it is over before its time
    Index("drills_open", "site", "ended_ms"),
)

# The last proof of the whole way by each channel.
path_proofs = Table(
    "path_proofs",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("channel", String(64), primary_key=True),
    _ms("since_ms", null=False),  # when it was first seen
    _ms("tried_ms"),  # a page of a drill was sent by it
    _ms("proven_ms"),  # and answered by whom it reached
    _ms("sent_ms"),  # that page
    Column("drill", _Counter),
    _word("person", null=True),
    _word("how", null=True),
    Column("ticket", _Counter),  # that it became too old
    _ms("asked_ms"),
)
