"""Shell. Rule versions and the engine: what is checked, written and put in force together, on the engine's thread.

Live versions lie over the site's own rules in the order in which they went live. One whose every rule a later one has
replaced is retired with it. Whatever takes long (reading a text, laying out a site) was done before, over the rules in
force at that moment; if these have changed meanwhile, nothing happens and the order must be given again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import structlog
from sqlalchemy import Connection, RowMapping

from alerts.beside import Nobody
from alerts.database import connect, writing
from alerts.engine import Engine
from alerts.errors import FaultyDraftError, IllegalStepError, NothingToDoError
from alerts.law import Law, law_of
from alerts.shadow import Shadow, copy_books, drop_books, rows_of
from alerts.version_diff import RuleChange, rule_changes
from alerts.version_rows import ITSELF, VersionRows
from alerts.version_states import Step, must_be_tried
from alerts.views import Changes
from vocab.draft import put_over
from vocab.fingerprint import rules_digest, text_digest
from vocab.site import Site

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants it, why, and when."""

    by: str
    why: str
    now_ms: int


@dataclass(frozen=True, slots=True)
class Drafted:
    """A text put over the rules in force."""

    base: Site
    site: Site
    text: str
    file: str
    diff: tuple[RuleChange, ...]
    base_digest: str


def drafted(base: Site, text: str, file: str) -> Drafted:
    """FaultyDraftError with every fault; NothingToDoError if it says only what is in force already."""
    site, touched, problems = put_over(base, file, text)
    if site is None:
        raise FaultyDraftError(problems)
    diff = rule_changes(base, site, touched)
    if not diff:
        raise NothingToDoError("the text changes nothing of the rules in force")
    return Drafted(base, site, text, file, diff, rules_digest(base))


def keep(engine: Engine, what: Drafted, order: Order) -> int:
    """A new draft; its id."""
    _must_be_in_force(engine, what.base)
    row = {
        "file": what.file, "text": what.text, "text_digest": text_digest(what.text), "base_digest": what.base_digest,
        "diff": msgspec.json.encode(what.diff).decode(), "author": order.by, "reason": order.why,
        "created_ms": order.now_ms,
    }  # fmt: skip
    with writing(engine.database) as connection:
        return VersionRows(connection, engine.site.id).add(row)


def begin_shadow(engine: Engine, version: int, what: Drafted, law: Law, order: Order) -> None:
    """From now on it judges beside the live rules."""
    _must_be_in_force(engine, what.base)
    with writing(engine.database) as connection:
        rows = VersionRows(connection, engine.site.id)
        row = rows.one(version)
        other = rows.shadow()
        if other is not None and other["id"] != version:
            raise IllegalStepError(f"version {other['id']} is in shadow; only one can be")
        rows.move(row, Step.SHADOW, order.by, order.why, order.now_ms)
        _must_be_tried(rows, row, what, engine.site)
        rows.forget_shadow(version)
        copy_books(connection, engine.site.id, version, law)
    shadow = Shadow(version, law, engine.database, engine.options, engine.functions)
    shadow.go_on_from(engine.judge, engine.is_listening, order.now_ms)
    engine.beside = shadow


def go_live(engine: Engine, version: int, what: Drafted, law: Law, order: Order) -> Changes:
    """From now on it is in force."""
    _must_be_in_force(engine, what.base)

    def also(connection: Connection) -> None:
        rows = VersionRows(connection, engine.site.id)
        row = rows.one(version)
        rows.move(row, Step.LIVE, order.by, order.why, order.now_ms)
        _must_be_tried(rows, row, what, engine.site)
        drop_books(connection, version)
        for each in _covered(rows.live()):
            rows.move(each, Step.RETIRE, ITSELF, f"version {version} replaced all of its rules", order.now_ms)

    changes = engine.adopt(law, also)
    engine.beside = Nobody()
    log.info("rules changed", version=version, by=order.by, why=order.why)
    return changes


