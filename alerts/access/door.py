"""Shell. The door: who knocks, who is let in, and what they hold. Rows and the audit log are written here.

While nobody has an account, this machine itself may do everything (`LOCAL`), and only over loopback; the first account
ends that for good. Keys count real time: a demo that runs faster than life must not sign people out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection, Engine

from alerts.access import store
from alerts.access.attempts import Attempts
from alerts.access.limiter import Patience
from alerts.access.log import Log
from alerts.access.rights import ACTIONS, EVERYWHERE, Action, Kind, Right, Who, covers, rights_of
from alerts.access.secrets import digest, hashed, is_outdated, matches, new_password, new_token
from alerts.access.store import CALENDAR, SESSION, TOKEN, VIEWER, Account, Key, NewKey
from alerts.database import reading, writing
from alerts.errors import AlertsError, RefusedError
from runtime.clock import Clock
from vocab.org import Access
from vocab.site import Site
from vocab.strict_toml import Text

ACT_AS = "act_as"
ADMIN = "admin"
FIRST_PASSWORD = "first-password.txt"  # noqa: S105 - the name of a file
LOCAL = Who(
    "local", Text(en="This machine", zh="本机"), Kind.LOCAL, (Right(frozenset(Action), EVERYWHERE),), act_as=True
)


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """What an operator may decide. Real seconds."""

    session_s: float = 12 * 3600.0  # a session ends so long after it began: one shift
    viewer_session_s: float = 30 * 86400.0
    shortest_password: int = 10
    patience: Patience = field(default_factory=Patience)
    recheck_s: float = 5.0  # how soon an open stream learns that its session ended


class WrongPasswordError(AlertsError):
    """No such account, or another password, or disabled: which of them is nobody's business."""


class WaitError(AlertsError):
    """Too many failures; `wait_ms` is left."""

    def __init__(self, wait_ms: int) -> None:
        self.wait_ms = wait_ms
        super().__init__(f"too many failed attempts: wait {-(-wait_ms // 1000)} s")


