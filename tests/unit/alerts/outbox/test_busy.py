"""Many pages at once while the ticket database is busy with frames."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from alerts.outbox import office, store
from tests.carrier import Carrier
from tests.unit.alerts.oncall.people import staffed
from tests.unit.alerts.outbox.desk import room
from tests.unit.alerts.plant import Cabinet, at, plant
from wire.gate import Gate

BOILERS = 7


@pytest.mark.usefixtures("database")
async def test_a_database_that_takes_its_time_does_not_make_pages_go_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Carrier() as carrier:
        site = staffed(plant(boilers=BOILERS), url=carrier.url)
        night = room(site, tmp_path)
        cabinet, passed_s = Cabinet(Gate([site])), 0.0
        for second in (0.0, 5.0, 10.0):
            for number in range(1, BOILERS + 1):
                night.engine.apply([cabinet.frame(second, f"b{number}", temp=97.0, burner=1.0)], at(second))
        claimed, insist = [], night.writer.insist

        async def slowly(verb: Any, *args: Any) -> Any:
            nonlocal passed_s
            passed_s += 1.0 if verb in (store.claim, store.record) else 0.0
            if verb is store.claim:
                claimed.append(len(args[1]))
            return await insist(verb, *args)

        monkeypatch.setattr(night.writer, "insist", slowly)
        monkeypatch.setattr(office, "time", SimpleNamespace(monotonic=lambda: passed_s))
        night.clock.set(10.0)
        await night.office.look(wait=True)
        await night.close()

    assert claimed == [1, 2, 4]
    assert len(carrier.taken) == BOILERS
