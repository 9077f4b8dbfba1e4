"""Shell. Rule versions: changes of rules on their way into force, their backtests, and what they do in shadow"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _version() -> sa.Column[int]:
    return sa.Column("version", _COUNTER, sa.ForeignKey("rule_versions.id"), nullable=False)


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "rule_versions",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(64), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_digest", sa.String(64), nullable=False),
        sa.Column("base_digest", sa.String(64), nullable=False),
        sa.Column("diff", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("state_ms", sa.BigInteger(), nullable=False),
        sa.Column("shadow_ms", sa.BigInteger()),
        sa.Column("live_ms", sa.BigInteger()),
    )
    op.create_index("rule_versions_of_a_site", "rule_versions", ["site", "id"])
    op.create_table(
        "rule_version_moves",
        sa.Column("id", _COUNTER, primary_key=True),
        _version(),
        sa.Column("old", sa.String(20)),
        sa.Column("new", sa.String(20), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
    )
    op.create_index("moves_of_a_version", "rule_version_moves", ["version", "id"])
    op.create_table(
        "rule_backtests",
        sa.Column("id", _COUNTER, primary_key=True),
        _version(),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("from_ms", sa.BigInteger()),
        sa.Column("to_ms", sa.BigInteger()),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.Column("text_digest", sa.String(64)),
        sa.Column("base_digest", sa.String(64)),
        sa.Column("covered_ms", sa.BigInteger()),
        sa.Column("result", sa.LargeBinary()),
    )
    op.create_index("backtests_of_a_version", "rule_backtests", ["version", "id"])
    op.create_table(
        "shadow_transitions",
        sa.Column("id", _COUNTER, primary_key=True),
        _version(),
        sa.Column("alarm", sa.String(200), nullable=False),
        sa.Column("old", sa.String(200), nullable=False),
        sa.Column("new", sa.String(200), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("recorded_ms", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.String(200), nullable=False),
        sa.Column("value", sa.Float()),
        sa.Column("late", sa.Boolean(), nullable=False),
    )
    op.create_index("shadow_by_time", "shadow_transitions", ["version", "at_ms"])


def downgrade() -> None:
    """Take it back."""
    for table in ("shadow_transitions", "rule_backtests", "rule_version_moves", "rule_versions"):
        op.drop_table(table)
