"""Work that the duty matrix does not speak of: who gets it, who is called, who lets it in, and who is told no."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from alerts.database import reading
from alerts.engine import Engine
from alerts.errors import TicketRefusedError, WrongOrderError
from alerts.outbox.views import time_line
from alerts.paper.context import Context
from alerts.paper.facts_evidence import evidence_of
from alerts.queries import Wanted
from alerts.tickets import attachments, bundle, desk
from alerts.tickets.attachments import AttachmentView, Cellar
from alerts.tickets.commands import Command, Verb
from alerts.tickets.counts import ticket_counts
from alerts.tickets.model import Present, Source
from alerts.views import TicketView
from tests.databases import database_url
from tests.unit.alerts.oncall.people import org_text, staffed
from tests.unit.alerts.plant import Cabinet, at, plant, speaker
from vocab.rule import Grade
from vocab.sla import Photos, SlaFile
from vocab.taxonomy import Sector, SectorsFile

pytestmark = pytest.mark.usefixtures("database")  # once on SQLite, once on PostgreSQL

_TOWN = """
[[unit]]
id = "town-office"
kind = "office"
name = {en = "Town office", zh = "镇安委办"}
place = "town"
[[person]]
id = "t"
name = {en = "Officer T", zh = "镇督办员"}
unit = "town-office"
roles = ["safety_officer"]
"""
# The matrix speaks of sanitation alone: what a boiler does is nobody's, and so the committee's.
_MATRIX = '[[duty]]\ncategories = ["sanitation"]\nunit_kind = "committee"\n'
_ADMISSION = 'admission = { level = "county" }\n'
SECTORS = SectorsFile(
    sector=(
        Sector(id="food", name={"en": "Food", "zh": "食品"}, hazards=("food_unsafe",)),
        Sector(id="sanitation", name={"en": "S", "zh": "环卫"}, categories=("sanitation",)),
    )
)


class Town:
    """The plant with a matrix; times are seconds after the beginning."""

    def __init__(self, folder: Path, *, admission: bool = True) -> None:
        bare = plant()
        common = replace(bare.packs["common"], sectors=SECTORS)
        bare = replace(bare, packs={**bare.packs, "common": common})
        text = (_ADMISSION if admission else "") + org_text() + _TOWN + _MATRIX
        site = staffed(bare, org=text)
        own = SlaFile(photos=(Photos(categories=("sanitation",), sources=("campaign",), pairs=1),))
        self.engine = Engine(replace(site, own_sla=own), database_url(folder))
        self.cabinet: Cabinet = speaker(self.engine.site)
        self.now = 0.0

    def hear(self, until: float, **values: Any) -> None:
        while self.now < until:
            self.now += 5
            self.engine.apply([self.cabinet.frame(self.now, **values)], at(self.now))

    def do(self, number: int, verb: Verb, actor: str = "a", **told: Any) -> TicketView:
        view, _ = desk.order(self.engine, number, lambda now: Command(verb, actor, now, **told), at(self.now))
        return view

    def refused(self, number: int, verb: Verb, actor: str = "a", **told: Any) -> TicketRefusedError:
        with pytest.raises(TicketRefusedError) as caught:
            self.do(number, verb, actor, **told)
        assert caught.value.zh
        assert str(caught.value)
        return caught.value

    def found(self, source: Source, category: str, hazard: str, **told: Any) -> TicketView:
        report = desk.Report("patrol", source, "g1", category, hazard, "found it", ("t", "题"), **told)
        return desk.file(self.engine, report, at(self.now))[0]

    def listed(self, **wanted: Any) -> list[str]:
        with reading(self.engine.database) as connection:
            return [each.hazard for each in self.engine.queries.tickets(connection, Wanted(**wanted))]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.engine.close()


def test_a_sensors_hazard_outside_the_matrix_pages_at_once_and_only_its_hand_down_waits(town: Town) -> None:
    town.hear(10, burner=3.0, temp=50.0)

    with reading(town.engine.database) as connection:
        (call,) = time_line(connection, town.engine.site, 1)
    assert [(page.person, page.due_ms) for page in call.pages] == [("e", at(5))], "who is on duty, at the alarm itself"
    ticket = town.do(1, Verb.INTERIM, note="the burner is off")
    assert (ticket.state, ticket.work.lead_unit, ticket.work.outside_matrix, ticket.work.held) == (
        "graded", "room", True, True,
    )  # fmt: skip
    assert any("duty matrix" in line.text.en and "职责清单" in line.text.zh for line in ticket.evidence)
    assert town.refused(1, Verb.DISPATCH).reason == "outside_matrix"
    assert "begin" in ticket.work.possible
    begun = town.do(1, Verb.BEGIN, "e")
    assert (begun.state, begun.work.rectifier, begun.acked_by) == ("rectifying", "e", "e")


def test_it_is_handed_down_with_the_approval_of_somebody_of_the_level_that_the_office_named(town: Town) -> None:
    number = int(town.found(Source.PATROL, "hazard", "reported").id)
    town.do(number, Verb.CLASSIFY, category="hazard")
    town.do(number, Verb.GRADE, grade=Grade.GENERAL)

    assert town.refused(number, Verb.DISPATCH, unit="room").reason == "outside_matrix"
    assert town.refused(number, Verb.DISPATCH, approver="g").reason == "note_missing"
    assert town.refused(number, Verb.DISPATCH, approver="a", note="x").reason == "approver_is_actor"
    assert town.refused(number, Verb.DISPATCH, approver="b", note="x").reason == "approver_has_no_right"
    low = town.refused(number, Verb.DISPATCH, approver="t", note="x")
    assert (low.reason, "县（区）级" in low.zh) == ("approver_too_low", True), (
        "the town supervises, and lets nothing in"
    )
    assert town.refused(number, Verb.DISPATCH, unit="moon", approver="g", note="x").reason == "unit_unknown"
    assert town.refused(number, Verb.BEGIN).reason == "not_here", "no life is in danger"

    ticket = town.do(number, Verb.DISPATCH, unit="room", approver="g", note="no other hands near by")
    assert (ticket.state, ticket.work.held) == ("dispatched", False)
    assert ticket.work.admission is not None
    assert {key: ticket.work.admission[key] for key in ("unit", "approver", "by", "reason")} == {
        "unit": "room", "approver": "g", "by": "a", "reason": "no other hands near by",
    }  # fmt: skip
    last = desk.events(town.engine, number)[-1]
    assert (last.verb, last.approver, last.note) == ("dispatch", "g", "no other hands near by")
    assert town.refused(number, Verb.ESCALATE, unit="town-office").reason == "outside_matrix"
    assert town.do(number, Verb.ESCALATE, unit="office").work.lead_unit == "office", "upward it goes freely"


def test_what_the_matrix_speaks_of_and_what_a_site_lets_in_freely_needs_nobody(tmp_path: Path, town: Town) -> None:
    inside = town.found(Source.PATROL, "sanitation", "exposed_rubbish")
    assert (inside.work.outside_matrix, inside.work.lead_unit) == (False, "room")
    assert ticket_counts(town.engine)["outside_matrix"] == 0
    strange = int(town.found(Source.PATROL, "hazard", "reported").id)
    told = town.do(strange, Verb.CLASSIFY, category="sanitation")
    assert (told.work.outside_matrix, told.work.held) == (False, False), "classified anew, it is in the matrix"
    town.engine.close()

    folder = tmp_path / "free"
    folder.mkdir()
    free = Town(folder, admission=False)
    number = int(free.found(Source.PATROL, "hazard", "reported").id)
    free.do(number, Verb.CLASSIFY, category="hazard")
    free.do(number, Verb.GRADE, grade=Grade.GENERAL)
    ticket = free.do(number, Verb.DISPATCH)
    assert (ticket.work.outside_matrix, ticket.state) == (True, "dispatched"), "told, and not held"
    free.engine.close()


def test_a_ticket_belongs_to_a_sector_that_lists_and_counts_know(town: Town) -> None:
    town.hear(10, burner=3.0, temp=50.0)
    food = town.found(Source.RESIDENT, "hazard", "food_unsafe")
    town.found(Source.CAMPAIGN, "sanitation", "exposed_rubbish")
    told = town.found(Source.PATROL, "hazard", "reported", sector="food")

    assert (food.sector, told.sector) == ("food", "food")
    assert town.listed(sector="food") == ["reported", "food_unsafe"]
    assert town.listed(sector="other") == ["lockout"]
    assert ticket_counts(town.engine)["sectors"] == {"food": 2, "sanitation": 1, "other": 1}
    assert ticket_counts(town.engine, only="food")["sources"]["resident"] == 1
    assert town.do(int(told.id), Verb.CLASSIFY, category="sanitation", sector="sanitation").sector == "sanitation"
    assert town.refused(int(told.id), Verb.CLASSIFY, category="hazard", sector="moon").reason == "sector_unknown"
    with pytest.raises(WrongOrderError):
        town.found(Source.PATROL, "hazard", "reported", sector="moon")


def test_a_joint_inspection_names_units_and_roles_that_the_organisation_knows(town: Town) -> None:
    town.hear(10, burner=3.0, temp=50.0)
    town.do(1, Verb.BEGIN, "e")
    assert town.refused(1, Verb.RELIEVE, "e", person="nobody", note="ill").reason == "person_unknown"
    passed = town.do(1, Verb.RELIEVE, "e", person="f", note="end of the shift")
    assert (passed.work.rectifier, passed.work.former) == ("f", ("e",))
    town.do(1, Verb.REPAIRED, "f")

    for joint, why in (((Present("moon"),), "unit_unknown"), ((Present("office", ("king",)),), "role_unknown")):
        assert town.refused(1, Verb.SUPERVISE, "g", note="seen", joint=joint).reason == why
    assert town.refused(1, Verb.SUPERVISE, "e", note="seen").reason == "rectifier_accepts"
    there = (Present("office", ("safety_officer",)), Present("town-office"))
    ticket = town.do(1, Verb.SUPERVISE, "g", note="seen", joint=there)
    named = [
        (each.unit, each.name and each.name.zh, [role.zh for role in each.role_names]) for each in ticket.work.joint
    ]
    assert named == [("office", "安委办", ["安全员"]), ("town-office", "镇安委办", [])]
    assert desk.events(town.engine, 1)[-1].payload["joint"][0] == {"unit": "office", "roles": ["safety_officer"]}


def picture(colour: str, size: tuple[int, int] = (80, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def test_a_sanitation_campaign_shows_before_and_after_or_nobody_accepts_it(town: Town, tmp_path: Path) -> None:
    number = int(town.found(Source.CAMPAIGN, "sanitation", "exposed_rubbish").id)
    cellar = Cellar(tmp_path / "attachments", 2**20, 10)

    def attach(data: bytes, phase: str = "", pair: int | None = None) -> AttachmentView:
        given = attachments.Given("e", f"{phase}.jpg", "", data, phase, pair)
        return attachments.attach(town.engine, cellar, number, given, at(town.now))[0]

    for verb, told in ((Verb.CLASSIFY, {}), (Verb.GRADE, {"grade": Grade.GENERAL}), (Verb.DISPATCH, {})):
        town.do(number, verb, **told)
    town.do(number, Verb.BEGIN, "e")
    for wrong, why in ((("after", None), "no_before"), (("after", 3), "no_before")):
        with pytest.raises(TicketRefusedError) as caught:
            attach(picture("red"), *wrong)
        assert (caught.value.reason, "整改前" in caught.value.zh) == (why, True)
    for data, phase, pair in ((b"a text", "before", None), (picture("red"), "", 1)):
        with pytest.raises(WrongOrderError):
            attach(data, phase, pair)
    assert attach(picture("red"), "before").pair == 1
    with pytest.raises(TicketRefusedError):
        attach(picture("red"), "before", 1)
    assert town.do(number, Verb.REPAIRED, "e").work.pairs_wanted == 1
    assert town.refused(number, Verb.ACCEPT, "g").reason == "photos_missing"
    attach(picture("blue", (30, 90)))  # of no pair: it is no proof of a change
    assert town.refused(number, Verb.ACCEPT, "g").reason == "photos_missing"
    after = attach(picture("green", (30, 90)), "after")
    assert (after.pair, desk.events(town.engine, number)[-1].payload["phase"]) == (1, "after")
    assert town.do(number, Verb.ACCEPT, "g").state == "accepted"

    made, _ = bundle.collect(town.engine, cellar, number, at(town.now))
    assert [each["pair"] for each in json.loads(made.files["pairs.json"])] == [1]
    with Image.open(io.BytesIO(made.files["pairs/pair-1.jpg"])) as both:
        left, right = both.convert("RGB").getpixel((10, 350)), both.convert("RGB").getpixel((both.width - 10, 350))
        assert (max(left), max(right)) == (left[0], right[1]), "before on the left, after on the right"  # type: ignore[arg-type, index]
    paper = evidence_of(Context(town.engine.site, at(town.now)), made)
    assert ([each.number for each in paper.pairs], len(paper.photos)) == ([1], 1)
