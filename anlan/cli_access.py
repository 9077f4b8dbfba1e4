"""Shell. `anlan access …`: accounts and tokens, at the machine that holds the database. Alerts may be running."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from anlan.cli_common import configured, err, site_path

if TYPE_CHECKING:
    from alerts.access.door import Door

app = typer.Typer(no_args_is_help=True, help="Who may sign in, and tokens of programs and wall screens.")
tokens = typer.Typer(no_args_is_help=True, help="Tokens of programs.")
viewers = typer.Typer(no_args_is_help=True, help="Tokens of wall screens: they see and do nothing.")
app.add_typer(tokens, name="token")
app.add_typer(viewers, name="viewer")
out = Console()

Data = Annotated[Path, typer.Option(help="The folder of `anlan up`: database, audit head.")]
Site = Annotated[str, typer.Option(help="A shipped site's name, or a folder with site.toml.")]
Database = Annotated[str | None, typer.Option(help="SQLAlchemy URL, if it is not in the folder.")]
Place = Annotated[str, typer.Option(help="A place of org.toml; * is everywhere.")]
Days = Annotated[float | None, typer.Option(min=0.01, help="Valid for so long; default: until revoked.")]
Ident = Annotated[str, typer.Argument(help="Its id, see `list`.")]
DATA = Path("anlan-data")
DEMO = "demo"


@app.command("add-person")
def add_person(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    person: Annotated[str, typer.Argument(help="A person of org.toml by id, or a new id.")],
    access: Annotated[str | None, typer.Option(help="viewer auditor worker operator supervisor manager …")] = None,
    place: Place = "*",
    name: Annotated[str | None, typer.Option(help="The name that is shown, for an id that is not in org.toml.")] = None,
    site: Site = DEMO,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """Let somebody sign in. Their one-time password is shown once; they change it when they first sign in."""
    from vocab.org import Access
    from vocab.strict_toml import Text

    if access is not None and access not in set(Access):
        err.print(f"no access {access!r}; one of: {', '.join(Access)}", highlight=False)
        raise typer.Exit(2)
    with _door(site, data, database) as door:
        shown = None if name is None else Text(en=name, zh=name)
        rights = () if access is None else ((access, place),)
        password = door.add_account(person, _by(), shown, None, rights)
        typer.echo(f"{person}: one-time password {password}")


@app.command("set-password")
def set_password(
    person: Annotated[str, typer.Argument(help="Whose.")],
    site: Site = DEMO,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """A new one-time password; their sessions end."""
    with _door(site, data, database) as door:
        typer.echo(f"{person}: one-time password {door.reset_password(person, _by())}")


@app.command()
def disable(person: str, site: Site = DEMO, data: Data = DATA, database: Database = None) -> None:
    """They cannot sign in; their sessions end at once."""
    with _door(site, data, database) as door:
        door.set_disabled(person, _by(), disabled=True)


@app.command()
def enable(person: str, site: Site = DEMO, data: Data = DATA, database: Database = None) -> None:
    """They may sign in again."""
    with _door(site, data, database) as door:
        door.set_disabled(person, _by(), disabled=False)


@app.command("list")
def list_people(site: Site = DEMO, data: Data = DATA, database: Database = None) -> None:
    """Everybody who may sign in, and what they may do where."""
    from alerts.access import store
    from alerts.database import reading

    with _door(site, data, database) as door:
        with reading(door.database) as connection:
            found = store.all_accounts(connection, door.site)
        table = Table("account", "name", "may", "in", "")
        for each in found:
            who = door.person(each)
            may = sorted({action.value for right in who.rights for action in right.actions})
            state = "disabled" if each.disabled else "one-time password" if each.must_change else ""
            places = ", ".join(sorted({right.place for right in who.rights}))
            table.add_row(each.id, f"{each.name.zh} {each.name.en}", ", ".join(may), places, state)
        out.print(table)


@tokens.command("create")
def create_token(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option(help="see acknowledge work operate … act_as; may be repeated.")],
    place: Place = "*",
    days: Days = None,
    site: Site = DEMO,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """A token for a program, shown once: `Authorization: Bearer …`, or ANLAN_TOKEN for our own commands."""
    with _door(site, data, database) as door:
        ident, token = door.add_token(name, _by(), tuple(scope), place, days)
        typer.echo(f"{ident} {token}")


@tokens.command("list")
def list_tokens(site: Site = DEMO, data: Data = DATA, database: Database = None) -> None:
    """Tokens of programs and of wall screens that are valid."""
    from alerts.access import store
    from alerts.database import reading

    with _door(site, data, database) as door:
        with reading(door.database) as connection:
            found = store.keys_of(connection, door.site, (store.TOKEN, store.VIEWER))
        table = Table(Column("id", no_wrap=True), "kind", "name", "scopes", "place", "made", "by", "until")
        for each in found:
            if each.parent is None:
                until = "" if each.expires_ms is None else _moment(each.expires_ms)
                made = _moment(each.created_ms)
                scopes = ", ".join(each.scopes)
                table.add_row(each.id, each.kind, each.name, scopes, each.place, made, each.created_by, until)
        out.print(table)


@tokens.command("revoke")
def revoke_token(token: Ident, site: Site = DEMO, data: Data = DATA, database: Database = None) -> None:
    """It opens nothing from now on."""
    with _door(site, data, database) as door:
        door.revoke(token, _by())


@viewers.command("create")
def create_viewer(  # noqa: PLR0913, PLR0917 - the options of a command line are its parameters
    name: Annotated[str, typer.Argument(help="Which screen.")],
    place: Place = "*",
    days: Days = None,
    url: Annotated[str, typer.Option(envvar="ANLAN_URL", help="Where the wall is.")] = "http://127.0.0.1:8080",
    site: Site = DEMO,
    data: Data = DATA,
    database: Database = None,
) -> None:
    """An address for a wall screen. What stands behind the # is never sent to a server in an address."""
    with _door(site, data, database) as door:
        ident, token = door.add_viewer(name, _by(), place, days)
        typer.echo(f"{ident} {url.rstrip('/')}/#viewer={token}")


@viewers.command("revoke")
def revoke_viewer(viewer: Ident, site: Site = DEMO, data: Data = DATA, database: Database = None) -> None:
    """The screens that were opened with it go dark."""
    with _door(site, data, database) as door:
        door.revoke(viewer, _by())


def _by() -> str:
    return f"command line: {getpass.getuser()}"


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


@contextmanager
def _door(site: str, data: Path, database: str | None) -> Iterator[Door]:
    """The door of a site; what is refused is told in a line, exit status 1."""
    from alerts.access.door import Door
    from alerts.database import connect
    from alerts.errors import AlertsError
    from anlan.places import RunDir
    from runtime.clock import Clock
    from runtime.files import load_site

    with configured():
        loaded = load_site(site_path(site))
    if database is None and not RunDir(data).tickets.exists():
        err.print(f"there is no database in {data}: give --data or --database", highlight=False)
        raise typer.Exit(2)
    try:
        engine = connect(database or f"sqlite:///{RunDir(data).tickets}")
        yield Door(engine, loaded, Clock(), data if data.is_dir() else None)
    except AlertsError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from None
