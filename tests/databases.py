"""Ticket databases for tests: the same test on SQLite and on a real PostgreSQL server of ours.

A test that uses the fixture `database` runs twice. `database_url(folder)` is then a database of its own for each
folder: a file in it, or a copy of a template on the session's server. Outside such tests it is always a file.
"""

from __future__ import annotations

import atexit
import functools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from alerts.database import connect, engine_for

BACKENDS = ("sqlite", "postgresql")
PASSWORD = "a pass@word/with:signs"
_USER = "anlan"


def find_server() -> Path | None:
    """The folder of PostgreSQL's server programs; Debian keeps them off the path, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


class Postgres:
    """A server with a folder of its own: it can be killed, and started again on the same data.

    It refuses to run as root, so as root we become Debian's `postgres`, or nobody. `durable`: it writes through to the
    disk as in production; tests that kill no machine need not wait for that.
    """

    def __init__(self, programs: Path, port: int, *, durable: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="anlan-pg-", dir="/tmp"))
        self.port = port
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _other_user() if os.geteuid() == 0 else None
        if self._user is not None:
            os.chown(self.folder, *self._user)
        word = self.folder / "word"
        word.write_text(PASSWORD)
        word.chmod(0o644)
        # A collation of people, not of bytes: whoever relies on the order of text is found out.
        told = ("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und", "--encoding=UTF8", "--no-sync")
        who = ("--username", _USER, f"--pwfile={word}", "--auth-local=trust", "--auth-host=scram-sha-256")
        self._run(str(programs / "initdb"), "-D", str(self.data), *told, *who)
        self._settings = [
            "listen_addresses=127.0.0.1", f"port={port}", f"unix_socket_directories={self.folder}",
            "max_connections=200", "shared_buffers=32MB",
        ]  # fmt: skip
        if not durable:
            self._settings += ["fsync=off", "full_page_writes=off"]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, **self._as_user())

    def _as_user(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user[0], "group": self._user[1], "extra_groups": []}

    def start(self) -> None:
        command = [str(self._programs / "postgres"), "-D", str(self.data)]
        command += [word for setting in self._settings for word in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self._as_user())
        ready = [str(self._programs / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port)]
        end = time.monotonic() + 30
        while subprocess.run(ready, check=False).returncode != 0:
            if time.monotonic() > end or self._process.poll() is not None:
                raise AssertionError(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self, sig: int = signal.SIGINT) -> None:
        """End it (SIGINT: at once, but in order); nothing happens if it is not running."""
        if self._process is not None:
            self._process.send_signal(sig)
            self._process.wait(timeout=30)
            self._process = None

    def kill(self) -> None:
        """As a power cut does: the postmaster and whoever serves a connection, at once."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for child in map(int, children):
            with suppress(ProcessLookupError):  # it ended meanwhile
                os.kill(child, signal.SIGKILL)
        self.stop(signal.SIGKILL)
        end = time.monotonic() + 30
        while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < end:
            time.sleep(0.02)

    def url(self, name: str, *, tcp: bool = False, password: str | None = None) -> str:
        """By its socket, where nobody asks for a password, or by TCP."""
        if not tcp:
            return f"postgresql://{_USER}@/{name}?host={self.folder}&port={self.port}"
        from urllib.parse import quote

        word = "" if password is None else f":{quote(password, safe='')}"
        return f"postgresql://{_USER}{word}@127.0.0.1:{self.port}/{name}"

    def create(self, name: str, template: str | None = None) -> str:
        """A new database; its URL."""
        self.execute(f'CREATE DATABASE "{name}"' + ("" if template is None else f' TEMPLATE "{template}"'))
        return self.url(name)

    def execute(self, statement: str, database: str = "postgres") -> None:
        import psycopg

        place = f"user={_USER} dbname={database} host={self.folder} port={self.port}"
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(statement.encode())

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)


def _other_user() -> tuple[int, int]:
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return found.pw_uid, found.pw_gid
    raise AssertionError("PostgreSQL does not run as root, and there is no other user")


@dataclass
class _Databases:
    """What the running test is given."""

    server: Postgres | None = None
    made: dict[Path, str] = field(default_factory=dict)
    count: int = 0
    free: list[str] = field(default_factory=list)  # emptied ones: making a new one takes ten times as long


_now = _Databases()


def database_url(folder: Path | str, name: str = "tickets") -> str:
    """The database `name` of a folder, on the backend of this test; the same again if asked again."""
    path = Path(folder).resolve() / f"{name}.sqlite"
    if _now.server is None:
        if path.parent.is_dir() and not path.exists():
            shutil.copyfile(_template(), path)
        return f"sqlite:///{path}"
    if path not in _now.made:
        _now.made[path] = _now.free.pop() if _now.free else _new(_now.server)
    return _now.made[path]


@functools.cache
def _template() -> Path:
    """A file that has our tables: to bring an empty one up to date takes six times as long."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-sqlite-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    connect(f"sqlite:///{folder / 'template'}").dispose()
    return folder / "template"


_TEMPLATE = "anlan_template"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", BACKENDS, indirect=True)


def new_server(*, durable: bool = False) -> Postgres:
    """A server that runs; skips the test loudly where there is none to be had."""
    from tests.conftest import take_port

    programs = find_server()
    if programs is None:
        pytest.skip("NOT TESTED: the server 'postgresql' is not installed")
    server = Postgres(programs, take_port(), durable=durable)
    server.start()
    return server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The session's server, with a template that has our tables."""
    server = new_server()
    connect(server.create(_TEMPLATE)).dispose()
    yield server
    server.remove()


@pytest.fixture
def durable_postgres() -> Iterator[Postgres]:
    """A server of this test's own, which writes through to the disk, to be killed."""
    server = new_server(durable=True)
    yield server
    server.remove()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty ticket database, once on SQLite and once on PostgreSQL; see `database_url` for more."""
    if request.param == "sqlite":
        yield database_url(tmp_path)
        return
    _now.server = request.getfixturevalue("postgres")
    try:
        yield database_url(tmp_path)
        for url in _now.made.values():
            _emptied(_now.server, url)
    finally:
        _now.server = None
        _now.made.clear()


def _new(server: Postgres) -> str:
    _now.count += 1
    return server.create(f"t{_now.count}", _TEMPLATE)


_EMPTY = """
DO $$ DECLARE name text; BEGIN
    SET LOCAL session_replication_role = replica;  -- the audit log refuses to be emptied otherwise
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        PERFORM setval(name::regclass, 1, false);
    END LOOP;
END $$
"""


def _emptied(server: Postgres, url: str) -> None:
    """Whoever is still connected is a test's own leak, and goes."""
    name = engine_for(url).url.database
    server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
    server.execute(_EMPTY, str(name))
    _now.free.append(url)
