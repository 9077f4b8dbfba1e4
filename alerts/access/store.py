"""Shell. Accounts and keys as rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from alerts.access.secrets import digest, hashed
from alerts.access.tables import accounts, keys
from alerts.errors import RefusedError
from vocab.strict_toml import Text

SESSION, TOKEN, VIEWER, CALENDAR = "session", "token", "viewer", "calendar"
_KEPT_OVER_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    id: str
    name: Text
    password: str
    rights: tuple[tuple[str, str], ...]  # (access, place) beside what follows from org.toml
    must_change: bool
    disabled: bool


@dataclass(frozen=True, slots=True)
class Key:
    """A session, an API token or a viewer token, as kept."""

    digest: str
    id: str
    kind: str
    account: str | None
    name: str
    scopes: tuple[str, ...]
    place: str
    created_ms: int
    created_by: str
    expires_ms: int | None
    used_ms: int | None
    ended_ms: int | None
    parent: str | None  # of a wall screen's session


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be added; only the digest of `token` is kept."""

    token: str
    kind: str
    name: str
    by: str
    account: str | None = None
    parent: str | None = None
    scopes: tuple[str, ...] = ()
    place: str = "*"
    expires_ms: int | None = None


def account(connection: Connection, site: str, ident: str) -> Account | None:
    """The account of this id."""
    found = connection.execute(select(accounts).where(accounts.c.site == site, accounts.c.id == ident)).one_or_none()
    return None if found is None else _account(found)


def all_accounts(connection: Connection, site: str) -> list[Account]:
    """By id."""
    rows = connection.execute(select(accounts).where(accounts.c.site == site).order_by(accounts.c.id))
    return [_account(row) for row in rows]


def count_accounts(connection: Connection, site: str) -> int:
    """How many there are; none: nobody was ever let in."""
    return connection.execute(select(func.count()).where(accounts.c.site == site)).scalar_one()


def _account(row: Any) -> Account:
    rights = tuple((access, place) for access, place in json.loads(row.rights))
    name = Text(en=row.name_en, zh=row.name_zh)
    return Account(row.id, name, row.password, rights, row.must_change, row.disabled)


def add_account(
    connection: Connection, site: str, new: Account, now_ms: int, *, is_random: bool = False
) -> None:  # fmt: skip
    """`new.password` is the password itself, of which a digest is kept. RefusedError if there is one of this id."""
    kept = hashed(new.password, is_random=is_random)
    row = {
        "site": site, "id": new.id, "name_en": new.name.en, "name_zh": new.name.zh, "password": kept,
        "rights": json.dumps(new.rights), "must_change": new.must_change, "disabled": new.disabled,
        "created_ms": now_ms, "changed_ms": now_ms,
    }  # fmt: skip
    try:
        connection.execute(accounts.insert().values(**row))
    except IntegrityError:
        raise RefusedError("account_exists", f"there is an account {new.id!r}") from None


def set_password(
    connection: Connection, site: str, ident: str, password: str, now_ms: int, *, must_change: bool
) -> None:
    """Its sessions end; RefusedError if there is no such account."""
    values = {"password": hashed(password), "must_change": must_change, "changed_ms": now_ms}
    _update(connection, site, ident, values)
    end_sessions(connection, site, ident, now_ms)


def rehash(connection: Connection, site: str, ident: str, password: str) -> None:
    """The same password, hashed better."""
    _update(connection, site, ident, {"password": password})


def set_disabled(connection: Connection, site: str, ident: str, now_ms: int, *, disabled: bool) -> None:
    """Its sessions end."""
    _update(connection, site, ident, {"disabled": disabled, "changed_ms": now_ms})
    if disabled:
        end_sessions(connection, site, ident, now_ms)


def set_rights(connection: Connection, site: str, ident: str, rights: tuple[tuple[str, str], ...], now_ms: int) -> None:
    """They hold from the next request on; RefusedError if there is no such account."""
    _update(connection, site, ident, {"rights": json.dumps(rights), "changed_ms": now_ms})


