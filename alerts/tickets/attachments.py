"""Shell. Photos and papers of a ticket: bytes in a folder under their SHA-256, and rows that say whose they are."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.engine import make_url

from alerts.changing import Change
from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import NotThereError, WrongOrderError
from alerts.tickets.desk import not_the_system
from alerts.tickets.images import NotTakenError, cleaned
from alerts.tickets.pairs import place, told_of
from alerts.tickets.tables import attachments
from alerts.views import Changes

_SUFFIX_SIGNS = 120


class AttachmentView(msgspec.Struct, frozen=True):
    """One of them."""

    id: str
    ticket: str
    at_ms: int
    by: str
    sha256: str
    media_type: str
    size: int
    name: str
    note: str
    phase: str = ""  # before, after, or neither
    pair: int | None = None  # which before belongs to which after


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it came, and who brought it."""

    by: str
    name: str
    note: str
    data: bytes
    phase: str = ""
    pair: int | None = None


@dataclass(frozen=True, slots=True)
class Cellar:
    """The folder of the bytes."""

    folder: Path
    most_bytes: int
    most_each: int  # per ticket

    @classmethod
    def beside(cls, database: str, most_mib: int, most_each: int) -> Cellar:
        """Beside an SQLite file, so that one folder is the whole run; else in the working folder."""
        url = make_url(database)
        is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
        root = Path(url.database or "").parent if is_file else Path()
        return cls(root / "attachments", most_mib * 2**20, most_each)

    def put(self, data: bytes) -> str:
        """Keep bytes and return their hash. A file that is there under its hash is the same file."""
        name = hashlib.sha256(data).hexdigest()
        path = self.path(name)
        if path.exists() and path.stat().st_size == len(data):
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.part")
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return name

    def path(self, sha256: str) -> Path:
        """Where bytes of that hash lie."""
        return self.folder / sha256[:2] / sha256

    def has_picture(self, sha256: str) -> bool:
        """Whether a JPEG or a PNG of that hash is kept here, unchanged."""
        try:
            return self.get(sha256).startswith((b"\xff\xd8\xff", b"\x89PNG"))
        except NotThereError:
            return False

    def get(self, sha256: str) -> bytes:
        """The bytes; NotThereError if they are gone or are not what they were."""
        try:
            data = self.path(sha256).read_bytes()
        except OSError as error:
            raise NotThereError(f"the file {sha256} is gone") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotThereError(f"the file {sha256} was changed")
        return data


def attach(engine: Engine, cellar: Cellar, ticket: int, given: Given, now_ms: int) -> tuple[AttachmentView, Changes]:
    """Keep a file with a ticket. The bytes are safe before the row is written."""
    not_the_system(given.by)
    if len(given.data) > cellar.most_bytes:
        raise WrongOrderError("too_large", f"at most {cellar.most_bytes // 2**20} MiB")
    try:
        kept = cleaned(given.data)
    except NotTakenError as error:
        raise WrongOrderError("wrong_type", str(error)) from error
    sha256 = cellar.put(kept.data)
    name = "".join(sign for sign in given.name if sign.isprintable() and sign not in '/\\"')[-_SUFFIX_SIGNS:]
    with engine.changing(now_ms) as change:
        row = {
            "site": engine.site.id, "ticket": ticket, "at_ms": now_ms, "actor": given.by, "sha256": sha256,
            "media_type": kept.media_type, "size": len(kept.data), "name": name, "note": given.note,
            "phase": given.phase, "pair": given.pair,
        }  # fmt: skip
        row = _write(change, cellar, ticket, row)
    return _view(row), change.done


def _write(change: Change, cellar: Cellar, ticket: int, row: dict[str, Any]) -> dict[str, Any]:
    cases = change.filing.cases
    cases.row(ticket)
    count = select(func.count()).where(attachments.c.ticket == ticket)
    if cases.connection.execute(count).scalar_one() >= cellar.most_each:
        raise WrongOrderError("too_many", f"at most {cellar.most_each} files per ticket")
    row["pair"] = place(cases.connection, ticket, row["media_type"], row["phase"], row["pair"])
    insert = attachments.insert().values(**row).returning(attachments.c.id)
    number = int(cases.connection.execute(insert).scalar_one())
    told = {"attachment": number, "sha256": row["sha256"], "media_type": row["media_type"], "name": row["name"]}
    told |= told_of(row)
    cases.tell(ticket, "attach", row["actor"], row["note"], json.dumps(told, ensure_ascii=False))
    return {**row, "id": number}


def listed(connection: Connection, site: str, ticket: int) -> list[AttachmentView]:
    """Those of a ticket, oldest first."""
    mine = (attachments.c.site == site, attachments.c.ticket == ticket)
    rows = connection.execute(select(attachments).where(*mine).order_by(attachments.c.id)).mappings()
    return [_view(row) for row in rows]


def one(engine: Engine, ticket: int, number: int) -> AttachmentView:
    """One of a ticket; NotThereError."""
    with reading(engine.database) as connection:
        found = [each for each in listed(connection, engine.site.id, ticket) if each.id == str(number)]
    if not found:
        raise NotThereError(f"ticket {ticket} has no attachment {number}")
    return found[0]


def _view(row: RowMapping | dict[str, Any]) -> AttachmentView:
    return AttachmentView(
        str(row["id"]), str(row["ticket"]), row["at_ms"], row["actor"], row["sha256"], row["media_type"], row["size"],
        row["name"], row["note"], row["phase"], row["pair"],
    )  # fmt: skip
