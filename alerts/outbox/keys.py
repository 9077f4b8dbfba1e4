"""Shell. What signs links, kept in the database: the newest signs, older ones hold as long as a link may live."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, delete, select

from alerts.outbox.tables import link_keys
from vocab.channels import Links
from vocab.instant import seconds_ms

_BYTES = 32


def keys(connection: Connection, site: str) -> dict[int, bytes]:
    """Every key that still holds, by number."""
    found = connection.execute(select(link_keys.c.id, link_keys.c.secret).where(link_keys.c.site == site))
    return {row.id: row.secret for row in found}


def newest(connection: Connection, site: str, links: Links, now_ms: int) -> tuple[int, bytes]:
    """The key to sign with; a new one in time, and none older than a link may be."""
    table = link_keys
    last = connection.execute(select(table).where(table.c.site == site).order_by(table.c.id.desc()).limit(1)).first()
    if last is not None and now_ms - last.created_ms < seconds_ms(links.rotate_s):
        return last.id, last.secret
    oldest_ms = now_ms - seconds_ms(links.rotate_s) - seconds_ms(links.valid_s)
    connection.execute(delete(table).where(table.c.site == site, table.c.created_ms < oldest_ms))
    secret = secrets.token_bytes(_BYTES)
    made = connection.execute(table.insert().values(site=site, secret=secret, created_ms=now_ms)).inserted_primary_key
    assert made is not None  # noqa: S101 - an insert of one row has one
    return int(made[0]), secret
