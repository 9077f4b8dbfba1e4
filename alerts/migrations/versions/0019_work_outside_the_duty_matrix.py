"""Shell. What the duty matrix does not speak of and who let it in; sectors, joint inspections, pairs of photos"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_IN_A_PAIR = sa.text("pair IS NOT NULL")


def upgrade() -> None:
    """Make the change."""
    op.add_column("tickets", sa.Column("sector", sa.String(length=200), nullable=False, server_default=""))
    for name in ("former", "joint"):
        op.add_column("tickets", sa.Column(name, sa.Text(), nullable=False, server_default="[]"))
    op.add_column("tickets", sa.Column("outside_matrix", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tickets", sa.Column("admission", sa.Text(), nullable=True))
    op.add_column("attachments", sa.Column("phase", sa.String(length=16), nullable=False, server_default=""))
    op.add_column("attachments", sa.Column("pair", sa.Integer(), nullable=True))
    op.create_index(
        "one_photo_of_a_pair", "attachments", ["ticket", "pair", "phase"], unique=True,
        sqlite_where=_IN_A_PAIR, postgresql_where=_IN_A_PAIR,
    )  # fmt: skip
