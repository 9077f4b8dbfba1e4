"""What a page may offer: the machine keeps every promise that an offer makes, and the rest is not offered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alerts.access.rights import Kind as Credential
from alerts.access.rights import Who, rights_of
from alerts.tickets.attachments import Cellar
from alerts.tickets.bodies import BODIES
from alerts.tickets.commands import Done, Refused, Verb, Why
from alerts.tickets.machine import step
from alerts.tickets.model import Admission, Level, Plan, Proof, Source, State, Upward, Work
from alerts.tickets.offers import Field, Kind, Offer, offers
from alerts.tickets.offers_api import Given, VerbsView, verbs_of
from alerts.tickets.possible import is_possible
from alerts.tickets.store import values_of
from runtime.files import load_site, shipped
from vocab.rule import Grade

ORG = load_site(shipped("sites") / "demo").org
FULL = Plan("unit", "replace the hose", "2000", 9_000, "evacuate")
NOW = 1_000
PEOPLE = ("a", "b", "worker")
TOLD: dict[Kind, object] = {
    Kind.TEXT: "x", Kind.LONG: "x", Kind.PERSON: "somebody else", Kind.UNIT: "unit", Kind.MOMENT: 5_000, Kind.TICKET: 7,
    Kind.FLAG: True,
}  # fmt: skip

accepted = st.lists(st.tuples(st.sampled_from([None, *Level]), st.sampled_from(PEOPLE)), max_size=2).map(tuple)
works = st.builds(
    Work,
    st.sampled_from(list(State)),
    st.sampled_from(list(Source)),
    st.sampled_from(list(Grade)),
    st.just("hazard"),
    st.sampled_from(["", "unit-a"]),
    rectifier=st.sampled_from(["", *PEOPLE]),
    plan=st.sampled_from([Plan(), replace(FULL, funds=""), FULL]),
    upward=st.sampled_from([None, Upward("district", 5), Upward("district", 5, "no. 7", "officer", 9)]),
    accepted=accepted,
    proof=st.sampled_from(list(Proof)),
    before=st.sampled_from([None, State.RECTIFYING]),
    paused_ms=st.sampled_from([None, 100]),
    former=st.sampled_from([(), ("b",)]),
    held=st.booleans(),
    urgent=st.booleans(),
    admission=st.sampled_from(
        [None, Admission("unit-a", "chief", "b", 5, "storm"), Admission("x", "chief", "b", 5, "y")]
    ),
    pairs_wanted=st.sampled_from([0, 1]),
    pairs=st.sampled_from([0, 1]),
)


def filled(fields: tuple[Field, ...]) -> dict[str, Any]:
    """Only what has to be told, choices in their first way that asks for nothing more."""
    told: dict[str, Any] = {}
    for field in fields:
        if field.only_if is not None and told.get(field.only_if[0]) != field.only_if[1]:
            continue
        if field.kind is Kind.CHOICE:
            told[field.name] = field.choices[0]
        elif field.required:
            told[field.name] = TOLD[field.kind]
    return told


@given(works, st.sampled_from(PEOPLE))
def test_an_offer_that_is_filled_in_as_it_asks_is_done(work: Work, actor: str) -> None:
    for offer in offers(work, actor, NOW):
        if offer.refused is None:
            body = BODIES[offer.verb].model_validate({"by": actor, **filled(offer.fields)})
            answer = step(work, body.command(offer.verb, NOW))
            assert isinstance(answer, Done), (offer, answer)


@given(works, st.sampled_from(PEOPLE))
def test_what_is_told_as_refused_is_refused_and_nothing_possible_is_left_out(work: Work, actor: str) -> None:
    found = {offer.verb: offer for offer in offers(work, actor, NOW)}
    assert set(found) == {verb for verb in BODIES if is_possible(work, verb)}
    for offer in found.values():
        if offer.refused is not None:
            told = {"note": "x", "level": "city", "unverified": True, "unit": "u", "approver": "z", "grade": "major"}
            told |= {"person": "somebody else", "due_ms": 5_000, "receipt": "x", "ticket": 7, "category": "hazard"}
            for name in ("responsibility", "measures", "funds", "emergency_plan"):
                told[name] = getattr(work.plan, name)
            body = BODIES[offer.verb].model_validate({"by": actor, **told})
            assert isinstance(step(work, body.command(offer.verb, NOW)), Refused)


def offered(work: Work, verb: Verb, actor: str = "a") -> Offer:
    return next(each for each in offers(work, actor, NOW) if each.verb is verb)


def names(offer: Offer) -> list[str]:
    return [field.name for field in offer.fields if field.required]


def test_a_major_hazard_is_asked_for_its_five_elements_its_report_and_two_levels() -> None:
    work = Work(State.GRADED, Source.SENSOR, Grade.MAJOR, "hazard", "unit-a")
    refused = offered(work, Verb.DISPATCH).refused
    assert refused is not None
    assert refused.why is Why.PLAN_INCOMPLETE
    plan = offered(work, Verb.PLAN)
    assert [field.name for field in plan.fields][:5] == [
        "responsibility", "measures", "funds", "time_limit_ms", "emergency_plan",
    ]  # fmt: skip
    assert names(offered(work, Verb.REPORT_UPWARD)) == ["unit"]
    repaired = replace(work, state=State.ACCEPTED, proof=Proof.VERIFIED, accepted=((Level.DISTRICT, "b"),))
    assert offered(repaired, Verb.ACCEPT).fields[0].choices == ("city",)
    assert offered(repaired, Verb.ACCEPT, "b").is_personal, "two levels are two persons"


def test_closing_against_the_sensor_asks_for_the_word_and_the_reason() -> None:
    work = Work(State.ACCEPTED, Source.SENSOR, Grade.GENERAL, proof=Proof.PENDING, accepted=((None, "b"),))
    assert names(offered(work, Verb.WRITE_OFF)) == ["unverified", "note"]
    assert names(offered(replace(work, proof=Proof.VERIFIED), Verb.WRITE_OFF)) == []


def told(work: Work, person: str, *, grid: str = "south", acked: bool = False) -> VerbsView:
    row = values_of(work) | {
        "id": 7, "source": work.source.value, "grid": grid, "acked_ms": 1 if acked else None,
        "closed_ms": None if work.state.is_open else 2,
    }  # fmt: skip
    found = ORG.people[person]
    who = Who(found.id, found.name, Credential.PERSON, rights_of(found, ORG))
    return verbs_of(row, work, who, Given(ORG, Cellar(Path(), 10 * 2**20, 50), NOW))


def test_each_person_is_offered_their_own_verbs_and_told_of_those_of_others() -> None:
    work = Work(State.DISPATCHED, Source.SENSOR, Grade.GENERAL, "hazard", "court-property")
    worker = told(work, "property-a")
    assert {each.verb for each in worker.offers} == {"acknowledge", "return", "begin", "interim", "repaired", "note"}
    closed = {each.verb: each.refused for each in worker.others}
    assert closed["grade"] is not None
    assert (closed["grade"].reason, "supervise" in closed["grade"].words.en) == ("not_your_work", True)
    assert worker.files is not None
    assert {"acknowledge", "grade", "escalate"} <= {each.verb for each in told(work, "supervisor-a").offers}

    supervisor = told(work, "supervisor-a")
    extend = next(each for each in supervisor.offers if each.verb == "extend")
    (approver,) = (field for field in extend.fields if field.name == "approver")
    assert {"supervisor-b", "duty-a"} <= set(approver.choices)
    assert not {"supervisor-a", "property-a", "riverside-director"} & set(approver.choices)

    for person, grid in (("court-police", "south"), ("property-a", "market")):
        outside = told(work, person, grid=grid)
        assert (outside.offers, outside.files) == ((), None)
        assert all(each.refused is not None for each in outside.others)
    assert "acknowledge" not in {each.verb for each in told(work, "property-a", acked=True).offers}


def test_what_is_not_in_the_matrix_asks_for_somebody_of_the_level_that_lets_it_in() -> None:
    work = Work(State.GRADED, Source.PATROL, Grade.GENERAL, "hazard", "court-committee", outside=True, held=True)
    dispatch = next(each for each in told(work, "duty-a").offers if each.verb == "dispatch")

    fields = {field.name: field for field in dispatch.fields}
    assert {name for name, field in fields.items() if field.required} == {"approver", "note"}
    assert {"safety-a", "city-a"} <= set(fields["approver"].choices)
    assert not {"supervisor-a", "duty-a"} & set(fields["approver"].choices), "of the sub-district: too low"
    assert "begin" not in {each.verb for each in told(work, "property-a").offers}
    danger = replace(work, source=Source.SENSOR, urgent=True)
    assert "begin" in {each.verb for each in told(danger, "property-a").offers}, "who was called begins at once"


def test_who_rectified_is_told_that_another_accepts() -> None:
    work = Work(State.FEEDBACK, Source.PATROL, Grade.GENERAL, rectifier="supervisor-a")
    refused = {each.verb: each.refused for each in told(work, "supervisor-a").others}
    assert refused["accept"] is not None
    assert refused["accept"].reason == "rectifier_accepts"
    assert "accept" in {each.verb for each in told(work, "supervisor-b").offers}
    closed = told(replace(work, state=State.WRITTEN_OFF), "supervisor-b")
    assert {each.verb for each in closed.offers} == {"evaluate", "reopen", "note"}
