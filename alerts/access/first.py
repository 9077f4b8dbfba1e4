"""Shell. The first start: an administrator with a one-time password that is told once. There is no default password."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import structlog

from alerts.access import store
from alerts.access.door import ADMIN, FIRST_PASSWORD, Door
from alerts.database import reading
from vocab.org import Access
from vocab.strict_toml import Text

log = structlog.get_logger()


def first_administrator(door: Door) -> Path | None:
    """Where the password of a new administrator stands (mode 0600); None: there are accounts already.

    On a terminal it is also shown, once. The file goes when the password is changed.
    """
    with reading(door.database) as connection:
        if store.count_accounts(connection, door.site) > 0:
            return None
    folder = door.folder or Path()
    path = folder / FIRST_PASSWORD
    folder.mkdir(parents=True, exist_ok=True)
    password = door.add_account(
        ADMIN, "first start", Text(en="Administrator", zh="管理员"), None, ((Access.ADMINISTRATOR.value, "*"),)
    )
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"account: {ADMIN}\none-time password: {password}\n")
    log.warning("first start: the administrator's one-time password is in a file", account=ADMIN, file=str(path))
    if sys.stderr.isatty():
        sys.stderr.write(f"\nFirst start. Sign in as {ADMIN!r} with the one-time password {password}\n\n")
    return path
