"""Shell. The last proven way by each channel; drills by a channel, and told to be over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the change."""
    op.add_column("drills", sa.Column("by_channel", sa.String(length=200), nullable=True))
    op.add_column("drills", sa.Column("quiet_ms", sa.BigInteger(), nullable=True))
    op.create_table(
        "path_proofs",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("channel", sa.String(length=64), primary_key=True),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("tried_ms", "proven_ms", "sent_ms")),
        sa.Column("drill", _COUNTER, nullable=True),
        sa.Column("person", sa.String(length=200), nullable=True),
        sa.Column("how", sa.String(length=200), nullable=True),
        sa.Column("ticket", _COUNTER, nullable=True),
        sa.Column("asked_ms", sa.BigInteger(), nullable=True),
    )
