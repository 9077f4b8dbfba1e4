"""Rule versions over a real database, in virtual time: shadow, live, retired, and every restart in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from alerts import version_views, versions
from alerts.beside import Nobody
from alerts.database import reading, writing
from alerts.engine import Engine
from alerts.errors import FaultyDraftError, IllegalStepError, NothingToDoError
from alerts.law import law_of
from alerts.shadow import RETRY_MS, Shadow, rows_of
from alerts.version_rows import DONE, VersionRows
from alerts.version_states import Step, VersionState
from alerts.versions import Drafted, Order
from tests.databases import database_url
from tests.unit.alerts.asking import boiler_alarms, boiler_log, boiler_tickets, transitions
from tests.unit.alerts.plant import PACKS, Cabinet, at, plant
from tests.unit.alerts.test_version_diff import ROW
from vocab import pack_load
from vocab.fingerprint import text_digest
from vocab.site import ChangeOfRules, Site
from wire.gate import Gate

LOWER = ROW.format(id="temp_high", limit=60, off_delay=10)
HIGHER = ROW.format(id="temp_high", limit=99, off_delay=10)
NEW = ROW.format(id="warm", limit=50, off_delay=10)
DAY_MS = 86_400_000
pytestmark = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL


def own_site(days: float = 1.0, procedure: str = "cool") -> Site:
    """The plant, whose boiler pack calls its procedure so."""
    texts = {name: text.replace('"cool"', f'"{procedure}"') for name, text in PACKS.items()}
    packs, problems = pack_load.load(texts)
    assert not problems, problems
    change = ChangeOfRules(min_backtest_days=days)
    return Site(plant().file.model_copy(update={"rule_change": change}), packs)


class House:
    """One database, and alerts over it as often as it is started."""

    def __init__(self, folder: Path) -> None:
        self.url = database_url(folder)
        self.own = own_site()
        self.engine: Engine | None = None
        self.notices: list[str] = []

    def start(self, at_s: float = 0, own: Site | None = None) -> Engine:
        self.stop()
        self.own = own or self.own
        site, self.notices = versions.settle(self.own, self.url, at(at_s))
        self.engine = Engine(site, self.url)
        notice = versions.resume_shadow(self.engine, at(at_s))
        self.notices += [] if notice is None else [notice]
        return self.engine

    def stop(self) -> None:
        if self.engine is not None:
            self.engine.close()

    @property
    def running(self) -> Engine:
        assert self.engine is not None
        return self.engine

    def ask(self, question: Callable[[VersionRows], Any]) -> Any:
        with reading(self.running.database) as connection:
            return question(VersionRows(connection, "plant"))

    def state(self, version: int) -> str:
        return str(self.ask(lambda rows: rows.one(version)["state"]))

    # --- orders ----------------------------------------------------------------------------------------------------

    def over(self, text: str) -> Drafted:
        return versions.drafted(self.running.site, text, "draft.toml")

    def draft(self, text: str, at_s: float = 0) -> int:
        return versions.keep(self.running, self.over(text), order(at_s))

    def backtested(self, text: str, at_s: float = 0, days: float = 1.0) -> int:
        """A version with a backtest, whose process was somebody else's work."""
        version = self.draft(text, at_s)
        self.backtest(version, text, days, at_s)
        return version

    def backtest(self, version: int, text: str, days: float = 1.0, at_s: float = 0) -> None:
        what = self.over(text)
        told = {"text_digest": text_digest(text), "base_digest": what.base_digest, "covered_ms": round(days * DAY_MS)}
        with writing(self.running.database) as connection:
            rows = VersionRows(connection, "plant")
            number = rows.begin_backtest(version, "ann", None, None, at(at_s))
            rows.end_backtest(number, DONE, at(at_s), result=b"", **told)
            rows.move(rows.one(version), Step.BACKTEST, "ann", "done", at(at_s))

    def shadow(self, version: int, text: str, at_s: float = 0) -> None:
        what = self.over(text)
        law = law_of(what.site, self.running.options, rows_of(version))
        versions.begin_shadow(self.running, version, what, law, order(at_s))

    def live(self, version: int, text: str, at_s: float = 0) -> None:
        what = self.over(text)
        versions.go_live(self.running, version, what, law_of(what.site, self.running.options), order(at_s))

    def made_live(self, text: str, at_s: float = 0) -> int:
        version = self.backtested(text, at_s)
        self.shadow(version, text, at_s)
        self.live(version, text, at_s)
        return version

    def retire(self, version: int, at_s: float = 0) -> None:
        base = self.running.site
        site = versions.without(self.own, self.ask(lambda rows: rows.live()), version)
        versions.retire(self.running, version, base, law_of(site, self.running.options), order(at_s))

    def told(self, version: int, at_s: float) -> dict[str, Any]:
        with reading(self.running.database) as connection:
            return version_views.shadow(connection, self.running, version, at(at_s))


