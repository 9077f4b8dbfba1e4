"""Pure. What has to be there before a ticket may move: every guard says what is missing, or nothing."""

from __future__ import annotations

from alerts.tickets.commands import Command, Refused, Why
from alerts.tickets.model import Level, Work
from vocab.strict_toml import Text


def no(why: Why, en: str, zh: str) -> Refused:
    """A refusal in both languages."""
    return Refused(why, Text(en=en, zh=zh))


def needs_note(command: Command) -> Refused | None:
    """A reason in words."""
    return None if command.note.strip() else no(Why.NOTE_MISSING, "say why", "请填写原因")


def needs_approval(command: Command) -> Refused | None:
    """Somebody else's approval, and a reason."""
    if not command.approver:
        return no(Why.APPROVER_MISSING, "somebody has to approve it", "须有批准人")
    if command.approver == command.actor:
        return no(Why.APPROVER_IS_ACTOR, "nobody approves what they asked for", "申请人与批准人不能为同一人")
    return needs_note(command)


def incomplete(work: Work) -> Refused | None:
    """Law 3: what is missing before a major hazard may be worked on."""
    if not work.is_major:
        return None
    if work.plan.missing:
        named = ", ".join(work.plan.missing)
        return no(
            Why.PLAN_INCOMPLETE,
            f"a major hazard needs its five elements; missing: {named}",
            "重大隐患须落实责任、措施、资金、时限、预案五项",
        )
    if work.upward is None:
        return no(Why.NOT_REPORTED_UPWARD, "a major hazard is reported upward first", "重大隐患须先上报")
    return None


def not_admitted(work: Work, command: Command, unit: str) -> Refused | None:
    """Law 6: what is missing before a unit gets work that is not in the duty matrix."""
    if not work.held or (work.admission is not None and work.admission.unit == unit):
        return None
    if not command.approver:
        return no(
            Why.OUTSIDE_MATRIX,
            "this is not in the duty matrix: somebody has to approve it before a unit gets it",
            "该事项不在职责清单内，须经批准准入后方可交办",
        )
    return needs_approval(command)


def unpaired(work: Work) -> Refused | None:
    """What is missing of the photos before it may be accepted; what a sensor found is proven by the sensor."""
    left = work.pairs_wanted - work.pairs
    if work.has_sensor or left <= 0:
        return None
    return no(
        Why.PHOTOS_MISSING,
        f"photos from before and after are missing: {left} more pair{'s' if left > 1 else ''}",
        f"缺少整改前后对比照片：还需{left}组",
    )


def unaccepted(work: Work) -> Refused | None:
    """Law 3: what is missing before a major hazard may be written off."""
    refused = incomplete(work)
    if refused is not None:
        return refused
    if work.upward is None or work.upward.received_ms is None:
        return no(Why.NO_RECEIPT, "nothing proves that the upward report was received", "缺少上报接收凭证")
    if {level for level, _ in work.accepted} != set(Level):
        return no(Why.NOT_ACCEPTED, "a major hazard is accepted by district and city", "重大隐患须区、市两级验收")
    return None
