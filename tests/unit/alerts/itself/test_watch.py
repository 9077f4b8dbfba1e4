"""Tickets about Anlan itself, of the demo, on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.backups import LAST
from alerts.database import reading
from alerts.itself.watch import Seen, SelfWatch
from alerts.outbox.tables import pages
from runtime.disk import Disk, disk_of
from tests.databases import database_url
from tests.unit.alerts.duties.place import DAY, Hand, Place, ms

START = ms("2026-03-26 10:00")
WELL = Seen(0.0, disks={"alerts": Disk("here", 50_000.0)})


class Desk:
    """One who looks every 20 s."""

    def __init__(self, folder: Path) -> None:
        self.place, self.folder = Place(folder), folder
        self.now_s = 0.0
        self.start()

    def start(self) -> None:
        self.watch = SelfWatch(Hand(), self.folder, lambda: START + round(1000 * self.now_s))

    def look(self, seen: Seen, for_s: float = 0.0) -> None:
        end_s = self.now_s + for_s
        while True:
            now = replace(seen, now_s=self.now_s)
            self.watch.look(self.place.engine, now, START + round(1000 * self.now_s))
            if self.now_s >= end_s:
                return
            self.now_s += 20


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    assert database == database_url(tmp_path), "on SQLite, and on PostgreSQL"
    made = Desk(tmp_path)
    yield made
    made.place.engine.close()


def test_a_store_that_stands_still_is_one_ticket_that_pages_and_is_settled_by_measurement(desk: Desk) -> None:
    desk.look(WELL, 120)
    assert desk.place.tickets() == []

    desk.look(replace(WELL, store_away_s=400.0, store_why="store: locked"), 120)
    desk.start()  # a restart forgets what it measured, and opens no second one
    desk.look(replace(WELL, store_away_s=500.0), 120)
    (ticket,) = desk.place.tickets()
    assert (ticket["asset"], ticket["hazard"], ticket["priority"]) == ("self:store_away_s", "store_away", 2)
    assert (ticket["lead_unit"], ticket["closed_ms"]) == ("duty-room", None)
    (line,) = (line for line in desk.place.lines(ticket["id"]) if "Ingest" in line)
    assert "store: locked" in line
    with reading(desk.place.engine.database) as connection:
        found = select(pages.c.person, pages.c.step).where(pages.c.ticket == ticket["id"])
        assert connection.execute(found).first() is not None, "whoever is on duty is paged"

    desk.look(WELL, 80)
    (ticket,) = desk.place.tickets()
    assert (ticket["state"], ticket["closed_ms"] is not None) == ("written_off", True)
    assert "Measured well again for 60 s: 0 s" in desk.place.lines(ticket["id"])


def test_each_cause_and_each_disk_has_a_ticket_of_its_own(desk: Desk) -> None:
    full = {"alerts": Disk("here", 100.0), "ingest": Disk("there", 100.0)}
    desk.look(replace(WELL, disks=full, broker_away_s=500.0, refused_ms={"edge-a": 300_000}), 340)

    assert sorted(each["asset"] for each in desk.place.tickets(closed_ms=None)) == [
        "self:broker_away_s", "self:clock_skew_s:edge-a", "self:disk_free_mib:alerts", "self:disk_free_mib:ingest",
    ]  # fmt: skip


def test_a_site_that_was_never_backed_up_is_told_when_its_time_is_over_and_one_that_was_is_not(desk: Desk) -> None:
    desk.look(WELL)
    desk.now_s = 7 * DAY / 1000
    desk.look(WELL)
    assert desk.place.tickets() == []
    desk.now_s = 9 * DAY / 1000
    desk.start()
    desk.look(WELL)
    (ticket,) = desk.place.tickets(hazard="backup_old")
    assert any("No backup was ever made" in line for line in desk.place.lines(ticket["id"]))

    made = {"made_ms": START + 9 * DAY, "bytes": 1, "file": "f"}
    (desk.folder / LAST).write_text(json.dumps(made), encoding="utf-8")
    desk.look(WELL)
    assert desk.place.tickets(hazard="backup_old")[0]["closed_ms"] is not None


def test_what_is_measured_and_which_ticket_is_open_is_told_to_prometheus(desk: Desk) -> None:
    desk.look(replace(WELL, store_away_s=400.0), 60)

    told = {
        (sample.name, sample.labels["measure"]): sample.value
        for family in desk.watch.collect()
        for sample in family.samples
    }
    assert told["anlan_alerts_self", "store_away_s"] == 400
    assert told["anlan_alerts_self_ticket", "store_away_s"] == 1
    assert told["anlan_alerts_self_ticket", "disk_free_mib"] == 0


def test_a_disk_is_known_by_whoever_writes_to_it_and_a_folder_that_is_gone_has_none(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    found, same = disk_of(tmp_path), disk_of(tmp_path / "a")
    assert found is not None
    assert same is not None
    assert (found.name, found.free_mib > 0) == (same.name, True)
    assert disk_of(tmp_path / "b") is None