def order(at_s: float = 0) -> Order:
    return Order("ann", "because", at(at_s))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def cabinet() -> Cabinet:
    return Cabinet(Gate([plant()]))


def feed(house: House, cabinet: Cabinet, first: int, last: int, temp: float) -> None:
    for second in range(first, last + 1, 5):
        house.running.apply([cabinet.frame(second, temp=temp)], at(second))


def names(told: dict[str, Any], what: str) -> list[str]:
    return [each["alarm"] for each in told["difference"][what]]


# --- drafts --------------------------------------------------------------------------------------------------------


def test_a_draft_with_faults_is_refused_with_all_of_them(house: House) -> None:
    with pytest.raises(FaultyDraftError) as caught:
        house.draft(LOWER.replace('"temp"', '"tmp"') + LOWER.replace("priority = 2", "priority = 9"))

    assert {problem.line for problem in caught.value.problems} == {6, 23}
    assert house.ask(lambda rows: rows.newest(9)) == []


def test_a_draft_that_changes_nothing_is_none(house: House) -> None:
    with pytest.raises(NothingToDoError, match="changes nothing"):
        house.draft(ROW.format(id="temp_high", limit=90, off_delay=10))


def test_a_version_remembers_who_moved_it_when_and_why(house: House) -> None:
    version = house.made_live(LOWER, 5)
    house.retire(version, 7)

    moves = house.ask(lambda rows: rows.moves(version))

    assert [(each["old"], each["new"]) for each in moves] == [
        (None, "draft"), ("draft", "backtested"), ("backtested", "shadow"), ("shadow", "live"), ("live", "retired"),
    ]  # fmt: skip
    assert moves[-1] == {"old": "live", "new": "retired", "at_ms": at(7), "by": "ann", "why": "because"}


@pytest.mark.parametrize("days", [None, 0.9])
def test_without_a_backtest_of_the_sites_length_it_goes_nowhere(days: float | None, house: House) -> None:
    version = house.draft(LOWER) if days is None else house.backtested(LOWER, days=days)

    with pytest.raises(IllegalStepError):
        house.shadow(version, LOWER)
    with pytest.raises(IllegalStepError, match="only a version in shadow goes live"):
        house.live(version, LOWER)

    assert house.state(version) == ("draft" if days is None else "backtested")
    assert isinstance(house.running.beside, Shadow) is False
    assert house.running.site.packs["boiler"].rules["temp_high"].when.limit == 90  # type: ignore[union-attr]


def test_a_backtest_over_rules_that_are_no_longer_in_force_does_not_count(house: House) -> None:
    version = house.backtested(NEW)
    house.made_live(LOWER)

    with pytest.raises(IllegalStepError, match="the rules in force are others now"):
        house.shadow(version, NEW)

    house.backtest(version, NEW)
    house.shadow(version, NEW)
    assert house.state(version) == "shadow"


def test_rules_that_change_while_an_order_is_prepared_stop_it(house: House) -> None:
    version = house.backtested(LOWER)
    what = house.over(LOWER)
    house.made_live(NEW)

    with pytest.raises(IllegalStepError, match="at this very moment"):
        versions.begin_shadow(house.running, version, what, law_of(what.site, house.running.options), order())


# --- shadow --------------------------------------------------------------------------------------------------------


