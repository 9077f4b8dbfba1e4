"""Shell. Calls, pages and their receipts; who stands in on a roster; what signs links"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _word(name: str, size: int = 200, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=size), nullable=null)


def _ms(name: str, *, null: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _long(name: str, *, null: bool = True) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _id() -> sa.Column[int]:
    return sa.Column("id", _COUNTER, primary_key=True)


def upgrade() -> None:
    """Make the change."""
    _calls()
    _pages()
    _channels()
    _rosters()


def _calls() -> None:
    op.create_table(
        "calls",
        _id(), _word("site", 64), _word("kind"), _word("subject"), sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ticket", _COUNTER), _ms("at_ms", null=False), _word("why"),
        sa.Column("priority", sa.Integer(), nullable=False), _word("policy"),
        sa.Column("late", sa.Boolean(), nullable=False), sa.Column("drill", sa.Boolean(), nullable=False),
        _word("person", null=True), _long("text_en"), _long("text_zh"), _ms("deadline_ms"), _ms("acked_ms"),
        _word("acked_by", null=True), _word("acked_how", null=True), _ms("ended_ms"), _word("ended_why", null=True),
    )  # fmt: skip
    op.create_index("calls_of_a_subject", "calls", ["site", "kind", "subject", "number"], unique=True)
    op.create_index("calls_by_end", "calls", ["site", "ended_ms"])
    op.create_index("calls_of_a_ticket", "calls", ["ticket"])


def _pages() -> None:
    op.create_table(
        "pages",
        _id(), _word("site", 64), sa.Column("call", _COUNTER, sa.ForeignKey("calls.id"), nullable=False),
        sa.Column("ticket", _COUNTER), sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False), _word("person"), _word("channel", 64), _word("address"),
        _long("others", null=False), _ms("due_ms", null=False), _word("state"),
        sa.Column("attempts", sa.Integer(), nullable=False), _ms("next_ms", null=False), _long("receipt"),
        _long("reason"), _ms("created_ms", null=False), _ms("sent_ms"), _ms("acked_ms"),
        _long("text_en", null=False), _long("text_zh", null=False), sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
    )  # fmt: skip
    op.create_index("one_page", "pages", ["site", "call", "step", "round", "person", "channel"], unique=True)
    op.create_index("pages_by_state", "pages", ["site", "state", "next_ms"])
    op.create_index("pages_of_a_ticket", "pages", ["ticket", "id"])


def _channels() -> None:
    op.create_table(
        "deliveries",
        _id(), _word("site", 64), _word("channel", 64), _ms("at_ms", null=False), _long("pages", null=False),
        _ms("done_ms"), _long("outcome"),
    )  # fmt: skip
    op.create_index("deliveries_of_a_channel", "deliveries", ["site", "channel", "at_ms"])
    op.create_table(
        "channel_states",
        sa.Column("site", sa.String(length=64), primary_key=True),
        sa.Column("channel", sa.String(length=64), primary_key=True),
        _word("config", 64), _ms("disabled_ms"), _ms("wait_until_ms"), _long("reason"),
    )  # fmt: skip
    op.create_table(
        "link_keys",
        _id(), _word("site", 64), sa.Column("secret", sa.LargeBinary(), nullable=False), _ms("created_ms", null=False),
    )  # fmt: skip


def _rosters() -> None:
    op.create_table(
        "roster_changes",
        _id(), _word("site", 64), _word("roster"), _word("person"), _word("instead_of"), _ms("from_ms", null=False),
        _ms("to_ms", null=False), _ms("back_from_ms"), _ms("back_to_ms"), _word("by"), _long("note", null=False),
        _ms("created_ms", null=False), _word("state"), _word("decided_by", null=True), _ms("decided_ms"),
    )  # fmt: skip
    op.create_index("roster_changes_by_end", "roster_changes", ["site", "roster", "to_ms"])
    op.create_table(
        "handovers",
        _id(), _word("site", 64), _word("roster"), _ms("at_ms", null=False), _word("by"), _word("to"),
        _long("note", null=False), _long("open_tickets", null=False), _word("confirmed_by", null=True),
        _ms("confirmed_ms"),
    )  # fmt: skip
    op.create_index("handovers_of_a_roster", "handovers", ["site", "roster", "at_ms"])