def retire(engine: Engine, version: int, base: Site, law: Law, order: Order) -> Changes:
    """Take a live version out of force; what lies over other rules now, and was in shadow, must be tried again."""
    _must_be_in_force(engine, base)

    def also(connection: Connection) -> None:
        rows = VersionRows(connection, engine.site.id)
        rows.move(rows.one(version), Step.RETIRE, order.by, order.why, order.now_ms)
        shadow = rows.shadow()
        if shadow is not None:
            _fall_back(connection, rows, shadow, f"version {version} was retired under it", order.now_ms)

    changes = engine.adopt(law, also)
    engine.beside = Nobody()
    log.info("rules changed back", version=version, by=order.by, why=order.why)
    return changes


def reject(engine: Engine, version: int, order: Order) -> None:
    """It will not go live."""
    with writing(engine.database) as connection:
        rows = VersionRows(connection, engine.site.id)
        rows.move(rows.one(version), Step.REJECT, order.by, order.why, order.now_ms)
        drop_books(connection, version)
    if isinstance(engine.beside, Shadow) and engine.beside.version == version:
        engine.beside = Nobody()


def without(own: Site, live: Iterable[RowMapping], version: int) -> Site:
    """The rules that are in force when a live version is not; IllegalStepError if the others cannot stand alone."""
    site = own
    for row in live:
        if row["id"] != version:
            over, _, problems = put_over(site, row["file"], row["text"])
            if over is None:
                told = "; ".join(str(problem) for problem in problems)
                raise IllegalStepError(f"version {row['id']} would not fit without it, retire that first: {told}")
            site = over
    return site


def settle(own: Site, database: str, now_ms: int) -> tuple[Site, list[str]]:
    """At the start: the rules in force, and what has to be told.

    A version that no longer fits the site's files is retired with the reason; the site's own rules count in its place.
    """
    site, notices = own, []
    engine = connect(database)
    try:
        with writing(engine) as connection:
            rows = VersionRows(connection, own.id)
            rows.interrupt_backtests(now_ms)
            for row in rows.live():
                over, _, problems = put_over(site, row["file"], row["text"])
                if over is not None:
                    site = over
                    continue
                told = "; ".join(str(problem) for problem in problems)
                notices.append(f"version {row['id']} no longer fits the site and is not in force: {told}")
                rows.move(row, Step.RETIRE, ITSELF, f"it no longer fits the site: {told}", now_ms)
    finally:
        engine.dispose()
    for notice in notices:
        log.error("the rules in force are not those of before", notice=notice)
    return site, notices


def resume_shadow(engine: Engine, now_ms: int) -> str | None:
    """At the start: a version in shadow goes on, or falls back and that has to be told."""
    with writing(engine.database) as connection:
        rows = VersionRows(connection, engine.site.id)
        row = rows.shadow()
        if row is None:
            return None
        try:
            what = drafted(engine.site, row["text"], row["file"])
            must_be_tried(rows.tried(row["id"]), row["text_digest"], what.base_digest, 0)
        except (FaultyDraftError, NothingToDoError, IllegalStepError) as error:
            why = f"the rules in force are others since alerts was started again: {error}"
            _fall_back(connection, rows, row, why, now_ms)
            notice = f"version {row['id']} is no longer in shadow: {why}"
            log.warning("a shadow cannot go on", notice=notice)
            return notice
    law = law_of(what.site, engine.options, rows_of(row["id"]))
    engine.beside = Shadow(row["id"], law, engine.database, engine.options, engine.functions)
    return None


def _must_be_in_force(engine: Engine, base: Site) -> None:
    if engine.site is not base:
        raise IllegalStepError("the rules in force were changed at this very moment; give the order again")


def _must_be_tried(rows: VersionRows, row: RowMapping, what: Drafted, site: Site) -> None:
    least = site.file.rule_change.min_backtest_days
    must_be_tried(rows.tried(row["id"]), row["text_digest"], what.base_digest, least)


def _fall_back(connection: Connection, rows: VersionRows, row: RowMapping, why: str, now_ms: int) -> None:
    rows.move(row, Step.FALL_BACK, ITSELF, why, now_ms)
    drop_books(connection, row["id"])


def _covered(live: list[RowMapping]) -> list[RowMapping]:
    """Live versions of whose rules later ones have left nothing."""
    later: set[tuple[str, str]] = set()
    found = []
    for row in reversed(live):
        mine = {(each.kind, each.rule) for each in msgspec.json.decode(row["diff"], type=list[RuleChange])}
        if mine <= later:
            found.append(row)
        later |= mine
    return found