def test_a_shadow_judges_silently_and_tells_what_it_would_have_raised(house: House, cabinet: Cabinet) -> None:
    feed(house, cabinet, 0, 10, temp=40.0)
    version = house.backtested(LOWER)
    house.shadow(version, LOWER, 10)

    feed(house, cabinet, 15, 60, temp=70.0)

    assert boiler_log(house.running) == []
    assert boiler_tickets(house.running) == []
    told = house.told(version, 61)
    assert names(told, "added") == ["b1.temp_high"]
    assert told["difference"]["added"][0]["raised_ms"] == at(45)
    assert (names(told, "lost"), told["trouble"], told["missed_frames"]) == ([], None, 0)


def test_what_stands_when_it_begins_is_no_difference_and_holds_go_on(house: House, cabinet: Cabinet) -> None:
    feed(house, cabinet, 0, 20, temp=97.0)
    version = house.backtested(NEW.replace("limit = 50", "limit = 150"))
    house.shadow(version, NEW.replace("limit = 50", "limit = 150"), 20)

    feed(house, cabinet, 25, 60, temp=97.0)
    feed(house, cabinet, 65, 100, temp=40.0)

    assert (30, "b1.temp_high", "unacked") in boiler_log(house.running)
    told = house.told(version, 101)
    assert told["events"]["equal"], told["events"]
    assert told["difference"]["same"] >= 1


def test_a_lost_alarm_is_told_too(house: House, cabinet: Cabinet) -> None:
    version = house.backtested(HIGHER)
    house.shadow(version, HIGHER)

    feed(house, cabinet, 0, 60, temp=92.0)

    assert names(house.told(version, 61), "lost") == ["b1.temp_high"]


def test_a_shadow_survives_a_restart_in_the_middle_of_a_hold(house: House, cabinet: Cabinet) -> None:
    version = house.backtested(LOWER)
    house.shadow(version, LOWER)
    feed(house, cabinet, 0, 20, temp=70.0)

    house.start(21)
    assert house.notices == []
    feed(house, cabinet, 25, 60, temp=70.0)

    told = house.told(version, 61)
    assert [(each["alarm"], each["raised_ms"]) for each in told["difference"]["added"]] == [("b1.temp_high", at(30))]
    assert told["events"]["only_before"] == []


def test_what_the_broker_hands_over_again_is_judged_once_by_each(house: House, cabinet: Cabinet) -> None:
    version = house.backtested(LOWER)
    house.shadow(version, LOWER)
    frames = [cabinet.frame(second, temp=70.0) for second in range(0, 60, 5)]
    house.running.apply(frames[:6], at(26))
    beside, house.running.beside = house.running.beside, Nobody()
    house.running.apply(frames[6:9], at(41))  # as if it had died between the two commits
    house.running.beside = beside

    house.start(42)
    house.running.apply(frames[6:], at(60))

    assert [each["raised_ms"] for each in house.told(version, 61)["difference"]["added"]] == [at(30)]


