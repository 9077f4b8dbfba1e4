"""Shell. `anlan kpi`: how the alarms themselves behave, from a ticket database or from a running system."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from anlan.cli_common import configured, site_path
from vocab.instant import to_ms

if TYPE_CHECKING:
    from rules.performance.report import Performance
    from vocab.site import Site

_TIMEOUT_S = 60.0


class _NotToBeHadError(Exception):
    """There is nothing to report on."""


def kpi(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    source: Annotated[str, typer.Argument(metavar="DATABASE_OR_URL", help="SQLite file, SQLAlchemy URL, or http://…")],
    start: Annotated[str | None, typer.Option("--from", help="Date or moment, ISO 8601; default: 30 days.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Date or moment, ISO 8601; default: the last record.")] = None,
    operators: Annotated[int, typer.Option(min=1, max=1000, help="How many people share the alarms.")] = 1,
    site: Annotated[str, typer.Option(help="Whose alarms and rules, for a database and a draft.")] = "demo",
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the report here.")] = None,
    draft_file: Annotated[
        Path | None, typer.Option("--draft", help="Write what it suggests as draft rules for `anlan backtest`.")
    ] = None,
) -> None:
    """Tell how the alarms themselves behave: load, floods, chattering, stale, priorities, and what would calm them.

    Moments without an offset are the site's local time.
    """
    import msgspec

    from anlan.report_kpi import show_performance

    try:
        if source.startswith(("http://", "https://")):
            report, zone = _ask(source.rstrip("/"), start, end, operators)
        else:
            report, zone = _read(source, site, start, end, operators)
    except (_NotToBeHadError, ValueError) as error:
        Console(stderr=True).print(str(error), highlight=False, markup=False)
        raise typer.Exit(2) from None
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))
    if draft_file is not None:
        from anlan.kpi_draft import draft

        draft_file.write_text(draft(_site(site), report), encoding="utf-8")
    show_performance(Console(), report, zone)


def _site(name: str) -> Site:
    from runtime.files import load_site

    with configured():
        return load_site(site_path(name))


def _moment(text: str | None, zone: ZoneInfo) -> int | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return to_ms(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))


def _ask(url: str, start: str | None, end: str | None, operators: int) -> tuple[Performance, ZoneInfo]:
    """A running system's own answer."""
    import httpx
    import msgspec

    from anlan.versions_client import bearer
    from rules.performance.report import Performance

    try:
        with httpx.Client(base_url=url, timeout=_TIMEOUT_S, trust_env=False, headers=bearer()) as client:
            zone = ZoneInfo(client.get("/api/v1/site").raise_for_status().json()["timezone"])
            asked = {"from_ms": _moment(start, zone), "to_ms": _moment(end, zone), "operators": operators}
            given = {name: value for name, value in asked.items() if value is not None}
            answer = client.get("/api/v1/performance", params=given)
    except (httpx.HTTPError, KeyError) as error:
        raise _NotToBeHadError(f"{url}: {error}") from error
    if answer.status_code != httpx.codes.OK:
        raise _NotToBeHadError(f"{url}: {answer.text}")
    return msgspec.json.decode(answer.content, type=Performance), zone


def _read(source: str, site: str, start: str | None, end: str | None, operators: int) -> tuple[Performance, ZoneInfo]:
    """A database, whose system need not run. Nothing is written, not even a migration."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    from alerts.database import reading
    from alerts.errors import DatabaseError
    from alerts.performance import default_period, performance

    loaded = _site(site)
    zone = ZoneInfo(loaded.file.timezone)
    if "://" not in source and not Path(source).is_file():
        raise _NotToBeHadError(f"no database {source}")
    try:
        engine = create_engine(source if "://" in source else f"sqlite:///{source}")
        with reading(engine) as connection:
            period = default_period(connection, loaded.id, _moment(start, zone), _moment(end, zone), None, operators)
            if period is None:
                raise _NotToBeHadError(f"{source} holds no alarms of the site {loaded.id!r}; choose another --site")
            report = performance(connection, loaded, period)
        engine.dispose()
    except (DatabaseError, SQLAlchemyError, ImportError) as error:
        raise _NotToBeHadError(f"{source}: {error}") from error
    return report, zone
