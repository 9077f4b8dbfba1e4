"""Shell. Failed sign-ins as rows, so that a restart forgives nobody, and two servers on one database count together.

Only a digest is kept of what was typed as an account: people type passwords there.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, Engine, delete, select, update

from alerts.access.limiter import Failures, Patience, begun, wait_ms
from alerts.access.tables import sign_in_failures, sign_in_places
from alerts.database import insert_into, upsert, writing

_LONGEST = 100  # of an address
_F, _P = sign_in_failures.c, sign_in_places.c


class Attempts:
    """Counts failures by account and by address, for one site."""

    def __init__(self, database: Engine, site: str, patience: Patience) -> None:
        self._database, self._site, self._patience = database, site, patience

    def begin(self, account: str, address: str, now_ms: int) -> int:
        """0: it may be made, and counts as failed until `succeeded`; else how long it has to wait, in milliseconds.

        Where somebody signed in before, their own failures are counted apart from those of other addresses.
        """
        address = address[:_LONGEST]
        with writing(self._database) as connection:
            self._tidy(connection, now_ms)
            keys = sorted((self._mine(connection, account, address), _shared(address)))
            found = {key: self._held(connection, key) for key in keys}
            wait = max(wait_ms(failures, self._patience, now_ms) for failures in found.values())
            if wait == 0:
                for key, failures in found.items():
                    self._put(connection, key, begun(failures, self._patience, now_ms))
        return wait

    def succeeded(self, account: str, address: str, now_ms: int) -> None:
        """It was right. The account's failures are forgiven; of the address, which others may share, only this attempt:
        one right password does not buy free attempts at other accounts."""
        address = address[:_LONGEST]
        with writing(self._database) as connection:
            mine, shared = self._mine(connection, account, address), _shared(address)
            found = {key: self._held(connection, key) for key in sorted((mine, shared))}
            connection.execute(delete(sign_in_failures).where(_F.site == self._site, _F.key == mine))
            left = Failures(max(0, found[shared].count - 1), found[shared].last_ms)
            self._put(connection, shared, left)
            upsert(
                connection,
                sign_in_places,
                [{"site": self._site, "account": account, "address": address, "at_ms": now_ms}],
            )

    def forgive(self, connection: Connection, account: str) -> None:
        """Somebody who may gave the account a new password: whoever was locked out may try it."""
        own = select(_P.address).where(_P.site == self._site, _P.account == account)
        keys = [_account(account), *(_account(account, each) for each in connection.execute(own).scalars())]
        connection.execute(delete(sign_in_failures).where(_F.site == self._site, _F.key.in_(keys)))

    def _mine(self, connection: Connection, account: str, address: str) -> str:
        own = (_P.site == self._site, _P.account == account, _P.address == address)
        known = connection.execute(select(_P.at_ms).where(*own)).first() is not None
        return _account(account, address if known else "")

    def _held(self, connection: Connection, key: str) -> Failures:
        """What is remembered, kept from others until the end of the transaction: it is there first, so it can be."""
        row = {"site": self._site, "key": key, "count": 0, "last_ms": 0}
        connection.execute(insert_into(connection, sign_in_failures).values(row).on_conflict_do_nothing())
        held = select(_F.count, _F.last_ms).where(_F.site == self._site, _F.key == key).with_for_update()
        found = connection.execute(held).one()
        return Failures(found[0], found[1])

    def _put(self, connection: Connection, key: str, failures: Failures) -> None:
        mine = update(sign_in_failures).where(_F.site == self._site, _F.key == key)
        connection.execute(mine.values(count=failures.count, last_ms=failures.last_ms))

    def _tidy(self, connection: Connection, now_ms: int) -> None:
        """Forget what is old, and the oldest of too many."""
        patience, mine = self._patience, _F.site == self._site
        newest = select(_F.last_ms).where(mine).order_by(_F.last_ms.desc()).offset(patience.most).limit(1)
        beyond = connection.execute(newest).scalar_one_or_none()
        since = now_ms - round(patience.forget_s * 1000)
        connection.execute(delete(sign_in_failures).where(mine, _F.last_ms < max(since, (beyond or 0) + 1)))
        known_since = now_ms - round(patience.known_s * 1000)
        connection.execute(delete(sign_in_places).where(_P.site == self._site, _P.at_ms < known_since))


def _account(account: str, address: str = "") -> str:
    return _digest(f"account {account}" + (f" from {address}" if address else ""))


def _shared(address: str) -> str:
    return _digest(f"address {address}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
