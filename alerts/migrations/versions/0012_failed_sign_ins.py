"""Shell. Failed sign-ins and the places from where accounts signed in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "sign_in_failures",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("key", sa.String(length=64), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
    )
    op.create_index("sign_in_failures_by_time", "sign_in_failures", ["site", "last_ms"])
    op.create_table(
        "sign_in_places",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("account", sa.String(length=64), primary_key=True),
        sa.Column("address", sa.String(length=100), primary_key=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
    )
