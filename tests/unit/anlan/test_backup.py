"""A backup and what comes of it: the same rows on either kind of database, and nothing out of a damaged file."""

from __future__ import annotations

import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.core import Metric
from sqlalchemy import insert, select, text
from typer.testing import CliRunner, Result

from alerts.access.log import Log
from alerts.backups import last_backup
from alerts.database import connect, reading, writing
from alerts.dump import doomed, dump, is_empty
from alerts.engine import Engine
from alerts.errors import DatabaseError, RefusedError
from alerts.tables import books, numbers
from anlan.archive import DamagedError, pack, sha256_of, unpack
from anlan.backup import BackupError, Sources, back_up
from anlan.cli import app
from anlan.restore import Target, WouldOverwriteError, restore
from ingest.duckdb_copy import rows_of
from ingest.duckdb_store import DuckDbStore
from ingest.intake import Intake
from ingest.port import Span
from ingest.problem import StoreError
from tests.databases import Postgres, database_url
from tests.samples import NOW_MS, frame, level, tiny_site
from tests.unit.alerts.asking import tickets, transitions
from tests.unit.alerts.plant import at, plant, speaker
from wire.message import Message

NAMES = [".tar.zst", ".zip"]


def nothing(_what: str, _more: int) -> None:
    """No progress is shown."""


class Installation:
    """A plant with a ticket, an audit log, readings and an attachment."""

    def __init__(self, data: Path, database: str) -> None:
        self.data, self.database = data, database
        data.mkdir(parents=True, exist_ok=True)
        engine = Engine(plant(), database)
        cabinet = speaker(engine.site)
        engine.apply([cabinet.frame(0, temp=97.0), cabinet.frame(20, temp=97.0)], at(20))
        Log(engine.database, "plant", data).append(at(21), "order", "Wang", {"note": "泄漏 \U0001f525"})
        with writing(engine.database) as connection:
            connection.execute(insert(books).values(site="x", name="n", digest="d", data=bytes(range(256))))
        engine.close()
        _store(data / "readings.duckdb")
        for name, words in {
            "attachments/ab/abcd": "a photo", "site/site.toml": "[site]", "edges/e1/spool": "its own", "x.log": "words",
            "places.json": "{}",
        }.items():  # fmt: skip
            (data / name).parent.mkdir(parents=True, exist_ok=True)
            (data / name).write_text(words)

    def back_up(self, out: Path) -> dict[str, Any]:
        sources = Sources(self.database, self.data / "readings.duckdb", self.data, self.data / "site", None)
        return back_up(sources, out, at(30), nothing)


def _store(place: Path) -> None:
    """Readings, those of a closed period among them."""
    store, intake = DuckDbStore(str(place)), Intake([tiny_site()])
    messages = [Message("anlan/v1/tiny/e1/tele", frame(level(float(seq)), seq=seq)) for seq in range(1, 21)]
    store.commit(intake.batch(intake.judge(messages[:15], NOW_MS)), NOW_MS)
    store.roll_up()
    packed = store.pack(NOW_MS + 10 * 86_400_000)
    assert packed is not None
    assert store.settle(packed) == 15
    store.commit(intake.batch(intake.judge(messages[15:], NOW_MS)), NOW_MS)
    store.close()


def _raw(place: Path) -> list[float]:
    store = DuckDbStore(str(place))
    trend = store.trend(Span("tiny", "p1", ("level",), NOW_MS - 1000, NOW_MS + 1000, 800))
    store.close()
    return [float(value) for value in trend.curves[0].low]


@pytest.fixture
def installation(database: str, tmp_path: Path) -> Installation:
    return Installation(tmp_path, database)


def seen(database: str) -> tuple[object, ...]:
    """What people see."""
    engine = Engine(plant(), database)
    try:
        with reading(engine.database) as connection:
            blob = connection.execute(select(books.c.data).where(books.c.site == "x")).scalar_one()
        return tickets(engine), transitions(engine), engine.alarms(), bytes(blob)
    finally:
        engine.close()


