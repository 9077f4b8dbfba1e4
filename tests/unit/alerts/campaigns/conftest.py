"""The demo site on a real database, with nothing to do than its campaign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.databases import database_url
from tests.unit.alerts.duties.place import Place, demo
from vocab.duties import Duties, DutiesFile


@pytest.fixture
def place(database: str, tmp_path: Path) -> Iterator[Place]:
    assert database == database_url(tmp_path), "on SQLite, and on PostgreSQL"
    whole = demo().duties.file
    schedules = tuple(each for each in whole.schedule if each.id.startswith("campaign-"))
    made = Place(tmp_path, replace(demo(), duties=Duties(DutiesFile(schedule=schedules, campaign=whole.campaign))))
    yield made
    made.engine.close()
