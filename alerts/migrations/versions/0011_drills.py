"""Shell. Drills with the moments of their hops"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "drills",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("edge", sa.String(length=200), nullable=False),
        sa.Column("instance", _COUNTER, sa.ForeignKey("duty_instances.id"), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("ordered_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("sent_ms", sa.BigInteger(), nullable=True),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=True)
            for name in ("measured_ms", "raised_ms", "opened_ms", "paged_ms")
        ),
        sa.Column("channel", sa.String(length=200), nullable=True),
        sa.Column("acked_ms", sa.BigInteger(), nullable=True),
        sa.Column("acked_by", sa.String(length=200), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=True),
    )
    op.create_index("drills_open", "drills", ["site", "ended_ms"])