@pytest.mark.parametrize("suffix", NAMES)
def test_what_was_backed_up_comes_back_the_same(installation: Installation, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"b{suffix}"
    installation.back_up(out)
    manifest = restore(out, Target(tmp_path / "new", None, force=False), nothing)

    new = tmp_path / "new"
    assert seen(f"sqlite:///{new}/tickets.sqlite") == seen(installation.database)
    assert rows_of(new / "readings.duckdb") == manifest["readings"]["counts"]
    assert len(_raw(new / "readings.duckdb")) == 20
    assert _raw(new / "readings.duckdb") == _raw(tmp_path / "readings.duckdb")
    (closed,) = (new / "readings.duckdb.closed").iterdir()
    assert {path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()} == {
        "attachments/ab/abcd", "audit-head.json", "audit.key", "readings.duckdb",
        f"readings.duckdb.closed/{closed.name}", "site/site.toml", "tickets.sqlite",
    }  # fmt: skip
    assert stat.S_IMODE((new / "audit.key").stat().st_mode) == stat.S_IMODE(out.stat().st_mode) == 0o600
    engine = connect(f"sqlite:///{new}/tickets.sqlite")
    assert Log(engine, "plant", new).verify() is None
    engine.dispose()


def test_it_moves_to_postgresql_and_back_and_counts_on(postgres: Postgres, tmp_path: Path) -> None:
    first = Installation(tmp_path / "first", f"sqlite:///{tmp_path}/first/tickets.sqlite")
    first.back_up(tmp_path / "1.tar.zst")
    url = postgres.create("moved")
    restore(tmp_path / "1.tar.zst", Target(tmp_path / "second", url, force=False), nothing)
    assert seen(url) == seen(first.database)
    assert not (tmp_path / "second" / "tickets.sqlite").exists()

    engine = Engine(plant(), url)  # a new row has a new number
    cabinet = speaker(engine.site)
    cabinet.epoch = 2  # what it said in its first is known, as its marks came along
    engine.apply([cabinet.frame(100, "b2", burner=3.0)], at(100))
    assert len(tickets(engine)) == 2
    engine.close()

    sources = Sources(url, tmp_path / "second" / "readings.duckdb", None, None, None)
    back_up(sources, tmp_path / "2.zip", at(200), nothing)
    restore(tmp_path / "2.zip", Target(tmp_path / "third", None, force=False), nothing)
    assert seen(f"sqlite:///{tmp_path}/third/tickets.sqlite") == seen(url)
    # and onto itself
    with pytest.raises(WouldOverwriteError):
        restore(tmp_path / "2.zip", Target(tmp_path / "fourth", url, force=False), nothing)
    restore(tmp_path / "1.tar.zst", Target(tmp_path / "fourth", url, force=True), nothing)
    assert seen(url) == seen(first.database)


def test_nothing_is_overwritten_without_being_told_to(installation: Installation, tmp_path: Path) -> None:
    out = tmp_path / "b.zip"
    installation.back_up(out)
    new = tmp_path / "new"
    restore(out, Target(new, None, force=False), nothing)
    (new / "tickets.sqlite-wal").write_bytes(b"of before")
    before = sha256_of(new / "tickets.sqlite")

    with pytest.raises(WouldOverwriteError, match="is there already"):
        restore(out, Target(new, None, force=False), nothing)
    assert sha256_of(new / "tickets.sqlite") == before
    restore(out, Target(new, None, force=True), nothing)
    assert not (new / "tickets.sqlite-wal").exists()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Archives as they were written, by their suffix."""
    folder = tmp_path_factory.mktemp("whole")
    old = Installation(folder / "old", f"sqlite:///{folder}/old/tickets.sqlite")
    for suffix in NAMES:
        old.back_up(folder / f"b{suffix}")
    return {suffix: (folder / f"b{suffix}").read_bytes() for suffix in NAMES}


@pytest.mark.parametrize("suffix", NAMES)
@pytest.mark.parametrize("where", [0.02, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("how", ["flipped", "cut"])
def test_a_damaged_archive_is_refused_and_touches_nothing(
    suffix: str, where: float, how: str, whole: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / f"b{suffix}"
    content = bytearray(whole[suffix])
    place = round(len(content) * where)
    if how == "cut":
        del content[place:]
    else:
        content[place : place + 64] = bytes(255 - byte for byte in content[place : place + 64])
    out.write_bytes(content)

    with pytest.raises(DamagedError):
        restore(out, Target(tmp_path / "new", None, force=False), nothing)
    assert list((tmp_path / "new").iterdir()) == []


def _repacked(out: Path, folder: Path, change: Callable[[Path, dict[str, Any]], None]) -> None:
    """The same archive after somebody changed something inside, and packed it again."""
    manifest = unpack(out, folder, lambda _more: None)
    change(folder, manifest)
    pack(folder, manifest, out, lambda _more: None)


def test_it_is_said_what_is_damaged(tmp_path: Path) -> None:
    old = Installation(tmp_path / "old", f"sqlite:///{tmp_path}/old/tickets.sqlite")
    old.back_up(out := tmp_path / "b.tar.zst")

    def forge(folder: Path, _manifest: dict[str, Any]) -> None:
        with (folder / "tickets" / "tickets.jsonl").open("a") as file:
            file.write("\n")

    _repacked(out, tmp_path / "forged", forge)
    with pytest.raises(DamagedError, match=r"tickets/tickets\.jsonl is changed"):
        restore(out, Target(tmp_path / "new", None, force=False), nothing)

    def lose(folder: Path, manifest: dict[str, Any]) -> None:
        manifest["files"]["data/attachments/zz"] = {"size": 1, "sha256": "0", "mode": 0o600}
        (folder / "data" / "attachments" / "zz").write_text("x")

    old.back_up(out)
    _repacked(out, tmp_path / "lost", lose)
    with pytest.raises(DamagedError, match="data/attachments/zz is changed"):
        restore(out, Target(tmp_path / "new", None, force=False), nothing)


def test_a_count_that_is_not_reached_is_refused(tmp_path: Path) -> None:
    old = Installation(tmp_path / "old", f"sqlite:///{tmp_path}/old/tickets.sqlite")
    old.back_up(out := tmp_path / "b.zip")

    def count(_folder: Path, manifest: dict[str, Any]) -> None:
        manifest["tickets"]["counts"]["tickets"] += 1

    _repacked(out, tmp_path / "counted", count)
    with pytest.raises(DatabaseError, match="1 rows came of 2"):
        restore(out, Target(tmp_path / "new", None, force=False), nothing)
    assert not (tmp_path / "new" / "tickets.sqlite").exists()


def test_a_backup_of_a_newer_build_is_refused(tmp_path: Path) -> None:
    old = Installation(tmp_path / "old", f"sqlite:///{tmp_path}/old/tickets.sqlite")
    old.back_up(out := tmp_path / "b.zip")
    _repacked(out, tmp_path / "newer", lambda _folder, manifest: manifest["tickets"].update(revision="9999"))

    with pytest.raises(RefusedError, match="newer"):
        restore(out, Target(tmp_path / "new", None, force=False), nothing)


def test_a_file_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "b.zip"
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../outside", "x")
    with pytest.raises(DamagedError, match="leads out"):
        restore(out, Target(tmp_path / "new", None, force=False), nothing)
    assert not (tmp_path / "outside").exists()


def test_no_backup_is_made_of_nothing(tmp_path: Path) -> None:
    out = tmp_path / "b.zip"
    with pytest.raises(DatabaseError, match="no such file"):
        back_up(Sources(f"sqlite:///{tmp_path}/none.sqlite", None, None, None, None), out, 0, nothing)
    connect(f"sqlite:///{tmp_path}/t.sqlite").dispose()
    sources = Sources(f"sqlite:///{tmp_path}/t.sqlite", tmp_path / "none.duckdb", None, None, None)
    with pytest.raises(BackupError, match="no such file"):
        back_up(sources, out, 0, nothing)
    assert not out.exists()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_dump_is_one_moment_and_makes_no_writer_wait(database: str, tmp_path: Path) -> None:
    engine = connect(database)
    with writing(engine) as connection:
        connection.execute(insert(numbers).values(site="s", day="20260101", last=1))
    told: list[str] = []

    def write_meanwhile(table: str, _more: int) -> None:
        if not told:
            with writing(engine) as connection:
                connection.execute(insert(numbers).values(site="t", day="20260101", last=1))
        told.append(table)

    assert dump(database, tmp_path, write_meanwhile).counts["numbers"] == 1
    assert told == ["numbers"]
    assert not is_empty(database)
    engine.dispose()


def test_the_commands_tell_what_they_did_and_what_is_missing(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "b.tar.zst"
    Installation(data, f"sqlite:///{data}/tickets.sqlite")
    run = CliRunner().invoke

    done = run(app, ["backup", "--data", str(data), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert "readings  20, read from the file, which nobody had open" in done.output
    done = run(app, ["restore", str(out), "--data", str(tmp_path / "new")])
    assert (done.exit_code, "go on with: anlan up" in done.output) == (0, True), done.output
    assert run(app, ["restore", str(out), "--data", str(tmp_path / "new")]).exit_code == 1
    assert run(app, ["restore", str(tmp_path / "none.zip"), "--data", str(tmp_path / "n")]).exit_code == 1
    assert run(app, ["backup", "-o", str(out)]).exit_code == 2
    assert run(app, ["backup", "--data", str(data), "-o", "b.rar"]).exit_code == 2


def test_what_a_forced_restore_takes_away_is_listed_and_agreed_to(postgres: Postgres, tmp_path: Path) -> None:
    data, out, new = tmp_path / "data", tmp_path / "b.zip", tmp_path / "new"
    Installation(data, f"sqlite:///{data}/tickets.sqlite").back_up(out)
    url = postgres.create("forced")
    engine = connect(url)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE of_another_program (x integer)"))
    restore(out, Target(new, url, force=True), nothing)  # that one was lost without a word: the command asks

    def run(*more: str, told: str | None = None) -> Result:
        return CliRunner().invoke(app, ["restore", str(out), "--data", str(new), "--database", url, *more], input=told)

    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE of_another_program AS SELECT 1 AS x"))
    engine.dispose()
    assert run().exit_code == 1, "without --force nothing is even asked"
    for answer in ("n\n", ""):
        refused = run("--force", told=answer)
        assert refused.exit_code == 1
        assert "table of_another_program, 1 rows  (not a table of Anlan)" in refused.output
        assert "table tickets, 1 rows\n" in refused.output
        assert f"{new}/readings.duckdb" in refused.output
    assert {"of_another_program"} < {each.name for each in doomed(url)}, "and nothing was touched"
    assert run("--force", told="y\n").exit_code == 0
    assert "of_another_program" not in {each.name for each in doomed(url)}
    assert run("--force", "--yes").exit_code == 0


def test_the_age_of_the_last_backup_is_exported(tmp_path: Path) -> None:
    data = tmp_path / "data"
    collect = last_backup(data, lambda: at(90))
    assert list(collect()) == []
    Installation(data, f"sqlite:///{data}/tickets.sqlite").back_up(out := tmp_path / "b.zip")

    found: dict[str, Metric] = {metric.name: metric for metric in collect()}
    values = {name.removeprefix("anlan_alerts_last_backup_"): metric.samples[0].value for name, metric in found.items()}
    assert values == {"timestamp_seconds": at(30) / 1000, "age_seconds": 60.0, "bytes": out.stat().st_size}
    assert json.loads((data / "last-backup.json").read_text())["file"] == "b.zip"


def test_a_store_that_somebody_has_open_needs_its_ingest(tmp_path: Path) -> None:
    import subprocess
    import sys

    old = Installation(tmp_path / "old", f"sqlite:///{tmp_path}/old/tickets.sqlite")
    place = str(tmp_path / "old" / "readings.duckdb")
    program = f"import duckdb; c = duckdb.connect({place!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(BackupError, match="say --ingest"):
            old.back_up(tmp_path / "b.zip")
        holder.stdin.write(b"\n")
        holder.stdin.close()
    assert not (tmp_path / "b.zip").exists()
    shutil.rmtree(tmp_path / "old")
    with pytest.raises((StoreError, DatabaseError)):
        old.back_up(tmp_path / "b.zip")


def test_each_folder_has_a_database_of_its_own(database: str, tmp_path: Path) -> None:
    assert database_url(tmp_path) == database != database_url(tmp_path / "other")
