"""Shell. The campaign that a ticket belongs to; samples of what was self-checked"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _word(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=200), nullable=null)


def upgrade() -> None:
    """Make the change."""
    op.add_column("tickets", _word("campaign", null=True))
    op.create_index("tickets_of_a_campaign", "tickets", ["site", "campaign"])
    op.create_table(
        "samples",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        _word("campaign"),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("drawn_ms", sa.BigInteger(), nullable=False),
        _word("drawn_by"),
        sa.Column("note", sa.Text(), nullable=False),
    )
    op.create_index("samples_of_a_campaign", "samples", ["site", "campaign", "id"])
    op.create_table(
        "sample_items",
        sa.Column("id", _COUNTER, primary_key=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("sample", _COUNTER, sa.ForeignKey("samples.id"), nullable=False),
        _word("item"),
        _word("unit"),
        sa.Column("trigger", _COUNTER, sa.ForeignKey("duty_triggers.id"), nullable=False),
        _word("outcome", null=True),
        sa.Column("checked_ms", sa.BigInteger(), nullable=True),
        _word("checked_by", null=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ticket", _COUNTER, sa.ForeignKey("tickets.id"), nullable=True),
    )
    op.create_index("one_item_of_a_sample", "sample_items", ["sample", "item"], unique=True)
    op.create_index("sample_items_by_trigger", "sample_items", ["trigger"], unique=True)
    op.create_index("sample_items_by_time", "sample_items", ["site", "checked_ms"])
