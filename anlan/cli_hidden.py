"""Shell. `anlan hidden`: what was hidden, by whom, why, and what happened behind it."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Column, Table

from anlan.cli_common import configured, site_path
from vocab.instant import from_ms, to_ms

if TYPE_CHECKING:
    from alerts.hidden import HiddenAlarm, HiddenReport
    from vocab.site import Site


def hidden(
    database: Annotated[str, typer.Option(help="The ticket database, a file or a URL; it is only read.")],
    site: Annotated[str, typer.Option(help="A shipped site's name, or a folder with site.toml.")] = "demo",
    start: Annotated[str | None, typer.Option("--from", help="ISO 8601; default: 7 days before the end.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601; default: after the last record.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write everything here.")] = None,
) -> None:
    """Tell every time that an alarm was shelved, suppressed or out of service, and whether it was missed."""
    import msgspec

    from alerts.errors import AlertsError
    from alerts.hidden_api import as_json
    from runtime.files import load_site

    with configured():
        loaded = load_site(site_path(site))
    zone = ZoneInfo(loaded.file.timezone)
    try:
        report = _read(loaded, database, _moment(start, zone), _moment(end, zone))
    except (AlertsError, ValueError) as error:
        Console(stderr=True).print(str(error), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(as_json(report)), indent=1))
    _show(Console(), report, zone)


def _moment(text: str | None, zone: ZoneInfo) -> int | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    return to_ms(moment if moment.tzinfo is not None else moment.replace(tzinfo=zone))


def _read(site: Site, database: str, first_ms: int | None, last_ms: int | None) -> HiddenReport:
    from sqlalchemy import func, select

    from alerts.hidden import DEFAULT_DAYS, MS_PER_DAY, hidden_report
    from alerts.recorded import opened
    from alerts.tables import transitions

    with opened(database) as connection:
        if last_ms is None:
            statement = select(func.max(transitions.c.at_ms)).where(transitions.c.site == site.id)
            last = connection.execute(statement).scalar_one()
            if last is None:
                raise ValueError(f"{database} holds no alarms of the site {site.id!r}; choose another --site")
            last_ms = last + 1
        if first_ms is None:
            first_ms = last_ms - DEFAULT_DAYS * MS_PER_DAY
        if first_ms >= last_ms:
            raise ValueError("--from must be before --to")
        return hidden_report(connection, site, first_ms, last_ms)


def _show(console: Console, report: HiddenReport, zone: tzinfo) -> None:
    span = f"{_local(report.from_ms, zone)} to {_local(report.to_ms, zone)}"
    if not report.hidden:
        console.print(f"{span}: nothing was hidden", highlight=False)
        return
    table = Table(
        Column("alarm", overflow="fold"), "how", Column("by", overflow="fold"), Column("why", overflow="fold"),
        "from", "to", "for", "raised", "worst", "stood", title=f"hidden, {span}",
    )  # fmt: skip
    for each in report.hidden:
        table.add_row(*_row(each, report.to_ms, zone), style="red" if each.protected else None)
    console.print(table)
    for how in sorted({each.stretch.how for each in report.hidden}):
        mine = [each.stretch for each in report.hidden if each.stretch.how == how]
        hours = sum(each.hidden_ms(report.from_ms, report.to_ms) for each in mine) / 3_600_000
        behind = sum(each.raised for each in mine)
        told = f"{how.replace('_', ' ')}: {len(mine)} times, {hours:.3g} alarm-hours, {behind} raised behind it"
        console.print(told, highlight=False)


def _row(each: HiddenAlarm, end_ms: int, zone: tzinfo) -> tuple[str, ...]:
    stretch = each.stretch
    lasted = timedelta(seconds=round(((stretch.to_ms or end_ms) - stretch.from_ms) / 1000))
    worst = "–" if stretch.worst is None else f"{stretch.worst:g} {each.unit}".rstrip()
    renewed = f" (+{stretch.renewals})" if stretch.renewals else ""
    return (
        stretch.alarm,
        stretch.how.replace("_", " ") + renewed,
        stretch.by or "–",
        stretch.why or "–",
        _local(stretch.from_ms, zone),
        "still" if stretch.to_ms is None else _local(stretch.to_ms, zone),
        str(lasted),
        str(stretch.raised),
        worst,
        "yes" if stretch.stood else "no",
    )


def _local(moment_ms: int, zone: tzinfo) -> str:
    return from_ms(moment_ms).astimezone(zone).strftime("%m-%d %H:%M:%S")
