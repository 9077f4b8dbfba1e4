"""Shell. Whose place a request is about: the grids of the ticket, alarm, equipment or scope that it names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import select

from alerts.access.needs import Of
from alerts.database import reading
from alerts.hiding_tables import windows
from alerts.tables import tickets
from vocab.site import Site

SQL_MOST = 2**63 - 1


class Places:
    """Looks up grids. A name that is none has no grid: its handler answers 404 to whoever may do this anywhere."""

    def __init__(self, database: Database, site: Site) -> None:
        self._database = database
        self._site = site.id
        self.grid_of: Mapping[str, str] = {asset.id: asset.grid for asset in site.assets}
        self.grids = frozenset(grid.id for grid in site.file.grid)

    def of(self, of: Of, names: Mapping[str, str], asked: str | None, body: Any) -> frozenset[str | None]:
        """The grids; None among them is the site as a whole, and none at all is any place."""
        match of:
            case Of.SITE:
                found: frozenset[str | None] = frozenset({None})
            case Of.TICKET:
                found = self._ticket(names.get("ticket", ""))
            case Of.ALARM:
                found = self._assets([names.get("alarm", "").split(".")[0]])
            case Of.ASSET:
                found = self._assets([names.get("asset") or asked or ""])
            case Of.WINDOW:
                found = self._window(names.get("window", ""))
            case Of.SCOPE:
                told = body if isinstance(body, dict) else {}
                found = self._scope(_words(told, "assets", "asset"), _words(told, "grids", "grid"))
            case _:
                found = frozenset()
        return found

    def _assets(self, assets: list[str]) -> frozenset[str | None]:
        return frozenset(self.grid_of[asset] for asset in assets if asset in self.grid_of)

    def _scope(self, assets: list[str], grids: list[str]) -> frozenset[str | None]:
        """Both narrow a window, so the tighter of the two says where it can reach."""
        named = self._assets(assets) if assets else frozenset(grids)
        return named or frozenset({None})

    def _window(self, name: str) -> frozenset[str | None]:
        number = _number(name)
        if number is None:
            return frozenset()
        statement = select(windows.c.scope).where(windows.c.site == self._site, windows.c.id == number)
        with reading(self._database) as connection:
            scope = connection.execute(statement).scalar_one_or_none()
        return frozenset() if scope is None else self.of(Of.SCOPE, {}, None, json.loads(scope))

    def _ticket(self, name: str) -> frozenset[str | None]:
        number = _number(name)
        if number is None:
            return frozenset()
        statement = select(tickets.c.grid).where(tickets.c.site == self._site, tickets.c.id == number)
        with reading(self._database) as connection:
            return frozenset(connection.execute(statement).scalars())


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and int(text) <= SQL_MOST else None


def _words(body: dict[str, Any], name: str, single: str) -> list[str]:
    """Names of a list, or the one name of a body that has only one."""
    value, one = body.get(name), body.get(single)
    found = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return [*found, one] if isinstance(one, str) and one else found
