"""Shell. Hidden alarms: why, since which state, until when; the worst value and the first of a group in the log"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change. What was there was hidden by nobody."""
    with op.batch_alter_table("alarms") as alarms:
        alarms.add_column(sa.Column("hidden", sa.Integer(), nullable=False, server_default="0"))
        alarms.add_column(sa.Column("beneath", sa.Integer(), nullable=False, server_default="0"))
        alarms.add_column(sa.Column("veil_ms", sa.BigInteger(), nullable=True))
        alarms.add_column(sa.Column("shelf_ms", sa.BigInteger(), nullable=True))
        alarms.add_column(sa.Column("first_out", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("transitions") as transitions:
        transitions.add_column(sa.Column("peak", sa.Float(), nullable=True))
        transitions.add_column(sa.Column("first_out", sa.Boolean(), nullable=False, server_default=sa.false()))
