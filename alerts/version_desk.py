"""Shell. Where orders about rule versions are taken: what takes long is done first, aside; what must hold together
is then done on the engine's thread, by alerts/versions.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from fastapi.concurrency import run_in_threadpool

from alerts import version_views, versions
from alerts.board import Board
from alerts.database import reading
from alerts.engine import Engine
from alerts.law import Law, law_of
from alerts.shadow import rows_of
from alerts.version_jobs import Jobs
from alerts.version_rows import VersionRows
from alerts.versions import Drafted, Order
from alerts.writer import Writer
from runtime.clock import Clock
from runtime.standing import all_this_stands
from vocab.fingerprint import rules_digest
from vocab.site import Site

_T = TypeVar("_T")


@dataclass(slots=True)
class Desk:
    """Takes orders. `own` is the site as its files say."""

    own: Site
    engine: Engine
    writer: Writer
    board: Board
    jobs: Jobs
    clock: Clock
    notices: list[str] = field(default_factory=list)  # what has to be told since the start
    _digest: tuple[Site, str] | None = None

    def order(self, by: str, why: str) -> Order:
        """It is given now."""
        return Order(by, why, self.clock.now_ms())

    async def draft(self, text: str, file: str, order: Order) -> dict[str, Any]:
        """A new version."""
        what = await run_in_threadpool(versions.drafted, self.engine.site, text, file)
        return await self.show(await self.writer.call(versions.keep, what, order))

    async def shadow(self, version: int, order: Order) -> dict[str, Any]:
        """It judges silently from now on."""
        what, law = await run_in_threadpool(self._prepared, version, rows_of(version))
        await self.writer.call(versions.begin_shadow, version, what, law, order)
        return await self.show(version)

    async def live(self, version: int, order: Order) -> dict[str, Any]:
        """It is in force from now on."""
        what, law = await run_in_threadpool(self._prepared, version, None)
        self.board.absorb(await self.writer.call(versions.go_live, version, what, law, order))
        all_this_stands()
        return await self.show(version)

    async def retire(self, version: int, order: Order) -> dict[str, Any]:
        """It is no longer in force."""
        base, law = await run_in_threadpool(self._without, version)
        self.board.absorb(await self.writer.call(versions.retire, version, base, law, order))
        all_this_stands()
        return await self.show(version)

    async def reject(self, version: int, order: Order) -> dict[str, Any]:
        """It never will be."""
        await self.writer.call(versions.reject, version, order)
        return await self.show(version)

    async def backtest(self, version: int, by: str, from_ms: int | None, to_ms: int | None) -> dict[str, Any]:
        """One begins."""
        await self.jobs.start(version, by, from_ms, to_ms)
        return await self.show_backtest(version)

    # --- reading ---------------------------------------------------------------------------------------------------

    async def show(self, version: int) -> dict[str, Any]:
        """One version."""
        return await self._read(lambda rows: version_views.whole(rows, version))

    async def show_all(self, limit: int) -> dict[str, Any]:
        """The rules in force, what has to be told of them, and the newest versions."""

        def read(rows: VersionRows) -> dict[str, Any]:
            shadow = rows.shadow()
            return {
                "in_force": {
                    "digest": self._digest_in_force(),
                    "live": [row["id"] for row in rows.live()],
                    "shadow": None if shadow is None else shadow["id"],
                    "min_backtest_days": self.own.file.rule_change.min_backtest_days,
                },
                "notices": self.notices,
                "versions": [version_views.summary(row) for row in rows.newest(limit)],
            }

        return await self._read(read)

    async def show_backtest(self, version: int) -> dict[str, Any]:
        """Its newest backtest."""
        return await self._read(lambda rows: version_views.backtest(rows, version, self.jobs.running))

    async def show_shadow(self, version: int) -> dict[str, Any]:
        """What its shadow did."""
        now_ms = self.clock.now_ms()

        def read() -> dict[str, Any]:
            with reading(self.engine.database) as connection:
                return version_views.shadow(connection, self.engine, version, now_ms)

        return await run_in_threadpool(read)

    async def _read(self, question: Callable[[VersionRows], _T]) -> _T:
        def read() -> _T:
            with reading(self.engine.database) as connection:
                return question(VersionRows(connection, self.own.id))

        return await run_in_threadpool(read)

    # --- what takes long -------------------------------------------------------------------------------------------

    def _prepared(self, version: int, rows: str | None) -> tuple[Drafted, Law]:
        """A version over the rules in force; `rows` is where its books will be."""
        base = self.engine.site
        with reading(self.engine.database) as connection:
            row = VersionRows(connection, self.own.id).one(version)
        what = versions.drafted(base, row["text"], row["file"])
        return what, law_of(what.site, self.engine.options, rows)

    def _without(self, version: int) -> tuple[Site, Law]:
        """The rules in force, and what they will be without a version."""
        base = self.engine.site
        with reading(self.engine.database) as connection:
            rows = VersionRows(connection, self.own.id)
            rows.one(version)
            live = rows.live()
        return base, law_of(versions.without(self.own, live, version), self.engine.options)

    def _digest_in_force(self) -> str:
        site, known = self.engine.site, self._digest
        if known is None or known[0] is not site:
            known = self._digest = (site, rules_digest(site))
        return known[1]
