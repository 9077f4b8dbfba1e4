"""Shell. The audit log: appended to in the database, its head signed into a file beside it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Generator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import IntegrityError

from alerts.access.chain import Broken, Head, Row, first_broken, following, signed
from alerts.access.tables import audit
from alerts.database import reading, writing
from alerts.errors import DatabaseError

HEAD, KEY = "audit-head.json", "audit.key"
_TRIES = 20  # two servers, or a command line beside one, may append at the same moment


class Log:
    """One site's log. `folder` holds the signed head; None: no head is kept, and a removed tail is not noticed."""

    def __init__(self, database: Engine, site: str, folder: Path | None = None) -> None:
        self._database = database
        self._site = site
        self._folder = folder

    def append(self, at_ms: int, what: str, actor: str, about: dict[str, Any] | None = None) -> int:
        """One more row, durable when this returns; its number. DatabaseError if it cannot be written."""
        for _ in range(_TRIES):
            try:
                with writing(self._database) as connection:
                    row = self.add(connection, at_ms, what, actor, about)
            except DatabaseError as error:
                if not isinstance(error.__cause__, IntegrityError):
                    raise
                continue
            self.keep_head(row)
            return row.seq
        raise DatabaseError("the audit log is written by too many at once")

    def add(
        self, connection: Connection, at_ms: int, what: str, actor: str, about: dict[str, Any] | None = None
    ) -> Row:
        """One more row, in the transaction of what it tells of; `keep_head` when that is through."""
        if connection.dialect.name == "postgresql":  # SQLite's BEGIN IMMEDIATE lets one writer in at a time anyhow
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"anlan audit {self._site}"))))
        body = {"at_ms": at_ms, "what": what, "actor": actor, "site": self._site, "about": about or {}}
        row = following(_last(connection, self._site), body)
        connection.execute(audit.insert().values(site=self._site, **asdict(row)))
        return row

    def rows(self, before: int | None, limit: int) -> list[dict[str, Any]]:
        """The newest first, as they were written."""
        statement = select(audit).where(audit.c.site == self._site).order_by(audit.c.seq.desc()).limit(limit)
        if before is not None:
            statement = statement.where(audit.c.seq < before)
        with reading(self._database) as connection:
            return [json.loads(row.body) | {"hash": row.hash} for row in connection.execute(statement)]

    def verify(self) -> Broken | None:
        """None: every row is as it was written, up to the head if one is kept."""
        head, key = kept_head(self._folder)
        with reading(self._database) as connection, closing(rows(connection, self._site)) as chain:
            return first_broken(chain, head, key)

    def keep_head(self, row: Row) -> None:
        """Sign the newest row into the folder, so that rows at the end cannot be removed unnoticed."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        head = signed(self._site, row, _key(self._folder))
        new = self._folder / f".{HEAD}.{os.getpid()}.{row.seq}"
        new.write_text(json.dumps(asdict(head)), encoding="utf-8")
        new.replace(self._folder / HEAD)


def kept_head(folder: Path | None) -> tuple[Head | None, bytes | None]:
    """The signed head and its key, as far as they are there."""
    if folder is None or not (folder / HEAD).exists():
        return None, None
    head = Head(**json.loads((folder / HEAD).read_text(encoding="utf-8")))
    key = folder / KEY
    return head, bytes.fromhex(key.read_text(encoding="ascii")) if key.exists() else None


def rows(connection: Connection, site: str) -> Generator[Row]:
    """All of a site, the oldest first, without holding them all."""
    columns = audit.c.seq, audit.c.previous, audit.c.body, audit.c.hash
    statement = select(*columns).where(audit.c.site == site).order_by(audit.c.seq)
    with connection.execute(statement.execution_options(yield_per=1000)) as found:
        for seq, previous, body, digest in found:
            yield Row(seq, previous, body, digest)


def _last(connection: Connection, site: str) -> Row | None:
    statement = select(audit).where(audit.c.site == site).order_by(audit.c.seq.desc()).limit(1)
    found = connection.execute(statement).one_or_none()
    return None if found is None else Row(found.seq, found.previous, found.body, found.hash)


def _key(folder: Path) -> bytes:
    path = folder / KEY
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return bytes.fromhex(path.read_text(encoding="ascii"))
    key = secrets.token_bytes(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex())
    return key
