"""A day on which people hid alarms, replayed: orders are done again, what ends by itself ends by itself."""

from __future__ import annotations

import json
import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerts import people
from alerts.engine import Engine
from alerts.errors import NothingToDoError, NotThereError, RefusedError
from alerts.ledger import Options, Order
from alerts.recorded import recorded
from alerts.windows import Scope
from anlan.cli import app
from tests.integration.test_backtest import Lived, acknowledge_one, disturbed, live, must_be_equal, replayed, sent, site

MINUTE = 60_000
EVERY_MS = 10_000
WANG, LI = Order("Wang", "looking into it"), Order("Li")


class BusyDesk:
    """Two people who every now and then do something to an alarm, sensible or not."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._next_ms = 0

    def __call__(self, engine: Engine, now_ms: int) -> None:
        acknowledge_one(engine, now_ms)
        if now_ms < self._next_ms:
            return
        if self._next_ms == 0:  # the lifts are being serviced
            people.order_window(engine, WANG, Scope(kinds=("elevator",)), (now_ms, now_ms + 20 * MINUTE), now_ms)
        self._next_ms = now_ms + EVERY_MS
        alarms = [alarm.id for alarm in engine.alarms()]
        if not alarms or self._chance.random() < 0.6:
            alarms = list(engine.judge.layout.watches)
        with suppress(RefusedError, NothingToDoError, NotThereError):  # it was no sensible order
            self._act(engine, self._chance.choice(sorted(alarms)), now_ms)

    def _act(self, engine: Engine, alarm: str, now_ms: int) -> None:
        chance = self._chance
        match chance.randrange(8):
            case 0 | 1:
                people.shelve(engine, alarm, WANG, chance.randrange(1, 10) * MINUTE, now_ms)
            case 2:
                people.unshelve(engine, alarm, LI, now_ms)
            case 3:
                people.remove(engine, alarm, WANG, "PTW-1", now_ms)
            case 4:
                people.confirm(engine, alarm, LI, now_ms)
            case 5:
                people.put_back(engine, alarm, LI, now_ms)
            case 6:
                asset, rule = alarm.split(".")
                start = now_ms + chance.randrange(3) * MINUTE
                span = (start, start + chance.randrange(1, 9) * MINUTE)
                scope = Scope(assets=(asset,), rules=(rule,) if chance.random() < 0.5 else ())
                window, _ = people.order_window(engine, WANG, scope, span, now_ms)
                people.confirm_window(engine, window.id, "Li", now_ms)
            case _:
                people.end_window(engine, chance.randrange(2, 8), "Li", now_ms)


def becauses(lived: Lived) -> Counter[str]:
    return Counter(event.because for event in recorded(lived.database, site().id, 0, 2**62))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_day_of_shelves_windows_and_permits_is_replayed_as_it_was_lived(seed: int, tmp_path: Path) -> None:
    lived = live(tmp_path, sent("first-day", 45), Options(), people=BusyDesk(seed))

    must_be_equal(replayed(lived), 80)
    told = becauses(lived)
    assert {"shelved", "shelf_ended", "removed", "window_began", "window_ended", "hidden_raised"} <= told.keys(), told


def test_the_same_with_late_doubled_and_shuffled_frames(tmp_path: Path) -> None:
    lived = live(tmp_path, disturbed(sent("first-day", 30), 1), Options(), people=BusyDesk(3))

    must_be_equal(replayed(lived), 40)
    assert becauses(lived)["shelved"] > 1


def test_the_command_tells_what_was_hidden_that_day(tmp_path: Path) -> None:
    lived = live(tmp_path, sent("first-day", 20), Options(), people=BusyDesk(2))
    told = tmp_path / "told.json"

    result = CliRunner().invoke(app, ["hidden", "--database", lived.database, "--json", str(told)])

    assert result.exit_code == 0, result.output
    found = json.loads(told.read_text(encoding="utf-8"))
    begun = becauses(lived)
    assert len([each for each in found["hidden"] if each["how"] == "window"]) == begun["window_began"] > 20
    behind = [each for each in found["hidden"] if each["raised"]]
    assert sum(each["raised"] for each in behind) >= begun["hidden_raised"] > 0
    assert all(each["by"] and each["why"] for each in found["hidden"] if each["how"] != "design")
    assert found["windows"][0]["by"] == "Wang"
    assert "raised behind it" in result.output
    nobody = CliRunner().invoke(app, ["hidden", "--database", str(tmp_path / "none.sqlite")])
    assert (nobody.exit_code, "no such file" in nobody.output) == (2, True)
