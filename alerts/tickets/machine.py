"""Pure. The workflow of a ticket: one function, one table of what is possible where.

The law of this file
1. A command that is not possible changes nothing and says why, by a code and in words.
2. Who rectified never accepts; two levels of acceptance are two persons.
3. A major hazard is reported upward when it is graded, cannot be worked on without its five elements, and is not
   written off without proof that the report was received and without acceptance at both levels.
4. What a sensor watches is written off only when the sensor agrees. Somebody may close it all the same with a reason;
   then it says "unverified" for ever, and a major hazard never.
5. The clock stands still only while a ticket is deferred, which needs somebody else's approval. Reopening keeps the old
   clock: the time limit is that of the hazard, not of the paper.
6. What is not in the duty matrix is given to no unit before somebody has let it in (准入). A danger to life waits for
   that on paper alone: whoever was called begins at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from alerts.tickets.commands import SYSTEM, Command, Done, Refused, Verb, Why
from alerts.tickets.guards import incomplete, needs_approval, needs_note, no, not_admitted, unaccepted, unpaired
from alerts.tickets.model import Admission, Proof, State, Upward, Work
from alerts.tickets.possible import is_possible
from vocab.rule import Grade


def step(work: Work, command: Command) -> Done | Refused:
    """What a command makes of a ticket."""
    if not is_possible(work, command.verb):
        named = work.state.hazard_word
        return no(
            Why.NOT_HERE,
            f"{command.verb.value}: not possible while the ticket is “{named.en}”",
            f"工单处于“{named.zh}”状态，不能执行该操作",
        )
    return _HOW[command.verb](work, command)


def _classify(work: Work, command: Command) -> Done | Refused:
    category, sector = command.category or work.category, command.sector or work.sector
    return Done(work.to(State.CLASSIFIED, category=category, sector=sector))


def _grade(work: Work, command: Command) -> Done | Refused:
    if command.grade is None:
        return no(Why.GRADE_MISSING, "general or major?", "请选择隐患级别")
    if work.is_major and command.grade is not Grade.MAJOR:
        refused = needs_approval(command)  # nobody makes a major hazard small alone
        if refused is not None:
            return refused
    state = State.GRADED if work.state in (State.CLASSIFIED, State.GRADED, State.RETURNED) else work.state
    graded = work.to(state, grade=command.grade)
    return Done(graded, reports_upward=graded.is_major and graded.upward is None, tightens=graded.is_major)


def _report_upward(work: Work, command: Command) -> Done | Refused:
    if not command.unit:
        return no(Why.UNIT_MISSING, "to whom was it reported?", "请填写报送单位")
    return Done(replace(work, upward=Upward(command.unit, command.at_ms)))


def _received(work: Work, command: Command) -> Done | Refused:
    if work.upward is None:
        return no(Why.NOT_REPORTED_UPWARD, "it was not reported upward yet", "尚未上报")
    if not command.receipt.strip():
        return no(Why.NO_RECEIPT, "what proves that it was received?", "请填写接收凭证")
    told = replace(work.upward, receipt=command.receipt, received_by=command.person, received_ms=command.at_ms)
    return Done(replace(work, upward=told))


def _plan(work: Work, command: Command) -> Done | Refused:
    plan = command.plan or work.plan
    return Done(replace(work, plan=plan, due_ms=plan.time_limit_ms or work.due_ms))


def _dispatch(work: Work, command: Command) -> Done | Refused:
    unit = command.unit or work.lead_unit
    if not unit:
        return no(Why.UNIT_MISSING, "which unit is responsible?", "请选择责任单位")
    refused = incomplete(work) or not_admitted(work, command, unit)
    return refused or Done(replace(_admitted(work, command, unit), state=State.DISPATCHED, lead_unit=unit))


def _admitted(work: Work, command: Command, unit: str) -> Work:
    """The same with who let it in, where somebody had to."""
    if not work.held or (work.admission is not None and work.admission.unit == unit):
        return work
    told = Admission(unit, command.approver, command.actor, command.at_ms, command.note)
    return replace(work, admission=told)


def _return(work: Work, command: Command) -> Done | Refused:
    return needs_note(command) or Done(work.to(State.RETURNED))


def _begin(work: Work, command: Command) -> Done | Refused:
    who = command.person or command.actor
    return incomplete(work) or Done(work.to(State.RECTIFYING, rectifier=who, former=work.by(who)))


def _relieve(work: Work, command: Command) -> Done | Refused:
    """To a colleague; the clock runs on. Who did a part of it accepts it as little as who finishes it."""
    if not command.person:
        return no(Why.PERSON_MISSING, "to whom?", "请选择接手人")
    if command.person == work.rectifier:
        return no(Why.SAME_PERSON, "that person works on it already", "该人员已是整改人")
    passed = replace(work, rectifier=command.person, former=work.by(command.person))
    return needs_note(command) or Done(passed)


def _interim(work: Work, command: Command) -> Done | Refused:
    return needs_note(command) or Done(replace(work, interim=command.note), tightens=True)


def _repaired(work: Work, command: Command) -> Done | Refused:
    refused = incomplete(work)
    if refused is not None:
        return refused
    who = command.person or work.rectifier or command.actor
    proof = Proof.PENDING if work.has_sensor else Proof.NONE
    told = work.to(State.FEEDBACK, rectifier=who, former=work.by(who), repaired_ms=command.at_ms)
    return Done(replace(told, proof=proof, accepted=()))


def _verified(work: Work, command: Command) -> Done | Refused:
    if command.actor != SYSTEM:
        return no(Why.ONLY_THE_SENSOR, "only the sensor can say that", "只能由传感器确认")
    if not work.has_sensor:
        return no(Why.NO_SENSOR, "no sensor watches this", "该工单没有传感器")
    return Done(replace(work, proof=Proof.VERIFIED))


def _refuted(work: Work, command: Command) -> Done | Refused:
    if command.actor != SYSTEM:
        return no(Why.ONLY_THE_SENSOR, "only the sensor can say that", "只能由传感器确认")
    return Done(work.to(State.RECTIFYING, proof=Proof.NONE, repaired_ms=None, accepted=()))


def _supervise(work: Work, command: Command) -> Done | Refused:
    if command.actor in work.workers:
        return no(Why.RECTIFIER_ACCEPTS, "who rectified it does not inspect it", "整改人不能督查自己")
    return needs_note(command) or Done(work.to(State.SUPERVISED, joint=command.joint))


def _accept(work: Work, command: Command) -> Done | Refused:
    if command.actor in work.workers:
        return no(Why.RECTIFIER_ACCEPTS, "who rectified it does not accept it", "整改人不能验收自己")
    level = command.level if work.is_major else None
    return (
        unpaired(work)
        or _unaccepted_here(work, command)
        or Done(work.to(State.ACCEPTED, accepted=(*work.accepted, (level, command.actor))))
    )


def _unaccepted_here(work: Work, command: Command) -> Refused | None:
    """Law 2 and 3: why this person does not accept a major hazard at this level."""
    if not work.is_major:
        return None
    if work.has_sensor and work.proof is Proof.PENDING:
        return no(Why.NOT_VERIFIED, "the sensor does not agree yet", "传感器尚未确认恢复")
    if command.level is None:
        return no(Why.LEVEL_MISSING, "district or city?", "请选择验收级别（区、市）")
    if any(done == command.level for done, _ in work.accepted):
        return no(Why.LEVEL_TAKEN, "that level has accepted it already", "该级别已验收")
    if any(person == command.actor for _, person in work.accepted):
        return no(Why.ACCEPTED_TWICE_BY_ONE, "two levels are two persons", "两级验收不能为同一人")
    return None


def _reject(work: Work, command: Command) -> Done | Refused:
    again = work.to(State.RECTIFYING, proof=Proof.NONE, repaired_ms=None, accepted=())
    return needs_note(command) or Done(again)


def _write_off(work: Work, command: Command) -> Done | Refused:
    if work.is_major:
        refused = unaccepted(work)
        if refused is not None:
            return refused
    elif not work.accepted and not (work.proof is Proof.VERIFIED and command.actor == SYSTEM):
        return no(Why.NOT_ACCEPTED, "nobody has accepted it yet", "尚未验收")
    if not work.has_sensor or work.proof is Proof.VERIFIED:
        return Done(work.to(State.WRITTEN_OFF))
    if not command.unverified or work.is_major:
        return no(Why.NOT_VERIFIED, "the sensor does not agree yet", "传感器尚未确认恢复")
    return needs_note(command) or Done(work.to(State.WRITTEN_OFF, proof=Proof.UNVERIFIED))


def _evaluate(work: Work, command: Command) -> Done | Refused:
    return Done(work.to(State.EVALUATED))


def _defer(work: Work, command: Command) -> Done | Refused:
    if command.due_ms is None:
        return no(Why.DUE_MISSING, "until when?", "请填写挂账期限")
    return needs_approval(command) or Done(work.to(State.DEFERRED, before=work.state, paused_ms=command.at_ms))


def _resume(work: Work, command: Command) -> Done | Refused:
    """The time limit moves on by as long as the clock stood still."""
    stood = command.at_ms - (command.at_ms if work.paused_ms is None else work.paused_ms)
    due = None if work.due_ms is None else work.due_ms + stood
    return Done(work.to(work.before or State.GRADED, before=None, paused_ms=None, due_ms=due))


def _extend(work: Work, command: Command) -> Done | Refused:
    if command.due_ms is None:
        return no(Why.DUE_MISSING, "until when?", "请填写新的期限")
    return needs_approval(command) or Done(replace(work, due_ms=command.due_ms))


def _escalate(work: Work, command: Command) -> Done | Refused:
    if not command.unit:
        return no(Why.UNIT_MISSING, "to whom?", "请选择上级单位")
    if command.upward:  # who could let it in themselves ask nobody
        return Done(replace(work, lead_unit=command.unit))
    refused = not_admitted(work, command, command.unit)
    return refused or Done(replace(_admitted(work, command, command.unit), lead_unit=command.unit))


def _merge(work: Work, command: Command) -> Done | Refused:
    if command.ticket is None:
        return no(Why.ITSELF, "into which ticket?", "请选择合并到的工单")
    if work.is_major:
        refused = needs_approval(command)
        if refused is not None:
            return refused
    return needs_note(command) or Done(work.to(State.MERGED, merged_into=command.ticket))


def _discard(work: Work, command: Command) -> Done | Refused:
    """By people with an approval. The system itself ends only the ticket of a drill; nobody else may sign as it."""
    if command.actor == SYSTEM and not work.is_major:
        return needs_note(command) or Done(work.to(State.VOID))
    return needs_approval(command) or Done(work.to(State.VOID))


def _reopen(work: Work, command: Command) -> Done | Refused:
    """Law 5: `due_ms` stays."""
    again = work.to(State.RECTIFYING, proof=Proof.NONE, repaired_ms=None, accepted=())
    return needs_note(command) or Done(again, tightens=again.is_major)


_HOW: dict[Verb, Callable[[Work, Command], Done | Refused]] = {
    Verb.CLASSIFY: _classify,
    Verb.GRADE: _grade,
    Verb.REPORT_UPWARD: _report_upward,
    Verb.RECEIVED: _received,
    Verb.PLAN: _plan,
    Verb.DISPATCH: _dispatch,
    Verb.RETURN: _return,
    Verb.BEGIN: _begin,
    Verb.RELIEVE: _relieve,
    Verb.INTERIM: _interim,
    Verb.REPAIRED: _repaired,
    Verb.VERIFIED: _verified,
    Verb.REFUTED: _refuted,
    Verb.SUPERVISE: _supervise,
    Verb.ACCEPT: _accept,
    Verb.REJECT: _reject,
    Verb.WRITE_OFF: _write_off,
    Verb.EVALUATE: _evaluate,
    Verb.DEFER: _defer,
    Verb.RESUME: _resume,
    Verb.EXTEND: _extend,
    Verb.ESCALATE: _escalate,
    Verb.MERGE: _merge,
    Verb.DISCARD: _discard,
    Verb.REOPEN: _reopen,
}
