"""The workflow of a ticket: what is possible, what is refused and why, and what no path can do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.tickets.commands import SYSTEM, Command, Done, Refused, Verb, Why
from alerts.tickets.machine import step
from alerts.tickets.model import Level, Plan, Present, Proof, Source, State, Work
from alerts.tickets.possible import is_possible
from vocab.rule import Grade

FULL = Plan("unit", "replace the hose", "2000", 9_000, "evacuate")


def work(**changes: object) -> Work:
    return replace(Work(State.FILED, Source.SENSOR, Grade.GENERAL, "hazard", "unit-a"), **changes)  # type: ignore[arg-type]


def do(ticket: Work, verb: Verb, actor: str = "a", **changes: object) -> Work:
    answer = step(ticket, Command(verb, actor, 1_000, **changes))  # type: ignore[arg-type]
    assert isinstance(answer, Done), answer
    return answer.work


def refused(ticket: Work, verb: Verb, actor: str = "a", **changes: object) -> Why:
    answer = step(ticket, Command(verb, actor, 1_000, **changes))  # type: ignore[arg-type]
    assert isinstance(answer, Refused), answer
    assert answer.words.en
    assert answer.words.zh
    return answer.why


def in_repair(**changes: object) -> Work:
    ticket = do(do(do(work(**changes), Verb.CLASSIFY), Verb.GRADE, grade=Grade.GENERAL), Verb.DISPATCH)
    return do(ticket, Verb.BEGIN, "worker")


def major_in_feedback() -> Work:
    ticket = do(do(work(), Verb.CLASSIFY), Verb.GRADE, grade=Grade.MAJOR)
    ticket = do(do(ticket, Verb.REPORT_UPWARD, unit="district"), Verb.PLAN, plan=FULL)
    return do(do(do(ticket, Verb.DISPATCH), Verb.BEGIN, "worker"), Verb.REPAIRED, "worker")


def test_a_general_hazard_is_written_off_when_the_sensor_agrees() -> None:
    ticket = do(in_repair(), Verb.REPAIRED, "worker")
    assert ticket.proof is Proof.PENDING

    ticket = do(do(ticket, Verb.VERIFIED, SYSTEM), Verb.WRITE_OFF, SYSTEM)
    assert (ticket.state, ticket.proof) == (State.WRITTEN_OFF, Proof.VERIFIED)


def test_a_repair_that_the_sensor_refutes_goes_back_with_its_old_time_limit() -> None:
    ticket = do(replace(in_repair(), due_ms=77), Verb.REPAIRED, "worker")

    ticket = do(ticket, Verb.REFUTED, SYSTEM)
    assert (ticket.state, ticket.due_ms, ticket.repaired_ms) == (State.RECTIFYING, 77, None)


def test_closing_against_the_sensor_needs_a_reason_and_says_so_for_ever() -> None:
    ticket = do(do(in_repair(), Verb.REPAIRED, "worker"), Verb.ACCEPT, "boss")

    assert refused(ticket, Verb.WRITE_OFF, "boss") is Why.NOT_VERIFIED
    assert refused(ticket, Verb.WRITE_OFF, "boss", unverified=True) is Why.NOTE_MISSING
    ticket = do(ticket, Verb.WRITE_OFF, "boss", unverified=True, note="the detector was taken away")
    assert ticket.proof is Proof.UNVERIFIED


def test_who_rectified_never_accepts() -> None:
    ticket = do(in_repair(source=Source.PATROL), Verb.REPAIRED, "worker")

    assert refused(ticket, Verb.ACCEPT, "worker") is Why.RECTIFIER_ACCEPTS
    assert refused(ticket, Verb.SUPERVISE, "worker", note="x") is Why.RECTIFIER_ACCEPTS
    assert do(do(ticket, Verb.ACCEPT, "boss"), Verb.WRITE_OFF, "boss").state is State.WRITTEN_OFF


def test_a_major_hazard_needs_report_plan_two_levels_and_the_sensor() -> None:
    ticket = do(do(work(), Verb.CLASSIFY), Verb.GRADE, grade=Grade.MAJOR)
    assert refused(ticket, Verb.DISPATCH) is Why.PLAN_INCOMPLETE
    ticket = do(ticket, Verb.PLAN, plan=replace(FULL, funds=" "))
    assert refused(ticket, Verb.DISPATCH) is Why.PLAN_INCOMPLETE
    ticket = do(ticket, Verb.PLAN, plan=FULL)
    assert refused(ticket, Verb.DISPATCH) is Why.NOT_REPORTED_UPWARD

    ticket = major_in_feedback()
    assert refused(ticket, Verb.ACCEPT, "x", level=Level.DISTRICT) is Why.NOT_VERIFIED
    ticket = do(ticket, Verb.VERIFIED, SYSTEM)
    assert refused(ticket, Verb.ACCEPT, "x") is Why.LEVEL_MISSING
    ticket = do(ticket, Verb.ACCEPT, "x", level=Level.DISTRICT)
    assert refused(ticket, Verb.ACCEPT, "x", level=Level.CITY) is Why.ACCEPTED_TWICE_BY_ONE
    assert refused(ticket, Verb.ACCEPT, "y", level=Level.DISTRICT) is Why.LEVEL_TAKEN
    assert refused(ticket, Verb.WRITE_OFF, "y") is Why.NO_RECEIPT
    ticket = do(ticket, Verb.RECEIVED, receipt="fax 7", person="z")
    assert refused(ticket, Verb.WRITE_OFF, "y") is Why.NOT_ACCEPTED
    ticket = do(do(ticket, Verb.ACCEPT, "y", level=Level.CITY), Verb.WRITE_OFF, "y")
    assert ticket.state is State.WRITTEN_OFF


def test_grading_a_hazard_major_asks_for_the_report_at_once_and_for_a_closer_watch() -> None:
    answer = step(do(work(), Verb.CLASSIFY), Command(Verb.GRADE, "a", 1, grade=Grade.MAJOR))

    assert isinstance(answer, Done)
    assert answer.reports_upward
    assert answer.tightens


def test_nobody_makes_a_major_hazard_small_alone() -> None:
    ticket = do(do(work(), Verb.CLASSIFY), Verb.GRADE, grade=Grade.MAJOR)

    assert refused(ticket, Verb.GRADE, grade=Grade.GENERAL) is Why.APPROVER_MISSING
    assert refused(ticket, Verb.GRADE, grade=Grade.GENERAL, approver="a") is Why.APPROVER_IS_ACTOR
    assert do(ticket, Verb.GRADE, grade=Grade.GENERAL, approver="b", note="measured").grade is Grade.GENERAL


def test_the_clock_stands_still_only_while_a_ticket_is_deferred() -> None:
    ticket = replace(in_repair(), due_ms=10_000)
    ticket = do(ticket, Verb.DEFER, approver="boss", note="frost", due_ms=50_000)
    answer = step(ticket, Command(Verb.RESUME, "a", 4_000))

    assert isinstance(answer, Done)
    assert (answer.work.state, answer.work.due_ms) == (State.RECTIFYING, 13_000)


def test_reopening_keeps_the_old_clock() -> None:
    ticket = do(do(replace(in_repair(), due_ms=10), Verb.REPAIRED, "worker"), Verb.VERIFIED, SYSTEM)
    ticket = do(do(ticket, Verb.WRITE_OFF, SYSTEM), Verb.REOPEN, note="it leaks again")

    assert (ticket.state, ticket.due_ms) == (State.RECTIFYING, 10)


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_its_words_in_both_vocabularies(state: State) -> None:
    assert state.hazard_word.zh
    assert state.hazard_word.en
    assert state.city_step.zh


def test_only_the_sensor_speaks_for_the_sensor() -> None:
    ticket = do(in_repair(), Verb.REPAIRED, "worker")

    assert refused(ticket, Verb.VERIFIED, "worker") is Why.ONLY_THE_SENSOR
    assert refused(ticket, Verb.REFUTED, "worker") is Why.ONLY_THE_SENSOR


people = st.sampled_from(("a", "b", "worker", SYSTEM))
commands = st.builds(
    Command,
    st.sampled_from(list(Verb)),
    people,
    st.integers(0, 10**6),
    note=st.sampled_from(("", "because")),
    approver=st.sampled_from(("", "a", "b")),
    unit=st.sampled_from(("", "district")),
    person=st.sampled_from(("", "worker", "b")),
    grade=st.sampled_from((None, *Grade)),
    level=st.sampled_from((None, *Level)),
    plan=st.sampled_from((None, FULL, Plan("x"))),
    due_ms=st.sampled_from((None, 5_000)),
    ticket=st.sampled_from((None, 2)),
    receipt=st.sampled_from(("", "fax")),
    unverified=st.booleans(),
    upward=st.booleans(),
)
works = st.builds(
    work,
    source=st.sampled_from(list(Source)),
    grade=st.sampled_from(list(Grade)),
    held=st.booleans(),
    urgent=st.booleans(),
    pairs_wanted=st.sampled_from((0, 0, 1)),
)


# Nobody meets a closed major hazard by drawing orders blindly. So the way to one is walked, and a few of its steps are
# left out, given by somebody else, or given otherwise: what no such way may lead to is what a guard is there to forbid.
WAY = (
    Command(Verb.CLASSIFY, "b", 1),
    Command(Verb.GRADE, "b", 1, grade=Grade.MAJOR),
    Command(Verb.REPORT_UPWARD, "b", 1, unit="district"),
    Command(Verb.RECEIVED, "b", 1, receipt="fax", person="b"),
    Command(Verb.PLAN, "b", 1, plan=FULL),
    Command(Verb.DISPATCH, "b", 1, unit="unit-a"),
    Command(Verb.BEGIN, "worker", 1),
    Command(Verb.REPAIRED, "worker", 1),
    Command(Verb.VERIFIED, SYSTEM, 1),
    Command(Verb.ACCEPT, "b", 1, level=Level.DISTRICT),
    Command(Verb.ACCEPT, "c", 1, level=Level.CITY),
    Command(Verb.WRITE_OFF, "b", 1, "done", unverified=True),
)


@st.composite
def ways(draw: st.DrawFn) -> list[Command]:
    """The way with at most three slips."""
    way = list(WAY)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(way) - 1))
        slip = draw(st.sampled_from(("left out", "by another", "otherwise", "something between")))
        meant = way[place]
        if slip == "left out":
            del way[place]
        elif slip == "by another":
            way[place] = replace(meant, actor=draw(people), person=draw(st.sampled_from(("", "b", "c"))))
        elif slip == "otherwise":
            way[place] = replace(draw(commands), verb=meant.verb, actor=meant.actor)
        else:
            way.insert(place, draw(commands))
    return way


def missing(ticket: Work) -> str | None:
    """What is missing from a major hazard that was written off."""
    persons = {person for _, person in ticket.accepted}
    is_there = {
        "five elements": not ticket.plan.missing,
        "report upward": ticket.upward is not None,
        "receipt": ticket.upward is not None and ticket.upward.received_ms is not None and ticket.upward.receipt != "",
        "two levels": {level for level, _ in ticket.accepted} == set(Level),
        "two persons": len(persons) == 2,
        "none of them one who worked on it": not persons & set(ticket.workers),
        "verification": not ticket.has_sensor or ticket.proof is Proof.VERIFIED,
    }
    return next((name for name, found in is_there.items() if not found), None)


@given(works, st.one_of(ways(), st.lists(commands, max_size=60)))
@settings(max_examples=600, deadline=None)
def test_no_path_closes_a_major_hazard_without_all_that_it_needs(ticket: Work, asked: list[Command]) -> None:
    for command in asked:
        before = ticket
        answer = step(ticket, command)
        if isinstance(answer, Refused):
            assert ticket == before, "what is refused changes nothing"
            assert answer.words.en, "and says why"
            assert answer.words.zh
            continue
        ticket = answer.work
        if ticket.state is State.WRITTEN_OFF and ticket.is_major:
            assert missing(ticket) is None
        if ticket.state is State.WRITTEN_OFF and ticket.has_sensor:
            assert ticket.proof in (Proof.VERIFIED, Proof.UNVERIFIED)
        if command.verb is Verb.VERIFIED:
            assert command.actor == SYSTEM
        assert uninvited(before, ticket, command) is None
        if command.verb is Verb.ACCEPT:
            assert ticket.has_sensor or ticket.pairs >= ticket.pairs_wanted
            assert command.actor not in ticket.workers


def uninvited(before: Work, ticket: Work, command: Command) -> str | None:
    """What is wrong with how work that is not in the duty matrix came to where it is."""
    admission, has_moved = ticket.admission, ticket.lead_unit != before.lead_unit
    is_new = admission is not None and admission != before.admission
    wrong = {
        "a unit has it, and nobody let it in": ticket.state is State.DISPATCHED and admission is None,
        "it was let in for another unit": command.verb is Verb.DISPATCH
        and admission is not None
        and admission.unit != ticket.lead_unit,
        "who asked for it let it in, or nobody did": is_new and admission.approver in ("", command.actor),  # type: ignore[union-attr]
        "nobody said why": is_new and not admission.reason,  # type: ignore[union-attr]
        "somebody works on it, and no life is in danger": command.verb is Verb.BEGIN
        and admission is None
        and not ticket.urgent,
        "it was handed on, and nobody let it in there": has_moved
        and not command.upward
        and (admission is None or admission.unit != ticket.lead_unit),
    }
    return next((name for name, found in wrong.items() if found), None) if ticket.held else None


OUTSIDE = (
    Command(Verb.CLASSIFY, "b", 1),
    Command(Verb.GRADE, "b", 1, grade=Grade.GENERAL),
    Command(Verb.DISPATCH, "b", 1, "the only hands near by", approver="chief", unit="unit-a"),
    Command(Verb.BEGIN, "worker", 1),
    Command(Verb.RELIEVE, "worker", 1, "end of the shift", person="c"),
    Command(Verb.REPAIRED, "c", 1),
    Command(Verb.SUPERVISE, "b", 1, "looked at", joint=(Present("fire", ("officer",)),)),
    Command(Verb.ACCEPT, "b", 1),
    Command(Verb.WRITE_OFF, "b", 1),
)


def test_work_outside_the_matrix_reaches_a_unit_with_an_approval_and_its_whole_way() -> None:
    ticket = work(source=Source.PATROL, outside=True, held=True, pairs_wanted=1, pairs=1)
    for command in OUTSIDE:
        answer = step(ticket, command)
        assert isinstance(answer, Done), (command.verb, answer)
        assert uninvited(ticket, answer.work, command) is None
        ticket = answer.work

    assert (ticket.state, ticket.workers, ticket.joint) == (State.WRITTEN_OFF, ("worker", "c"), OUTSIDE[6].joint)
    assert ticket.admission is not None
    assert (ticket.admission.approver, ticket.admission.unit) == ("chief", "unit-a")


def test_outside_the_matrix_no_unit_gets_it_without_an_approval_of_somebody_else_and_a_reason() -> None:
    ticket = do(do(work(source=Source.PATROL, held=True), Verb.CLASSIFY), Verb.GRADE, grade=Grade.GENERAL)

    assert refused(ticket, Verb.DISPATCH) is Why.OUTSIDE_MATRIX
    assert refused(ticket, Verb.DISPATCH, SYSTEM) is Why.OUTSIDE_MATRIX
    assert refused(ticket, Verb.DISPATCH, approver="a", note="x") is Why.APPROVER_IS_ACTOR
    assert refused(ticket, Verb.DISPATCH, approver="b") is Why.NOTE_MISSING
    assert refused(ticket, Verb.ESCALATE, unit="another") is Why.OUTSIDE_MATRIX
    assert do(ticket, Verb.ESCALATE, unit="city", upward=True).lead_unit == "city", "upward it goes freely"
    assert refused(ticket, Verb.BEGIN) is Why.NOT_HERE
    let_in = do(ticket, Verb.DISPATCH, approver="b", note="x")
    assert refused(let_in, Verb.ESCALATE, unit="another") is Why.OUTSIDE_MATRIX, "let in for one unit, not for all"
    back = do(let_in, Verb.RETURN, note="no hands")
    assert do(back, Verb.DISPATCH).state is State.DISPATCHED, "to the same unit again: it was let in there"
    assert refused(back, Verb.DISPATCH, unit="another") is Why.OUTSIDE_MATRIX


def test_a_danger_to_life_is_begun_by_whoever_was_called_before_anybody_approved_it() -> None:
    ticket = do(do(work(held=True, urgent=True), Verb.CLASSIFY), Verb.GRADE, grade=Grade.GENERAL)

    assert refused(ticket, Verb.DISPATCH) is Why.OUTSIDE_MATRIX, "the burden waits"
    ticket = do(do(ticket, Verb.BEGIN, "worker"), Verb.REPAIRED, "worker")
    ticket = do(do(ticket, Verb.VERIFIED, SYSTEM), Verb.WRITE_OFF, SYSTEM)
    assert (ticket.state, ticket.admission) == (State.WRITTEN_OFF, None)


def test_work_is_passed_to_a_colleague_with_a_reason_and_neither_of_them_accepts_it() -> None:
    ticket = replace(in_repair(source=Source.PATROL), due_ms=77)

    assert refused(ticket, Verb.RELIEVE, "worker", note="ill") is Why.PERSON_MISSING
    assert refused(ticket, Verb.RELIEVE, "worker", person="worker", note="ill") is Why.SAME_PERSON
    assert refused(ticket, Verb.RELIEVE, "worker", person="b") is Why.NOTE_MISSING
    ticket = do(ticket, Verb.RELIEVE, "worker", person="b", note="ill")
    assert (ticket.state, ticket.rectifier, ticket.due_ms) == (State.RECTIFYING, "b", 77), "the clock runs on"
    ticket = do(ticket, Verb.REPAIRED, "b")
    assert refused(ticket, Verb.ACCEPT, "b") is Why.RECTIFIER_ACCEPTS
    assert refused(ticket, Verb.ACCEPT, "worker") is Why.RECTIFIER_ACCEPTS
    assert refused(ticket, Verb.SUPERVISE, "worker", note="x") is Why.RECTIFIER_ACCEPTS
    assert do(ticket, Verb.ACCEPT, "boss").state is State.ACCEPTED


def test_where_photos_from_before_and_after_are_asked_for_nobody_accepts_without_them() -> None:
    ticket = do(in_repair(source=Source.CAMPAIGN, pairs_wanted=2, pairs=1), Verb.REPAIRED, "worker")

    assert refused(ticket, Verb.ACCEPT, "boss") is Why.PHOTOS_MISSING
    assert do(replace(ticket, pairs=2), Verb.ACCEPT, "boss").state is State.ACCEPTED


def test_the_way_itself_closes_it() -> None:
    ticket = work()
    for command in WAY:
        answer = step(ticket, command)
        assert isinstance(answer, Done), (command.verb, answer)
        ticket = answer.work
    assert (ticket.state, missing(ticket)) == (State.WRITTEN_OFF, None)


@given(works, commands)
@settings(max_examples=200, deadline=None)
def test_a_verb_is_possible_only_where_the_table_says(ticket: Work, command: Command) -> None:
    if not is_possible(ticket, command.verb):
        answer = step(ticket, command)
        assert isinstance(answer, Refused)
        assert answer.why is Why.NOT_HERE
