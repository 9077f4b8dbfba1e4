"""Shell. Whose place a request is about: the grids of the ticket, alarm, equipment or scope that it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import select

from alerts.access import duty_places
from alerts.access.needs import Of
from alerts.access.numbers import number
from alerts.access.request import Request
from alerts.database import reading
from alerts.hiding_tables import windows
from alerts.oncall.tables import roster_changes
from alerts.tables import tickets
from vocab.site import Site


class Places:
    """Looks up grids. A name that is none has no grid: its handler answers 404 to whoever may do this anywhere."""

    def __init__(self, database: Database, site: Site) -> None:
        self._database = database
        self._whole = site
        self._site = site.id
        self.grid_of: Mapping[str, str] = {asset.id: asset.grid for asset in site.assets}
        self.grids = frozenset(grid.id for grid in site.file.grid)
        self._rosters = {
            roster.id: frozenset(
                site.org.place_of(person)
                for turn in roster.rotation
                for person in turn.people
                if person in site.org.people
            )
            for roster in site.oncall.rosters.values()
        }

    def of(self, of: Of, request: Request) -> frozenset[str | None]:
        """The places; None among them is the site as a whole, and none at all is any place."""
        names = request.names
        match of:
            case Of.SITE:
                found: frozenset[str | None] = frozenset({None})
            case Of.TICKET:
                found = self._ticket(names.get("ticket", ""))
            case Of.ALARM:
                found = self._assets([names.get("alarm", "").split(".")[0]])
            case Of.ASSET:
                found = self._assets(request.all("asset"))
            case Of.WINDOW:
                found = self._window(names.get("window", ""))
            case Of.ROSTER:
                found = self._roster(names.get("change"), request.told("roster"))
            case Of.SCOPE:
                found = self._scope(request.body if isinstance(request.body, dict) else {})
            case _:
                found = duty_places.place_of(self._database, self._whole, of, request)
        return found

    def _assets(self, assets: list[str]) -> frozenset[str | None]:
        return frozenset(self.grid_of[asset] for asset in assets if asset in self.grid_of)

    def _scope(self, body: dict[str, Any]) -> frozenset[str | None]:
        """Lists narrow each other (a window): the tighter one says where it reaches. Single names add up (a ticket)."""
        assets = _words(body, "assets")
        listed = self._assets(assets) if assets else frozenset(_words(body, "grids"))
        asset, grid = body.get("asset"), body.get("grid")
        single = self._assets([asset.strip()]) if isinstance(asset, str) else frozenset()
        single |= {grid} if isinstance(grid, str) and grid else frozenset()
        return listed | single or frozenset({None})

    def _window(self, name: str) -> frozenset[str | None]:
        found = number(name)
        if found is None:
            return duty_places.WHOLE
        statement = select(windows.c.scope).where(windows.c.site == self._site, windows.c.id == found)
        with reading(self._database) as connection:
            scope = connection.execute(statement).scalar_one_or_none()
        return frozenset() if scope is None else self.of(Of.SCOPE, Request(body=json.loads(scope)))

    def _roster(self, change: str | None, roster: Any) -> frozenset[str | None]:
        if change is not None:
            found, table = number(change), roster_changes.c
            if found is None:
                return duty_places.WHOLE
            statement = select(table.roster).where(table.site == self._site, table.id == found)
            with reading(self._database) as connection:
                roster = connection.execute(statement).scalar_one_or_none()
        return frozenset(self._rosters.get(roster.strip(), ())) if isinstance(roster, str) else frozenset()

    def _ticket(self, name: str) -> frozenset[str | None]:
        found = number(name)
        if found is None:  # `+5` is ticket 5 to whoever reads it next
            return duty_places.WHOLE
        statement = select(tickets.c.grid).where(tickets.c.site == self._site, tickets.c.id == found)
        with reading(self._database) as connection:
            return frozenset(connection.execute(statement).scalars())


def _words(body: dict[str, Any], name: str) -> list[str]:
    value = body.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
