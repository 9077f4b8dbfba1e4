"""Shell. Maintenance windows, shelves and permits; in the log until when, and by which window"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    with op.batch_alter_table("transitions") as transitions:
        transitions.add_column(sa.Column("until_ms", sa.BigInteger(), nullable=True))
        transitions.add_column(sa.Column("window", sa.Integer(), nullable=True))
    op.create_table(
        "windows",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("to_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=200), nullable=True),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("applied_ms", sa.BigInteger(), nullable=True),
    )
    op.create_index("windows_by_end", "windows", ["site", "to_ms"])
    op.create_table(
        "hidings",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("alarm", sa.String(length=200), nullable=False),
        sa.Column("how", sa.String(length=200), nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("permit", sa.String(length=200), nullable=True),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("second", sa.String(length=200), nullable=True),
        sa.Column("from_ms", sa.BigInteger(), nullable=True),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
    )
    op.create_index("hidings_of_an_alarm", "hidings", ["site", "alarm", "how"])
    is_open = sa.text("ended_ms IS NULL")
    op.create_index(
        "one_open_hiding", "hidings", ["site", "alarm", "how"], unique=True,
        sqlite_where=is_open, postgresql_where=is_open,
    )  # fmt: skip
