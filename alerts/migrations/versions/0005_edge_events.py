"""Shell. What cabinets judged by themselves"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "edge_events",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("edge", sa.String(length=200), nullable=False),
        sa.Column("alarm", sa.String(length=200), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("new", sa.String(length=200), nullable=False),
        sa.Column("old", sa.String(length=200), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("told_ms", sa.BigInteger(), nullable=False),
        sa.Column("frame_epoch", sa.BigInteger(), nullable=False),
        sa.Column("frame_seq", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("judged_ms", sa.BigInteger(), nullable=True),
        sa.Column("ticket", _COUNTER, nullable=True),
        sa.ForeignKeyConstraint(["ticket"], ["tickets.id"]),
        sa.PrimaryKeyConstraint("site", "edge", "alarm", "at_ms", "new"),
    )
    op.create_index("edge_events_by_state", "edge_events", ["site", "state"])
    op.create_index("edge_events_by_time", "edge_events", ["site", "at_ms"])
