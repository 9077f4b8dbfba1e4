"""Shell. Loads that were weighed, pools on their way to a plant, the days of a plant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "loads",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("asset", sa.String(length=200), primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=True),
    )
    op.create_table(
        "hauls",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        *(sa.Column(name, sa.String(length=200), nullable=False) for name in ("haul", "pool")),
        sa.Column("emptied_ms", sa.BigInteger(), nullable=False),
        sa.Column("fall", sa.Float(), nullable=False),
        sa.Column("instance", _COUNTER, sa.ForeignKey("duty_instances.id"), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("due_ms", "lost_ms")),
        sa.Column("arrived_ms", sa.BigInteger(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=True),
    )
    op.create_index("one_haul_of_an_emptying", "hauls", ["site", "haul", "pool", "emptied_ms"], unique=True)
    op.create_index("hauls_on_their_way", "hauls", ["site", "arrived_ms", "emptied_ms"])
    op.create_table(
        "plant_days",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("plant", sa.String(length=200), primary_key=True),
        sa.Column("day", sa.String(length=10), primary_key=True),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=True),
    )
