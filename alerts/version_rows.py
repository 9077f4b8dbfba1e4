"""Shell. Rule versions in the database: written and read within the transaction they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select, update

from alerts.errors import NoSuchVersionError
from alerts.version_states import Step, Tried, VersionState, after
from alerts.version_tables import rule_backtests, rule_version_moves, rule_versions, shadow_transitions

RUNNING, DONE, FAILED, INTERRUPTED = "running", "done", "failed", "interrupted"
ITSELF = "anlan"  # who moved a version if nobody did
_SUMMARY = [column for column in rule_backtests.c if column.name != "result"]


class VersionRows:
    """The versions of one site."""

    def __init__(self, connection: Connection, site: str) -> None:
        self._connection = connection
        self._site = site

    # --- versions --------------------------------------------------------------------------------------------------

    def add(self, row: dict[str, Any]) -> int:
        """A new draft; its id."""
        told = row | {"site": self._site, "state": VersionState.DRAFT.value, "state_ms": row["created_ms"]}
        statement = rule_versions.insert().values(**told).returning(rule_versions.c.id)
        version = int(self._connection.execute(statement).scalar_one())
        self._note(version, None, VersionState.DRAFT, row["created_ms"], row["author"], row["reason"])
        return version

    def one(self, version: int) -> RowMapping:
        """A version; NoSuchVersionError."""
        mine = (rule_versions.c.site == self._site, rule_versions.c.id == version)
        row = self._connection.execute(select(rule_versions).where(*mine)).mappings().one_or_none()
        if row is None:
            raise NoSuchVersionError(f"no rule version {version}")
        return row

    def newest(self, limit: int) -> Sequence[RowMapping]:
        """Newest first."""
        mine = select(rule_versions).where(rule_versions.c.site == self._site)
        return self._connection.execute(mine.order_by(rule_versions.c.id.desc()).limit(limit)).mappings().all()

    def live(self) -> list[RowMapping]:
        """In the order in which they lie over one another."""
        return self._in(VersionState.LIVE, rule_versions.c.live_ms)

    def shadow(self) -> RowMapping | None:
        """The one in shadow."""
        found = self._in(VersionState.SHADOW, rule_versions.c.id)
        return found[0] if found else None

    def _in(self, state: VersionState, order: Any) -> list[RowMapping]:
        mine = (rule_versions.c.site == self._site, rule_versions.c.state == state.value)
        statement = select(rule_versions).where(*mine).order_by(order, rule_versions.c.id)
        return list(self._connection.execute(statement).mappings())

    def move(self, row: RowMapping, step: Step, by: str, why: str, now_ms: int) -> VersionState:
        """Take a step, with who and why; IllegalStepError, and then nothing was written."""
        old = VersionState(row["state"])
        new = after(old, step)
        if new is old:
            return new
        changes: dict[str, Any] = {"state": new.value, "state_ms": now_ms}
        if new is VersionState.SHADOW:
            changes["shadow_ms"] = now_ms
        if new is VersionState.LIVE:
            changes["live_ms"] = now_ms
        self._connection.execute(update(rule_versions).where(rule_versions.c.id == row["id"]).values(**changes))
        self._note(row["id"], old, new, now_ms, by, why)
        return new

    def _note(
        self, version: int, old: VersionState | None, new: VersionState, at_ms: int, by: str, why: str
    ) -> None:  # fmt: skip
        self._connection.execute(
            rule_version_moves.insert().values(
                version=version, old=old and old.value, new=new.value, at_ms=at_ms, by=by, why=why
            )
        )

    def moves(self, version: int) -> list[dict[str, Any]]:
        """Every change of state, oldest first."""
        table = rule_version_moves
        rows = self._connection.execute(select(table).where(table.c.version == version).order_by(table.c.id))
        return [{name: row[name] for name in ("old", "new", "at_ms", "by", "why")} for row in rows.mappings()]

    # --- backtests -------------------------------------------------------------------------------------------------

    def begin_backtest(self, version: int, by: str, from_ms: int | None, to_ms: int | None, now_ms: int) -> int:
        """One begins; its id."""
        values = {"version": version, "by": by, "from_ms": from_ms, "to_ms": to_ms, "started_ms": now_ms}
        statement = rule_backtests.insert().values(state=RUNNING, **values).returning(rule_backtests.c.id)
        return int(self._connection.execute(statement).scalar_one())

    def end_backtest(self, backtest: int, state: str, now_ms: int, **told: Any) -> None:
        """It is over. Of a version only the last result is kept."""
        table = rule_backtests
        if state == DONE:
            version = select(table.c.version).where(table.c.id == backtest).scalar_subquery()
            before = (table.c.version == version, table.c.id < backtest)
            self._connection.execute(update(table).where(*before).values(result=None))
        values = {"state": state, "ended_ms": now_ms, **told}
        self._connection.execute(update(table).where(table.c.id == backtest).values(**values))

    def interrupt_backtests(self, now_ms: int) -> int:
        """Whatever says that it runs does so no more; how many."""
        mine = select(rule_versions.c.id).where(rule_versions.c.site == self._site)
        statement = (
            update(rule_backtests)
            .where(rule_backtests.c.state == RUNNING, rule_backtests.c.version.in_(mine))
            .values(state=INTERRUPTED, ended_ms=now_ms, error="alerts ended while it ran; start it again")
        )
        return self._connection.execute(statement).rowcount

    def backtests(self, version: int) -> list[dict[str, Any]]:
        """Every backtest without its result, newest first."""
        table = rule_backtests
        statement = select(*_SUMMARY).where(table.c.version == version).order_by(table.c.id.desc())
        return [dict(row) for row in self._connection.execute(statement).mappings()]

    def result(self, backtest: int) -> bytes | None:
        """What it found, deflated; None if it is not kept."""
        statement = select(rule_backtests.c.result).where(rule_backtests.c.id == backtest)
        data: bytes | None = self._connection.execute(statement).scalar_one()
        return data

    def tried(self, version: int) -> list[Tried]:
        """Backtests that came to their end."""
        return [
            Tried(each["text_digest"], each["base_digest"], each["covered_ms"])
            for each in self.backtests(version)
            if each["state"] == DONE
        ]

    # --- shadow ----------------------------------------------------------------------------------------------------

    def note_shadow(self, rows: Sequence[dict[str, Any]]) -> None:
        """What its alarms did."""
        if rows:
            self._connection.execute(shadow_transitions.insert(), list(rows))

    def shadow_log(self, version: int, from_ms: int) -> Sequence[RowMapping]:
        """What its alarms did since, in the order found."""
        table = shadow_transitions
        wanted = (table.c.version == version, table.c.at_ms >= from_ms)
        return self._connection.execute(select(table).where(*wanted).order_by(table.c.id)).mappings().all()

    def forget_shadow(self, version: int) -> None:
        """It begins anew."""
        self._connection.execute(delete(shadow_transitions).where(shadow_transitions.c.version == version))
