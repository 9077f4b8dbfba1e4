"""Shell. Scores of inspections"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("duty_instances", sa.Column("score", sa.Float(), nullable=True))
    op.add_column("duty_instances", sa.Column("score_of", sa.Float(), nullable=True))
    op.add_column("duty_instances", sa.Column("passed", sa.Boolean(), nullable=True))
    op.add_column("duty_instances", sa.Column("points", sa.Text(), nullable=True))
