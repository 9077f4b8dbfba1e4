"""Shell. What has to happen: instances, what proves them, reports, the emergency, supplies"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    _instances()
    _proofs()
    _reports()
    _emergency()


def _instances() -> None:
    op.create_table(
        "duty_clocks",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("schedule", sa.String(length=200), primary_key=True),
        sa.Column("subject", sa.String(length=200), primary_key=True),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "duty_instances",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("schedule", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("due_from_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_to_ms", sa.BigInteger(), nullable=False),
        sa.Column("overdue_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=True),
        sa.Column("began_by", sa.String(length=200), nullable=True),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.Column("done_by", sa.String(length=200), nullable=True),
        sa.Column("proof", sa.String(length=200), nullable=True),
        sa.Column("photo", sa.String(length=64), nullable=True),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=True),
    )
    op.create_index("duty_instances_by_state", "duty_instances", ["site", "state", "overdue_ms"])
    op.create_index("duty_instances_by_time", "duty_instances", ["site", "due_to_ms"])
    op.create_index("one_duty_instance", "duty_instances", ["site", "schedule", "subject", "due_from_ms"], unique=True)
    op.create_table(
        "duty_events",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("instance", _COUNTER, sa.ForeignKey("duty_instances.id"), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index("duty_events_of_an_instance", "duty_events", ["instance", "id"])
    op.create_table(
        "duty_triggers",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("trigger", sa.String(length=200), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
    )
    op.create_index("duty_triggers_open", "duty_triggers", ["site", "ended_ms"])


def _proofs() -> None:
    op.create_table(
        "duty_levels",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("asset", sa.String(length=200), primary_key=True),
        sa.Column("point", sa.String(length=200), primary_key=True),
        sa.Column("peak", sa.Float(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "emptyings",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("asset", sa.String(length=200), primary_key=True),
        sa.Column("point", sa.String(length=200), primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("fall", sa.Float(), nullable=False),
    )


def _reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("instance", _COUNTER, sa.ForeignKey("duty_instances.id"), nullable=False),
        sa.Column("schedule", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=200), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("to_ms", sa.BigInteger(), nullable=False),
        sa.Column("zero", sa.Boolean(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("numbers", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("prepared_by", sa.String(length=200), nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=False),
        sa.Column("reviewed_by", sa.String(length=200), nullable=True),
        sa.Column("reviewed_ms", sa.BigInteger(), nullable=True),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=True),
    )
    op.create_index("reports_by_time", "reports", ["site", "submitted_ms"])
    op.create_index("reports_of_an_instance", "reports", ["instance"])
    op.create_table(
        "report_sends",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("report", _COUNTER, sa.ForeignKey("reports.id"), nullable=False),
        sa.Column("to_unit", sa.String(length=200), nullable=False),
        sa.Column("sent_ms", sa.BigInteger(), nullable=False),
        sa.Column("sent_by", sa.String(length=200), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("received_by", sa.String(length=200), nullable=True),
        sa.Column("received_ms", sa.BigInteger(), nullable=True),
    )
    op.create_index("one_report_to_a_unit", "report_sends", ["report", "to_unit"], unique=True)


def _emergency() -> None:
    op.create_table(
        "modes",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=200), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=True),
        sa.Column("end_agreed", sa.Text(), nullable=False),
        sa.Column("end_why", sa.Text(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
    )
    op.create_index("modes_open", "modes", ["site", "mode", "ended_ms"])
    op.create_table(
        "zone_counts",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("place", sa.String(length=200), primary_key=True),
        sa.Column("day", sa.String(length=10), primary_key=True),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("clusters", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "zone_grades",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("proposed", sa.String(length=200), nullable=False),
        sa.Column("reading", sa.String(length=200), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("proposed_ms", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.String(length=200), nullable=True),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index("zone_grades_of_a_place", "zone_grades", ["site", "place", "id"])
    op.create_table(
        "stock_moves",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("change", sa.Float(), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index("stock_moves_of_an_item", "stock_moves", ["site", "item", "id"])
