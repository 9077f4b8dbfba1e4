"""Shell. Whoever acknowledges an alarm here is heard in the cabinet whose siren it set off.

The log of transitions is the source: every acknowledgement behind the place where this process began becomes one order.
The broker keeps it for a cabinet that is cut off; the cabinet takes no notice of what it knows already.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import structlog
from sqlalchemy import func, select

from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import DatabaseError
from alerts.tables import transitions
from rules.codes import Because
from vocab.site import Site
from vocab.topics import Kind, build
from wire.address import Address
from wire.backoff import Backoff
from wire.order import VERSION, Order, encode
from wire.publisher import BrokerAwayError, Publisher

log = structlog.get_logger()

_LOOK_S = 0.5  # real seconds


class Heard(NamedTuple):
    """Somebody acknowledged an alarm."""

    id: int
    alarm: str
    at_ms: int
    by: str


class EdgeOrders:
    """Sends orders to be quiet, until cancelled."""

    def __init__(self, engine: Engine, broker: str, client_id: str) -> None:
        self.sent = 0
        self._engine = engine
        self._broker = Address.parse(broker)
        self._client_id = client_id

    async def run(self) -> None:
        """Follow the log. A site without a single action has nobody to tell."""
        if not any(edge.action for edge in self._engine.site.file.edge):
            return
        last: int | None = None
        while True:
            try:
                if last is None:
                    last = await asyncio.to_thread(self._newest)
                heard = await asyncio.to_thread(self._behind, last)
            except DatabaseError as error:
                log.warning("acknowledgements cannot be read, trying again", cause=str(error).splitlines()[0])
                heard = []
            if heard:
                await self._send(heard)
                last = heard[-1].id
            await asyncio.sleep(_LOOK_S)

    def _newest(self) -> int:
        with reading(self._engine.database) as connection:
            mine = transitions.c.site == self._engine.site.id
            return connection.execute(select(func.max(transitions.c.id)).where(mine)).scalar() or 0

    def _behind(self, last: int) -> list[Heard]:
        found = select(transitions.c.id, transitions.c.alarm, transitions.c.at_ms, transitions.c.by).where(
            transitions.c.site == self._engine.site.id,
            transitions.c.id > last,
            transitions.c.because == Because.ACKNOWLEDGED.word,
        )
        with reading(self._engine.database) as connection:
            return [Heard(row.id, row.alarm, row.at_ms, row.by or "?") for row in connection.execute(found)]

    async def _send(self, heard: list[Heard]) -> None:
        site = self._engine.site
        letters = [
            (build(site.id, edge, Kind.CMD), encode(Order(VERSION, "silence", each.at_ms, each.by, each.alarm)))
            for each in heard
            for edge in cabinets_of(site, each.alarm)
        ]
        backoff = Backoff()
        while letters:
            try:
                async with Publisher(self._broker, self._client_id) as publisher:
                    while letters:
                        await publisher.publish(*letters[0])
                        self.sent += 1
                        del letters[0]
            except BrokerAwayError:
                await asyncio.sleep(backoff.next())


def cabinets_of(site: Site, alarm: str) -> list[str]:
    """The cabinets that an alarm may have made sound, by the site file."""
    name, _, rule_id = alarm.partition(".")
    asset = next((each for each in site.assets if each.id == name), None)
    rule = None if asset is None else next((rule for rule in site.rules_of(asset) if rule.id == rule_id), None)
    if asset is None or rule is None:
        return []
    edges = dict.fromkeys(box.edge for box in asset.device)
    return [edge for edge in edges if any(action.covers(rule) for action in site.edge(edge).action)]
