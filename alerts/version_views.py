"""Shell. Rule versions as the API tells them: read from the database, never written."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, select

from alerts.engine import Engine
from alerts.errors import NoSuchVersionError
from alerts.shadow import Shadow
from alerts.tables import transitions
from alerts.version_jobs import Job
from alerts.version_rows import RUNNING, VersionRows
from alerts.version_states import VersionState
from rules import telling
from rules.compare import compare, compare_events
from rules.episodes import Event, episodes

_SHOWN = ("id", "state", "author", "reason", "file", "created_ms", "state_ms", "shadow_ms", "live_ms")


def summary(row: RowMapping) -> dict[str, Any]:
    """A version in a list."""
    return {name: row[name] for name in _SHOWN} | {"rules": _rules(row)}


def _rules(row: RowMapping) -> list[str]:
    return [f"{each['kind']}.{each['rule']}" for each in msgspec.json.decode(row["diff"])]


def whole(rows: VersionRows, version: int) -> dict[str, Any]:
    """One version with its text, its diff, who moved it when and why, and its backtests."""
    row = rows.one(version)
    more = {name: row[name] for name in ("text", "text_digest", "base_digest")}
    told = {"diff": msgspec.json.decode(row["diff"]), "moves": rows.moves(version)}
    return summary(row) | more | told | {"backtests": rows.backtests(version)}


def backtest(rows: VersionRows, version: int, running: Job | None) -> dict[str, Any]:
    """The newest backtest of a version: `progress` from 0 to 1, and its result once it is done."""
    rows.one(version)
    tried = rows.backtests(version)
    if not tried:
        raise NoSuchVersionError(f"version {version} was never backtested")
    newest = tried[0]
    data = rows.result(newest["id"])
    result = None if data is None else msgspec.Raw(zlib.decompress(data))
    progress = 0.0 if data is None else 1.0
    if running is not None and running.id == newest["id"] and newest["state"] == RUNNING:
        progress = running.progress
    return newest | {"progress": progress, "result": result}


def shadow(connection: Connection, engine: Engine, version: int, now_ms: int) -> dict[str, Any]:
    """What a version in shadow raised more, less or at another moment than the live rules, since it began."""
    rows = VersionRows(connection, engine.site.id)
    row = rows.one(version)
    since_ms = row["shadow_ms"]
    if since_ms is None:
        raise NoSuchVersionError(f"version {version} was never in shadow")
    is_on = row["state"] == VersionState.SHADOW
    until_ms = now_ms if is_on else _ended(rows, version)
    silent = [_event(each) for each in rows.shadow_log(version, since_ms) if each["at_ms"] < until_ms]
    wanted = (
        transitions.c.site == engine.site.id, transitions.c.at_ms >= since_ms, transitions.c.at_ms < until_ms
    )  # fmt: skip
    log = connection.execute(select(transitions).where(*wanted).order_by(transitions.c.id)).mappings()
    live = [_event(each) for each in log]
    beside = engine.beside if isinstance(engine.beside, Shadow) and engine.beside.version == version else None
    return {
        "version": version,
        "on": is_on,
        "since_ms": since_ms,
        "until_ms": until_ms,
        "missed_frames": 0 if beside is None else beside.missed,
        "trouble": None if beside is None else beside.trouble,
        "difference": telling.difference(compare(episodes(live), episodes(silent))),
        "events": telling.event_difference(compare_events(live, silent)),
    }


def _ended(rows: VersionRows, version: int) -> int:
    """When it left the shadow for the last time."""
    return max(int(each["at_ms"]) for each in rows.moves(version) if each["old"] == VersionState.SHADOW)


def _event(row: RowMapping) -> Event:
    return Event(row["alarm"], row["old"], row["new"], row["at_ms"], row["because"], row["value"], late=row["late"])