def _update(connection: Connection, site: str, ident: str, values: dict[str, Any]) -> None:
    statement = update(accounts).where(accounts.c.site == site, accounts.c.id == ident).values(**values)
    if connection.execute(statement).rowcount == 0:
        raise RefusedError("no_such_account", f"there is no account {ident!r}")


def end_sessions(connection: Connection, site: str, ident: str, now_ms: int) -> None:
    """Of one account."""
    mine = (keys.c.site == site, keys.c.account == ident, keys.c.ended_ms.is_(None))
    connection.execute(update(keys).where(*mine).values(ended_ms=now_ms))


def add_key(connection: Connection, site: str, new: NewKey, now_ms: int) -> str:
    """The id by which it can be told and revoked; the token itself is not kept. With a session, old ones go."""
    kept = digest(new.token)
    if new.account is not None or new.parent is not None:
        _forget_sessions(connection, site, now_ms)
    connection.execute(
        keys.insert().values(
            digest=kept, site=site, id=kept[:12], kind=new.kind, account=new.account, parent=new.parent, name=new.name,
            scopes=json.dumps(new.scopes), place=new.place, created_ms=now_ms, created_by=new.by,
            expires_ms=new.expires_ms,
        )
    )  # fmt: skip
    return kept[:12]


def open_key(connection: Connection, site: str, token: str, now_ms: int) -> Key | None:
    """What this token opens, if it was not ended, and is not over."""
    found = connection.execute(
        select(keys).where(
            keys.c.digest == digest(token),
            keys.c.site == site,
            keys.c.ended_ms.is_(None),
            or_(keys.c.expires_ms.is_(None), keys.c.expires_ms > now_ms),
        )
    ).one_or_none()
    return None if found is None else _key(found)


def keys_of(connection: Connection, site: str, kinds: tuple[str, ...]) -> list[Key]:
    """Those that are not ended, the oldest first."""
    statement = select(keys).where(keys.c.site == site, keys.c.kind.in_(kinds), keys.c.ended_ms.is_(None))
    return [_key(row) for row in connection.execute(statement.order_by(keys.c.created_ms))]


def prolong(connection: Connection, kept: str, until_ms: int) -> None:
    """A session lasts longer."""
    connection.execute(update(keys).where(keys.c.digest == kept).values(expires_ms=until_ms))


def _forget_sessions(connection: Connection, site: str, now_ms: int) -> None:
    """Those that were over a day ago: nobody can ask for them any more, and every day brings new ones. A day, since a
    clock that is set wrong for a moment must sign nobody out."""
    before_ms = now_ms - _KEPT_OVER_MS
    is_session = or_(keys.c.account.is_not(None), keys.c.parent.is_not(None))
    is_over = or_(keys.c.expires_ms < before_ms, keys.c.ended_ms < before_ms)
    connection.execute(delete(keys).where(keys.c.site == site, is_session, is_over))


def used(connection: Connection, kept: str, now_ms: int) -> None:
    """It was used."""
    connection.execute(update(keys).where(keys.c.digest == kept).values(used_ms=now_ms))


def revoke(connection: Connection, site: str, ident: str, now_ms: int) -> str:
    """End a key and the sessions that came of it; its name. RefusedError if there is none of this id."""
    found = connection.execute(
        select(keys).where(keys.c.site == site, keys.c.id == ident, keys.c.ended_ms.is_(None))
    ).one_or_none()
    if found is None:
        raise RefusedError("no_such_token", f"there is no open token {ident!r}")
    of_it = or_(keys.c.digest == found.digest, keys.c.parent == found.digest)
    connection.execute(update(keys).where(of_it, keys.c.ended_ms.is_(None)).values(ended_ms=now_ms))
    return str(found.name)


def _key(row: Any) -> Key:
    return Key(
        row.digest, row.id, row.kind, row.account, row.name, tuple(json.loads(row.scopes)), row.place,
        row.created_ms, row.created_by, row.expires_ms, row.used_ms, row.ended_ms, row.parent,
    )  # fmt: skip
