"""Pure. The brief that one shift hands to the next: what came, what went, what is left, what is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alerts.paper.bulletin import short_list
from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.model import Align, Block, Cell, Document, Heading, Names, Paragraph, Table
from alerts.paper.scores import Period, is_open, is_overdue


@dataclass(frozen=True, slots=True)
class HiddenAlarm:
    """An alarm that calls nobody: shelved, suppressed or out of service."""

    alarm: str
    how: str
    by: str
    why: str
    until_ms: int


_HOW_ZH = {"shelved": "搁置", "out_of_service": "退出运行", "suppressed": "检修抑制", "window": "检修抑制"}


def handover(context: Context, cases: Sequence[Case], hidden: Sequence[HiddenAlarm], period: Period) -> Document:
    """The document for the shift [from, to)."""
    say = context.say
    mine = [case for case in cases if case.counts]
    still = [case for case in mine if is_open(case, period.end_ms)]
    came = [case for case in mine if period.holds(case.opened_ms)]
    went = [case for case in mine if period.holds(case.closed_ms)]
    late = [case for case in still if is_overdue(case, period.end_ms)]
    span = f"{context.moment(period.from_ms):%Y-%m-%d %H:%M} – {context.moment(period.to_ms):%Y-%m-%d %H:%M}"
    summary = say(
        f"New {len(came)}, closed {len(went)}, open {len(still)}, overdue {len(late)}, hidden alarms {len(hidden)}.",
        f"本班新增{len(came)}件，办结{len(went)}件，在办{len(still)}件，逾期{len(late)}件，停用或搁置报警{len(hidden)}条。",
    )
    urgent = sorted(still, key=lambda case: (case.priority, case.opened_ms))
    return Document(
        title=say("Shift Hand-over Brief", "值班交接班简报"),
        blocks=(
            Paragraph(summary),
            *_part(context, say("1. Overdue", "一、逾期"), late),
            *_part(context, say("2. Open, the most urgent first", "二、在办（按紧急程度）"), urgent),
            *_part(context, say("3. New in this shift", "三、本班新增"), came),
            *_part(context, say("4. Closed in this shift", "四、本班办结"), went),
            Heading(say("5. Alarms that call nobody", "五、停用或搁置的报警")),
            *_hidden(context, hidden),
            Heading(say("6. Remarks", "六、交接事项")),
            Table((180.0,), ((Cell(None, height=25),),)),
        ),
        names=Names(
            say(f"Hand-over {context.day(period.to_ms)}", f"值班交接班简报-{context.day(period.to_ms)}"),
            f"handover-{context.day(period.to_ms)}",
        ),
        language=context.language,
        above=((say("Shift", "班次"), span),),
        signs=(
            (say("Handed over by", "交班人"), context.person(context.preparer)),
            (say("Taken over by", "接班人"), context.person(context.reviewer)),
            (say("Date", "日期"), ""),
        ),
        header=context.of(context.site.file.name),
        footer=context.printed,
    )


def _part(context: Context, title: str, cases: Sequence[Case]) -> tuple[Block, ...]:
    if not cases:
        return Heading(title), Paragraph(context.say("None.", "无。"))
    return Heading(f"{title} ({len(cases)})" if context.language == "en" else f"{title}（{len(cases)}件）"), short_list(
        context, cases
    )


def _hidden(context: Context, hidden: Sequence[HiddenAlarm]) -> Iterator[Block]:
    if not hidden:
        yield Paragraph(context.say("None.", "无。"))
        return
    say = context.say
    head = (say("Alarm", "报警"), say("How", "方式"), say("By", "操作人"), say("Why", "原因"), say("Until", "至"))
    yield Table(
        (60.0, 22.0, 26.0, 48.0, 32.0),
        (
            tuple(Cell(each, label=True, align=Align.CENTRE) for each in head),
            *(
                (
                    Cell(_alarm(context, each.alarm)),
                    Cell(say(each.how.replace("_", " "), _HOW_ZH.get(each.how, each.how)), align=Align.CENTRE),
                    Cell(context.person(each.by)),
                    Cell(each.why),
                    Cell(context.moment(each.until_ms)),
                )
                for each in hidden
            ),
        ),
        head=1,
        size=9.0,
    )


def _alarm(context: Context, alarm: str) -> str:
    """Which equipment and which rule: an alarm's id is ASSET.RULE, with a point after rules over every point."""
    asset_id, _, rest = alarm.partition(".")
    try:
        asset = context.site.asset(asset_id)
    except KeyError:
        return alarm
    pack = context.site.packs.get(asset.kind)
    rule = None if pack is None else pack.rules.get(rest.split(".")[0])
    name = rest if rule is None else context.of(rule.name)
    return context.say(f"{context.of(asset.name)}: {name}", f"{context.of(asset.name)}：{name}")
