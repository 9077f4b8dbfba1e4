"""Shell. Where a ticket stands in its workflow, every step of it, its limits and what is attached"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_IS_OPEN = sa.text("closed_ms IS NULL AND asset <> ''")


def upgrade() -> None:
    """Make the change. Old tickets keep their state; that somebody took note of one is told by `acked_ms` alone."""
    with op.batch_alter_table("tickets") as tickets:
        for name, usual in (("source", "sensor"), ("lead_unit", ""), ("rectifier", ""), ("proof", "none")):
            tickets.add_column(sa.Column(name, sa.String(length=200), nullable=False, server_default=usual))
        for name, usual in (
            ("assist_units", "[]"), ("interim", ""), ("accepted", "[]"), ("overdue", ""), ("text", ""), ("address", ""),
        ):  # fmt: skip
            tickets.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=usual))
        for name in ("plan", "upward", "rating_note"):
            tickets.add_column(sa.Column(name, sa.Text(), nullable=True))
        for name in (
            "ack_due_ms", "arrive_due_ms", "due_ms", "begun_ms", "repaired_ms", "good_since_ms", "paused_ms",
        ):  # fmt: skip
            tickets.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
        tickets.add_column(sa.Column("due_assumed", sa.Boolean(), nullable=False, server_default=sa.false()))
        tickets.add_column(sa.Column("before", sa.String(length=200), nullable=True))
        tickets.add_column(sa.Column("merged_into", _COUNTER, nullable=True))
        tickets.add_column(sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"))
        tickets.add_column(sa.Column("rating", sa.Integer(), nullable=True))
        for name in ("latitude", "longitude"):
            tickets.add_column(sa.Column(name, sa.Float(), nullable=True))
    op.execute("UPDATE tickets SET state = 'filed' WHERE state = 'acknowledged'")
    op.drop_index("one_open_ticket", "tickets")
    op.create_index(
        "one_open_ticket", "tickets", ["site", "asset", "hazard"], unique=True,
        sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN,
    )  # fmt: skip
    _events()


def _events() -> None:
    op.create_table(
        "ticket_events",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.String(length=200), nullable=False)
            for name in ("verb", "actor", "old", "new", "approver")
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
    )
    op.create_index("events_of_a_ticket", "ticket_events", ["ticket", "id"])
    op.create_index("ticket_events_by_time", "ticket_events", ["site", "at_ms"])
    op.create_table(
        "attachments",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index("attachments_of_a_ticket", "attachments", ["ticket", "id"])
