"""`anlan access` and `anlan audit`, as an operator types them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, text
from typer.testing import CliRunner, Result

from alerts.access.door import Door
from alerts.database import connect
from anlan.cli import app
from runtime.clock import Clock
from runtime.files import load_site, shipped

SITE = load_site(shipped("sites") / "demo")


def anlan(data: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["access", *words, "--data", str(data)])


def door(data: Path) -> Door:
    return Door(connect(f"sqlite:///{data / 'tickets.sqlite'}"), SITE, Clock(), data)


def test_people_and_tokens_are_managed_from_the_command_line(tmp_path: Path) -> None:
    here = door(tmp_path)
    added = anlan(tmp_path, "add-person", "duty-a")
    guest = anlan(tmp_path, "add-person", "guest", "--access", "viewer", "--place", "court", "--name", "Guest")
    refused = [
        anlan(tmp_path, "add-person", "duty-a"),
        anlan(tmp_path, "add-person", "stranger"),
        anlan(tmp_path, "add-person", "x", "--access", "viewer", "--place", "mars"),
        anlan(tmp_path, "token", "revoke", "nonsense"),
    ]
    unknown = anlan(tmp_path, "add-person", "x", "--access", "king")
    listed = anlan(tmp_path, "list")
    password = added.output.strip().rsplit(" ", 1)[1]
    session, who = here.sign_in("duty-a", password, "127.0.0.1")
    again = anlan(tmp_path, "set-password", "duty-a")

    assert (added.exit_code, guest.exit_code, unknown.exit_code) == (0, 0, 2)
    assert [each.exit_code for each in refused] == [1] * 4
    assert "there is an account 'duty-a'" in refused[0].output
    assert who.must_change
    assert all(word in listed.output for word in ("duty-a", "guest", "one-time"))
    assert again.exit_code == 0
    assert here.who(session) is None, "a new password ends sessions"
    assert anlan(tmp_path, "disable", "guest").exit_code == 0


def test_tokens_are_told_once_and_revoked(tmp_path: Path) -> None:
    here = door(tmp_path)
    ident, token = anlan(tmp_path, "token", "create", "grafana", "--scope", "see", "--days", "3").output.split()
    viewer, link = anlan(tmp_path, "viewer", "create", "hall", "--url", "http://wall.example/").output.split()
    listed = anlan(tmp_path, "token", "list").output
    screen = here.look_in(link.split("#viewer=")[1], "127.0.0.1")[0]

    assert link.startswith("http://wall.example/#viewer=anw_")
    assert here.who(token) is not None
    assert ident in listed
    assert token not in listed
    assert anlan(tmp_path, "token", "revoke", ident).exit_code == 0
    assert anlan(tmp_path, "viewer", "revoke", viewer).exit_code == 0
    assert here.who(token) is None
    assert here.who(screen) is None


def test_without_a_database_nothing_is_made(tmp_path: Path) -> None:
    assert anlan(tmp_path / "nowhere", "list").exit_code == 2
    assert not (tmp_path / "nowhere").exists()


def verify(file: Path) -> Result:
    return CliRunner().invoke(app, ["audit", "verify", "--database", str(file)])


def test_the_audit_log_is_verified_and_a_forged_or_removed_row_named(tmp_path: Path) -> None:
    here = door(tmp_path)
    file = tmp_path / "tickets.sqlite"
    for number in range(4):
        here.say("order", f"person-{number}")
    whole = verify(file)
    database = create_engine(f"sqlite:///{file}")
    with database.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_delete"))
        connection.execute(text("DELETE FROM audit WHERE seq = 4"))
    cut = verify(file)
    with database.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_update"))
        connection.execute(text("UPDATE audit SET body = replace(body, 'person-1', 'person-x')"))
    forged = verify(file)

    assert (whole.exit_code, whole.output) == (0, "4 rows hold (as far as row 4 signed)\n")
    assert (cut.exit_code, cut.output) == (1, "broken at row 4: rows up to 4 were written, and are gone\n")
    assert (forged.exit_code, forged.output) == (1, "broken at row 2: its content is not what was hashed\n")
    assert verify(tmp_path / "none.sqlite").exit_code == 2
