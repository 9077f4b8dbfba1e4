"""The demo site on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import database_url
from tests.unit.alerts.duties.place import Place


@pytest.fixture
def place(database: str, tmp_path: Path) -> Iterator[Place]:
    assert database == database_url(tmp_path), "on SQLite, and on PostgreSQL"
    made = Place(tmp_path)
    yield made
    made.engine.close()
