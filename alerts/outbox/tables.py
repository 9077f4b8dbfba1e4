"""Pure. The tables of calls and pages. A call is one time that somebody is to answer; its pages are the messages."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from alerts.tables import metadata

_Counter = BigInteger().with_variant(Integer, "sqlite")


def _word(name: str, size: int = 200) -> Column[str]:
    return Column(name, String(size), nullable=False)


def _ms(name: str, *, null: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


# One time that people are asked to answer. `subject`: the ticket's id, the roll-call with its day and person, …
calls = Table(
    "calls",
    metadata,
    Column("id", _Counter, primary_key=True),
    _word("site", 64),
    _word("kind"),  # ticket, roll_call, notice
    _word("subject"),
    Column("number", Integer, nullable=False),  # of the subject's calls, from 1
    Column("ticket", _Counter),
    _ms("at_ms", null=False),
    _word("why"),  # opened, more_urgent, realarmed, forgotten, not_late, …
    Column("priority", Integer, nullable=False),
    _word("policy"),
    Column("late", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("person", String(200)),  # asked by name (a roll-call)
    Column("text_en", Text),  # of calls without a ticket
    Column("text_zh", Text),
    _ms("deadline_ms"),
    _ms("acked_ms"),
    Column("acked_by", String(200)),
    Column("acked_how", String(200)),
    _ms("ended_ms"),
    Column("ended_why", String(200)),
    Index("calls_of_a_subject", "site", "kind", "subject", "number", unique=True),
    Index("calls_by_end", "site", "ended_ms"),
    Index("calls_of_a_ticket", "ticket"),
)

# One message to one person by one way.
pages = Table(
    "pages",
    metadata,
    Column("id", _Counter, primary_key=True),
    _word("site", 64),
    Column("call", _Counter, ForeignKey("calls.id"), nullable=False),
    Column("ticket", _Counter),
    Column("step", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    _word("person"),
    _word("channel", 64),
    _word("address"),
    Column("others", Text, nullable=False),  # the person's next ways, JSON [[channel, address], …]
    _ms("due_ms", null=False),
    _word("state"),  # due digest sending sent failed acked cancelled
    Column("attempts", Integer, nullable=False),
    _ms("next_ms", null=False),
    Column("receipt", Text),
    Column("reason", Text),
    _ms("created_ms", null=False),
    _ms("sent_ms"),
    _ms("acked_ms"),
    Column("text_en", Text, nullable=False),
    Column("text_zh", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("drill", Boolean, nullable=False),
    Index("one_page", "site", "call", "step", "round", "person", "channel", unique=True),
    Index("pages_by_state", "site", "state", "next_ms"),
    Index("pages_of_a_ticket", "ticket", "id"),
)

# Every attempt, written before it is made, so that a crash forgets none of a robot's quota.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Counter, primary_key=True),
    _word("site", 64),
    _word("channel", 64),
    _ms("at_ms", null=False),
    Column("pages", Text, nullable=False),  # ids, JSON
    _ms("done_ms"),
    Column("outcome", Text),  # JSON
    Index("deliveries_of_a_channel", "site", "channel", "at_ms"),
)

# Channels that were switched off because they cannot work as they are configured, or have to wait.
channel_states = Table(
    "channel_states",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("channel", String(64), primary_key=True),
    _word("config", 64),  # a digest: other settings switch it on again
    _ms("disabled_ms"),
    _ms("wait_until_ms"),
    Column("reason", Text),
)

# What signs links; the newest signs, older ones still hold for a while.
link_keys = Table(
    "link_keys",
    metadata,
    Column("id", _Counter, primary_key=True),
    _word("site", 64),
    Column("secret", LargeBinary, nullable=False),
    _ms("created_ms", null=False),
)
