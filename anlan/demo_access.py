"""Shell. Who may sign in at a demo: role names with random passwords, a token for the wall, one for tools."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from alerts.access import store
from alerts.access.door import ACT_AS, ADMIN, Door
from alerts.access.rights import Action
from alerts.access.secrets import new_password
from alerts.access.store import Account
from alerts.database import connect, writing
from anlan.places import RunDir
from runtime.clock import Clock
from vocab.org import Access
from vocab.site import Site
from vocab.strict_toml import Text

_PEOPLE = ("duty-a", "duty-b", "supervisor-a", "court-grid", "property-a", "village-a")  # if the site has them
_DUTY = Text(en="Duty officer A", zh="值班员甲")


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """What the person at the keyboard is told; nobody else is."""

    accounts: dict[str, str]  # passwords by account
    viewer: str
    token: str
    staff: str  # of the simulated people, who do duties in their own names


def open_demo(site: Site, run: RunDir, clock: Clock) -> DemoAccess:
    """Accounts and tokens in a new database; also written to access.json (mode 0600) in the run folder."""
    engine = connect(f"sqlite:///{run.tickets}")
    door = Door(engine, site, clock, run.root)
    people = {name: site.org.people[name].name for name in _PEOPLE if name in site.org.people}
    admin = Account(
        ADMIN, Text(en="Administrator", zh="管理员"), new_password(), _all(Access.ADMINISTRATOR), False, False
    )
    new = [Account(name, shown, new_password(), (), False, False) for name, shown in people.items()]
    if not new:
        new = [Account("duty-a", _DUTY, new_password(), _all(Access.OPERATOR), False, False)]
    with writing(engine) as connection:
        for each in (*new, admin):
            store.add_account(connection, site.id, each, door.now_ms(), is_random=True)
    viewer = door.add_viewer("wall of the demo", "demo")[1]
    token = door.add_token("tools of the demo", "demo", (Action.SEE,))[1]
    staff = door.add_token("staff of the demo", "demo", (Action.SEE, Action.WORK, Action.OPERATE, ACT_AS))[1]
    engine.dispose()
    told = DemoAccess({each.id: each.password for each in (*new, admin)}, viewer, token, staff)
    _keep(run.access, told)
    return told


def _all(access: Access) -> tuple[tuple[str, str], ...]:
    return ((access.value, "*"),)


def _keep(path: Path, told: DemoAccess) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(told), file, indent=1)