def test_a_shadow_that_breaks_harms_nobody_and_goes_on_later(
    house: House, cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = house.backtested(LOWER)
    house.shadow(version, LOWER)
    with monkeypatch.context() as patched:
        patched.setattr(VersionRows, "note_shadow", _break)
        feed(house, cabinet, 0, 40, temp=92.0)

    assert boiler_log(house.running) == [(30, "b1.temp_high", "unacked")]
    told = house.told(version, 41)
    assert told["trouble"] == "broken on purpose"
    assert told["missed_frames"] > 0
    later = 40 + RETRY_MS // 1000
    feed(house, cabinet, 45, later + 60, temp=92.0)
    again = house.told(version, later + 61)
    assert again["trouble"] is None
    assert names(again, "lost") == [], "it has found the alarm too, at last"


def _break(*_: object) -> None:
    raise RuntimeError("broken on purpose")


def test_only_one_is_in_shadow(house: House) -> None:
    first, second = house.backtested(LOWER), house.backtested(NEW)
    house.shadow(first, LOWER)

    with pytest.raises(IllegalStepError, match=f"version {first} is in shadow"):
        house.shadow(second, NEW)


def test_a_rejected_shadow_leaves_nothing_but_its_log(house: House, cabinet: Cabinet) -> None:
    version = house.backtested(LOWER)
    house.shadow(version, LOWER)
    feed(house, cabinet, 0, 60, temp=70.0)

    versions.reject(house.running, version, order(60))
    feed(house, cabinet, 65, 90, temp=70.0)

    with house.running.database.connect() as connection:
        for table in ("books", "alarms", "marks", "edges", "waiting", "catch_ups", "layouts"):
            left = connection.execute(text(f"SELECT count(*) FROM {table} WHERE site LIKE 'shadow:%'"))  # noqa: S608
            assert left.scalar_one() == 0, table
    told = house.told(version, 99)
    assert (told["on"], told["until_ms"], names(told, "added")) == (False, at(60), ["b1.temp_high"])


# --- live ----------------------------------------------------------------------------------------------------------


def test_a_live_version_alarms_and_a_restart_keeps_it_in_force(house: House, cabinet: Cabinet) -> None:
    feed(house, cabinet, 0, 20, temp=70.0)
    version = house.made_live(LOWER, 20)

    feed(house, cabinet, 25, 40, temp=70.0)
    house.start(41)
    feed(house, cabinet, 45, 70, temp=70.0)

    assert house.notices == []
    assert boiler_log(house.running) == [(55, "b1.temp_high", "unacked")]
    assert [ticket.hazard for ticket in boiler_tickets(house.running)] == ["overtemperature"]
    assert house.state(version) == "live"


def test_a_retired_version_is_out_of_force_and_its_own_alarm_withdrawn(house: House, cabinet: Cabinet) -> None:
    version = house.made_live(NEW)
    feed(house, cabinet, 0, 60, temp=70.0)
    assert boiler_alarms(house.running) == ["b1.warm"]

    house.retire(version, 61)

    assert boiler_alarms(house.running) == []
    assert transitions(house.running)[-1].because == "withdrawn"
    assert "warm" not in house.running.site.packs["boiler"].rules


def test_live_versions_lie_over_one_another_and_a_covered_one_is_retired(house: House) -> None:
    new, lower = house.made_live(NEW, 1), house.made_live(LOWER, 2)
    assert [house.state(each) for each in (new, lower)] == ["live", "live"]

    higher = house.made_live(HIGHER, 3)

    assert [house.state(each) for each in (new, lower, higher)] == ["live", "retired", "live"]
    house.start(4)
    rules = house.running.site.packs["boiler"].rules
    assert "warm" in rules
    assert rules["temp_high"].when.limit == 99  # type: ignore[union-attr]


def test_a_shadow_falls_back_when_the_rules_under_it_change(house: House) -> None:
    live = house.made_live(NEW)
    version = house.backtested(LOWER)
    house.shadow(version, LOWER)

    house.retire(live, 9)

    assert house.state(version) == "backtested"
    assert house.ask(lambda rows: rows.moves(version))[-1]["why"] == f"version {live} was retired under it"


def test_a_version_that_no_longer_fits_the_site_is_retired_loudly(house: House, cabinet: Cabinet) -> None:
    version = house.made_live(LOWER)
    feed(house, cabinet, 0, 20, temp=70.0)

    engine = house.start(21, own_site(procedure="chill"))

    (notice,) = house.notices
    assert f"version {version} no longer fits" in notice
    assert "no procedure 'cool'" in notice
    assert house.state(version) == VersionState.RETIRED
    assert engine.site.packs["boiler"].rules["temp_high"].when.limit == 90  # type: ignore[union-attr]
    feed(house, cabinet, 25, 60, temp=92.0)
    assert boiler_alarms(engine) == ["b1.temp_high"]


def test_a_shadow_over_a_changed_site_falls_back_at_the_start(house: House) -> None:
    version = house.backtested(LOWER)
    house.shadow(version, LOWER)

    house.start(5, own_site(procedure="chill"))

    assert house.state(version) == "backtested"
    assert "no longer in shadow" in house.notices[0]
