"""Shell. Rule versions on a terminal, in the site's own time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from vocab.instant import from_ms

MOST_ROWS = 30
Json = dict[str, Any]


class VersionTeller:
    """Says what the API said."""

    def __init__(self, console: Console, zone: ZoneInfo) -> None:
        self._console = console
        self._zone = zone

    def all(self, told: Json) -> None:
        """The list."""
        force = told["in_force"]
        live = ", ".join(str(each) for each in force["live"]) or "none"
        shadow = "none" if force["shadow"] is None else force["shadow"]
        self._say(f"in force: live versions {live} over the site's own rules; in shadow: {shadow}")
        for notice in told["notices"]:
            self._console.print(f"[red]{escape(notice)}[/]")
        table = Table("version", "state", "since", "author", "rules", "reason")
        for each in told["versions"]:
            rules = ", ".join(each["rules"][:4]) + (" …" if len(each["rules"]) > 4 else "")
            cells = (each["state"], self._when(each["state_ms"]), each["author"], rules, each["reason"])
            table.add_row(str(each["id"]), *map(escape, cells))
        self._console.print(table)

    def one(self, told: Json) -> None:
        """A version."""
        self._say(f"version {told['id']} is {told['state']} since {self._when(told['state_ms'])}: {told['reason']}")
        self.diff(told)
        table = Table("from", "to", "when", "who", "why", title="moves")
        for each in told["moves"]:
            cells = (each["old"] or "–", each["new"], self._when(each["at_ms"]), each["by"], each["why"])
            table.add_row(*map(escape, cells))
        self._console.print(table)
        table = Table("backtest", "state", "by", "started", "covers", "error", title="backtests")
        for each in told["backtests"]:
            covered = "–" if each["covered_ms"] is None else f"{each['covered_ms'] / 86_400_000:.3g} days"
            cells = (each["state"], each["by"], self._when(each["started_ms"]), covered, each["error"] or "")
            table.add_row(str(each["id"]), *map(escape, cells))
        if told["backtests"]:
            self._console.print(table)

    def diff(self, told: Json) -> None:
        """What it changes."""
        table = Table("rule", Column("field", overflow="fold"), "in force", "new", title=f"version {told['id']}")
        for rule in told["diff"]:
            name = f"{rule['kind']}.{rule['rule']}" + (" (new)" if rule["is_new"] else "")
            name += " (the site's override still applies)" if rule["overridden"] else ""
            for each in rule["fields"]:
                table.add_row(*map(escape, (name, each["field"], _word(each["old"]), _word(each["new"]))))
                name = ""
        self._console.print(table)

    def backtest(self, told: Json) -> None:
        """What a backtest found."""
        found = told["result"]
        covered = found["covered_ms"] / 86_400_000
        self._say(
            f"{self._when(found['from_ms'])} to {self._when(found['to_ms'])}: {covered:.3g} days of history, "
            f"{len(found['episodes'])} episodes, {len(found['tickets'])} tickets"
        )
        for duty, loads in (("shift", found["shifts"]), ("night", found["nights"])):
            pages = [each["pages"] for each in loads]
            if pages:
                average = sum(pages) / len(pages)
                self._say(f"pages per {duty}: {average:.1f} on average over {len(pages)}, at most {max(pages)}")
        self.difference(found["difference"], "the rules in force")

    def shadow(self, told: Json) -> None:
        """What a shadow did."""
        state = "judges" if told["on"] else "judged"
        until = "" if told["on"] else f" until {self._when(told['until_ms'])}"
        self._say(f"version {told['version']} {state} in shadow since {self._when(told['since_ms'])}{until}")
        if told["trouble"] is not None:
            self._console.print(f"[red]it cannot judge at present: {escape(told['trouble'])}[/]")
        if told["missed_frames"]:
            self._say(f"it missed {told['missed_frames']} frames since alerts was started")
        self.difference(told["difference"], "the live rules")

    def difference(self, told: Json | None, what: str) -> None:
        """Added, lost, shifted."""
        if told is None:
            return
        table = Table("", Column("alarm", overflow="fold"), "raised", "cleared", title=f"against {what}")
        rows = [("[red]added[/]", each, "") for each in told["added"]]
        rows += [("[green]lost[/]", each, "") for each in told["lost"]]
        rows += [("shifted", each["after"], f" {each['raised_by_s']:+g} s") for each in told["shifted"]]
        for word, each, moved in rows[:MOST_ROWS]:
            cleared = "stands" if each["cleared_ms"] is None else self._when(each["cleared_ms"])
            table.add_row(word, escape(each["alarm"]), self._when(each["raised_ms"]) + moved, cleared)
        if rows:
            self._console.print(table)
        counts = (f"{len(told[word])} {word}" for word in ("added", "lost", "shifted"))
        self._say(f"against {what}: {told['same']} episodes the same, {', '.join(counts)}")

    def _say(self, line: str) -> None:
        self._console.print(line, highlight=False, markup=False)

    def _when(self, at_ms: int) -> str:
        return from_ms(at_ms).astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")


def _word(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_word(each) for each in value) or "–"
    return str(value)
