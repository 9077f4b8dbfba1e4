"""Shell. Outages: a lost cabinet or bus, how its children stood before, and what was different afterwards"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "outages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("parent", sa.String(length=200), nullable=False),
        sa.Column("alarm", sa.String(length=200), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("raised_ms", sa.BigInteger(), nullable=False),
        sa.Column("back_ms", sa.BigInteger(), nullable=True),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("difference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    is_open = sa.text("closed_ms IS NULL")
    op.create_index(
        "one_open_outage", "outages", ["site", "parent"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