class Door:
    """One site's door."""

    def __init__(
        self, database: Engine, site: Site, clock: Clock, folder: Path | None = None,
        settings: AccessSettings | None = None, real: Clock | None = None,
    ) -> None:  # fmt: skip
        self.database, self.site, self.org, self.folder = database, site.id, site.org, folder
        self.settings = settings or AccessSettings()
        self.now_ms = (real or Clock()).now_ms
        self.log = Log(database, site.id, folder)
        self._site_ms = clock.now_ms
        self._attempts = Attempts(database, site.id, self.settings.patience)
        self._has_accounts = False

    def say(self, what: str, actor: str, **about: object) -> int:
        """One row of the audit log, at the site's time."""
        return self.log.append(self._site_ms(), what, actor, dict(about))

    @contextmanager
    def _told(self, what: str, actor: str, **about: object) -> Iterator[Connection]:
        """A transaction that stands in the audit log, or did not happen."""
        with writing(self.database) as connection:
            yield connection
            row = self.log.add(connection, self._site_ms(), what, actor, dict(about))
        self.log.keep_head(row)

    # --- who knocks -----------------------------------------------------------------------------------------------

    def is_open(self, address: str | None) -> bool:
        """Whether nobody has an account yet, and the caller is this machine."""
        if not self._has_accounts:
            with reading(self.database) as connection:
                self._has_accounts = store.count_accounts(connection, self.site) > 0
        return not self._has_accounts and _is_loopback(address)

    def who(self, token: str) -> Who | None:
        """Whom a session, API token or viewer token stands for; None: nobody, or no longer."""
        with reading(self.database) as connection:
            key = store.open_key(connection, self.site, token, self.now_ms())
            if key is None or key.kind == CALENDAR:  # it shows one calendar and signs nobody in
                return None
            if key.account is None:
                return _bearer(key)
            account = store.account(connection, self.site, key.account)
        return None if account is None or account.disabled else self.person(account)

    def person(self, account: Account) -> Who:
        """An account with everything it may do."""
        rights = tuple(Right(ACTIONS[Access(access)], place) for access, place in account.rights)
        person = self.org.people.get(account.id)
        if person is not None:
            rights += rights_of(person, self.org)
        return Who(account.id, account.name, Kind.PERSON, rights, must_change=account.must_change)

    # --- signing in and out ---------------------------------------------------------------------------------------

    def sign_in(self, ident: str, password: str, address: str) -> tuple[str, Who]:
        """A new session. WrongPasswordError, WaitError; both are in the log."""
        account = self._proven(ident, password, address, "sign_in_failed")
        token = new_token("ans")
        with self._told("signed_in", ident, address=address) as connection:
            if is_outdated(account.password):
                store.rehash(connection, self.site, ident, hashed(password))
            over_ms = self.now_ms() + round(self.settings.session_s * 1000)
            new = NewKey(token, SESSION, ident, ident, account=ident, expires_ms=over_ms)
            store.add_key(connection, self.site, new, self.now_ms())
        return token, self.person(account)

    def look_in(self, token: str, address: str, had: str | None = None) -> tuple[str, Who]:
        """A session of a wall screen for its viewer token. WrongPasswordError.

        One that `had` a session of this link, as a screen that is reloaded does, keeps it: each session is a row.
        """
        now_ms = self.now_ms()
        with reading(self.database) as connection:
            key = store.open_key(connection, self.site, token, now_ms)
            old = None if had is None else store.open_key(connection, self.site, had, now_ms)
        if key is None or key.kind != VIEWER:
            raise WrongPasswordError("this viewer link is not valid, or was revoked")
        over_ms = now_ms + round(self.settings.viewer_session_s * 1000)
        over_ms = over_ms if key.expires_ms is None else min(over_ms, key.expires_ms)
        with self._told("viewer_opened", key.name, address=address) as connection:
            if had is not None and old is not None and old.parent == key.digest:
                store.prolong(connection, old.digest, over_ms)
                return had, _bearer(key)
            session = new_token("anv")
            new = NewKey(session, VIEWER, key.name, key.name, parent=key.digest, place=key.place, expires_ms=over_ms)
            store.add_key(connection, self.site, new, now_ms)
        return session, _bearer(key)

    def sign_out(self, token: str, who: Who) -> None:
        """The session ends; what was no session stays."""
        with self._told("signed_out", who.id) as connection:
            key = store.open_key(connection, self.site, token, self.now_ms())
            if key is not None and key.kind in (SESSION, VIEWER):
                store.revoke(connection, self.site, key.id, self.now_ms())

    def change_password(self, ident: str, old: str, new: str, address: str) -> None:
        """One's own. Every session of the account ends. WrongPasswordError, WaitError, RefusedError."""
        self._proven(ident, old, address, "password_change_failed")
        if new == old:
            raise RefusedError("same_password", "the new password is the old one")
        self._set(ident, new, ident, must_change=False)
        if ident == ADMIN and self.folder is not None:
            (self.folder / FIRST_PASSWORD).unlink(missing_ok=True)

    def _proven(self, ident: str, password: str, address: str, failed: str) -> Account:
        """The account, if this is its password. Where somebody signed in before, they cannot be locked out by attempts
        from elsewhere: a duty officer has to get in."""
        wait_ms = self._attempts.begin(ident, address, self.now_ms())
        if wait_ms > 0:
            raise WaitError(wait_ms)
        with reading(self.database) as connection:
            account = store.account(connection, self.site, ident)
        good = matches(None if account is None else account.password, password)
        if account is None or not good or account.disabled:
            self.say(failed, ident[:64], address=address)
            raise WrongPasswordError("wrong account or password")
        self._attempts.succeeded(ident, address, self.now_ms())
        return account

    # --- accounts and tokens --------------------------------------------------------------------------------------

    def add_account(
        self, ident: str, by: str, name: Text | None = None, password: str | None = None,
        rights: tuple[tuple[str, str], ...] = (),
    ) -> str:  # fmt: skip
        """The password, which is one-time. RefusedError for an id that is taken, or that may do nothing anywhere."""
        person = self.org.people.get(ident)
        if person is None and not rights:
            raise RefusedError("no_rights", f"{ident!r} is nobody of org.toml: say with which access, and where")
        for _, place in rights:
            self._known(place)
        given = password or new_password()
        self._check(given)
        shown = name or (Text(en=ident, zh=ident) if person is None else person.name)
        with self._told("account_added", by, account=ident, rights=rights) as connection:
            new = Account(ident, shown, given, rights, must_change=True, disabled=False)
            store.add_account(connection, self.site, new, self.now_ms())
        return given

    def reset_password(self, ident: str, by: str, password: str | None = None) -> str:
        """A new one-time password for somebody who forgot theirs."""
        given = password or new_password()
        self._set(ident, given, by, must_change=True)
        return given

    def set_disabled(self, ident: str, by: str, *, disabled: bool) -> None:
        """Their sessions end at once. RefusedError where nobody would be left who may give rights."""
        with (
            self._told("account_disabled" if disabled else "account_enabled", by, account=ident) as connection,
            self._administered(connection),
        ):
            store.set_disabled(connection, self.site, ident, self.now_ms(), disabled=disabled)

    def set_rights(self, ident: str, by: str, rights: tuple[tuple[str, str], ...]) -> None:
        """What they may do beside what follows from org.toml; what they had before is replaced.

        RefusedError where nobody would be left who may give rights.
        """
        for _, place in rights:
            self._known(place)
        with (
            self._told("rights_set", by, account=ident, rights=rights) as connection,
            self._administered(connection),
        ):
            store.set_rights(connection, self.site, ident, rights, self.now_ms())

    @contextmanager
    def _administered(self, connection: Connection) -> Iterator[None]:
        """A change after which somebody may still give rights, if anybody could before."""
        could = self._is_administered(connection)
        yield
        if could and not self._is_administered(connection):
            raise RefusedError("last_administrator", "nobody would be left who may give rights")

    def _is_administered(self, connection: Connection) -> bool:
        everybody = [self.person(each) for each in store.all_accounts(connection, self.site) if not each.disabled]
        able = (right for who in everybody for right in who.rights if Action.ADMINISTER in right.actions)
        return any(covers(right, None, self.org) for right in able)

    def add_token(
        self, name: str, by: str, scopes: tuple[str, ...], place: str = EVERYWHERE, days: float | None = None
    ) -> tuple[str, str]:
        """Id and token of a program; the token is never shown again."""
        known = {*Action, ACT_AS}
        if not scopes or not known.issuperset(scopes):
            raise RefusedError("bad_scopes", f"scopes are of: {', '.join(sorted(known))}")
        return self._add(NewKey(new_token("ant"), TOKEN, name, by, scopes=scopes, place=place), days)

    def add_viewer(self, name: str, by: str, place: str = EVERYWHERE, days: float | None = None) -> tuple[str, str]:
        """Id and token of a wall screen, which sees and does nothing."""
        return self._add(NewKey(new_token("anw"), VIEWER, name, by, scopes=(Action.SEE,), place=place), days)

    def add_calendar(self, of: str, by: str) -> tuple[str, str]:
        """Id and token of a calendar of `person:ID`, `unit:ID` or `roster:ID`, until it is revoked."""
        return self._add(NewKey(new_token("anc"), CALENDAR, of, by), None)

    def revoke(self, ident: str, by: str) -> None:
        """A token, with every session that came of it."""
        with self._told("key_revoked", by, key=ident) as connection:
            store.revoke(connection, self.site, ident, self.now_ms())

    def _add(self, new: NewKey, days: float | None) -> tuple[str, str]:
        self._known(new.place)
        now_ms = self.now_ms()
        new = replace(new, expires_ms=None if days is None else now_ms + round(days * 86_400_000))
        about = {"key": digest(new.token)[:12], "name": new.name, "scopes": new.scopes, "place": new.place}
        with self._told(f"{new.kind}_added", new.by, **about) as connection:
            return store.add_key(connection, self.site, new, now_ms), new.token

    def _set(self, ident: str, password: str, by: str, *, must_change: bool) -> None:
        self._check(password)
        with self._told("password_set", by, account=ident) as connection:
            store.set_password(connection, self.site, ident, password, self.now_ms(), must_change=must_change)
            self._attempts.forgive(connection, ident)

    def _check(self, password: str) -> None:
        if len(password) < self.settings.shortest_password:
            raise RefusedError("short_password", f"at least {self.settings.shortest_password} characters")

    def _known(self, place: str) -> None:
        if place != EVERYWHERE and place not in self.org.places:
            raise RefusedError("no_such_place", f"there is no place {place!r} in org.toml; * is everywhere")


def _bearer(key: Key) -> Who:
    scopes = (Action.SEE.value,) if key.kind == VIEWER else key.scopes
    actions = frozenset(Action(scope) for scope in scopes if scope != ACT_AS)
    kind = Kind.VIEWER if key.kind == VIEWER else Kind.TOKEN
    return Who(key.name, Text(en=key.name, zh=key.name), kind, (Right(actions, key.place),), act_as=ACT_AS in scopes)


def _is_loopback(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
