"""Pure. 《隐患排查治理台账》: every hazard of a period on a line, all grades (domain research §4.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.model import Align, Cell, Document, Names, Row, Table, Value
from alerts.paper.register import supervisor
from alerts.tickets.model import Proof

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,2})?")
_CENTRED = frozenset((0, 4, 5))
# (English, Chinese, width in mm)
_COLUMNS = (
    ("No.", "序号", 11), ("Found on", "排查时间", 27), ("Place, unit", "地点/单位", 26),
    ("Problem and hazard", "问题及隐患", 34), ("Grade", "等级", 12), ("Type", "类型", 12),
    ("Found by", "排查人员", 16), ("Measures", "整改措施", 31), ("Due", "整改期限", 27), ("Funds", "整改资金", 18),
    ("Unit", "整改单位", 20), ("Person", "整改责任人", 16), ("State", "完成情况", 16), ("Accepted by", "验收人", 16),
    ("Supervising unit", "督办单位", 17), ("Supervisor", "督办人员", 16), ("Written off on", "销号日期", 27),
    ("Re-check", "复查结果", 17), ("Number", "编号", 34),
)  # fmt: skip


def ledger(
    context: Context, found: Sequence[Case], span: tuple[int, int], unit: str = "", campaign: str = ""
) -> Document:
    """The list of the hazards that were found in [from, to), for one unit or for all."""
    say = context.say
    from_ms, to_ms = span
    head = tuple(Cell(say(en, zh), label=True, align=Align.CENTRE) for en, zh, _ in _COLUMNS)
    rows = tuple(_line(context, number, case) for number, case in enumerate(found, 1))
    if not rows:  # a zero report is a report
        rows = ((Cell(say("No hazard was found in this period.", "本期未发现隐患（零报告）。"), len(_COLUMNS)),),)
    period = context.span(from_ms, to_ms)
    whose = context.unit(unit) if unit else context.of(context.site.file.name)
    return Document(
        title=say("Ledger of Hazards and their Treatment", "隐患排查治理台账"),
        blocks=(Table(tuple(float(width) for _, _, width in _COLUMNS), (head, *rows), head=1, size=7.5),),
        names=Names(
            say(f"Ledger {whose} {period}", f"隐患排查治理台账-{whose}-{period}"),
            f"ledger-{unit or context.site.id}-{context.day(from_ms)}",
        ),
        language=context.language,
        above=(
            (say("Reported by", "填报单位"), whose),
            (say("Period", "排查时间"), period),
            (say("Hazards", "隐患数"), str(len(found))),
            *_campaign(context, found, campaign),
        ),
        signs=context.signs,
        header=context.of(context.site.file.name),
        footer=context.printed,
        landscape=True,
    )


def _campaign(context: Context, found: Sequence[Case], asked: str) -> tuple[tuple[str, str], ...]:
    """The campaign that was asked for, or to which every one of these belongs."""
    every = {case.campaign for case in found}
    name = asked or (every.pop() if len(every) == 1 else "")
    if not name:
        return ()
    words, basis = context.campaign(name)
    return (context.say("Campaign", "专项行动"), words), (context.say("Its basis", "行动依据"), basis)


def money(text: str) -> Value:
    """An amount that is nothing but a number is one; "about 3000" stays a text."""
    stripped = text.strip()
    if not _NUMBER.fullmatch(stripped):
        return text
    return float(stripped) if "." in stripped else int(stripped)


def finder(context: Context, case: Case) -> str:
    """Who found it: a person who wrote it down, or how it was found."""
    opened = next((step for step in case.steps if step.verb == "open"), None)
    name = "" if opened is None else context.person(opened.actor)
    is_person = opened is not None and not case.work.has_sensor and name
    return name if is_person else context.source(case.work.source)


def state(context: Context, case: Case) -> str:
    """How far it is; that nothing proves the repair is said here too."""
    words = context.of(case.work.state.hazard_word)
    return f"{words}\n{context.proof(case.work.proof)}" if case.work.proof is Proof.UNVERIFIED else words


def _line(context: Context, number: int, case: Case) -> Row:
    work = case.work
    unit, person = supervisor(context, case)
    joint = context.joint(case)
    unit = f"{unit}\n{context.say('with', '会同')}{context.say(' ', '')}{joint}" if joint else unit
    acceptors = "、".join(context.person(who) for _, who in work.accepted)
    values: tuple[Value, ...] = (
        number,
        context.day(case.opened_ms),
        context.spot(case),
        context.of(case.title) + (f"\n{case.text}" if case.text else ""),
        context.grade(work.grade),
        context.type_of(case),
        finder(context, case),
        work.plan.measures,
        context.day(work.due_ms),
        money(work.plan.funds),
        context.unit(work.lead_unit),
        context.person(work.rectifier),
        state(context, case),
        acceptors,
        unit,
        person,
        context.day(case.written_off_ms),
        context.proof(work.proof),
        case.number,
    )
    return tuple(
        Cell(value, align=Align.CENTRE if column in _CENTRED else Align.LEFT) for column, value in enumerate(values)
    )
