"""Shell. From when to when tickets tighten the watch of their equipment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "tightenings",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("asset", sa.String(length=200), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.Column("to_ms", sa.BigInteger(), nullable=True),
    )
    op.create_index("tightenings_open", "tightenings", ["site", "to_ms"])
    op.create_index("tightenings_of_a_ticket", "tightenings", ["ticket", "id"])
