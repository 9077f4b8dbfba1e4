"""Pure. A report with the headings that its schedule names (six of them for plan 5, no. 145), as it was submitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.paper.context import Context
from alerts.paper.model import Align, Block, Cell, Document, Heading, Names, Paragraph, Table
from vocab.duties import Heading as Asked
from vocab.strict_toml import Text

_NUMERALS = "一二三四五六七八九十"
_DATA = {
    "tickets": Text(en="Tickets", zh="工单"),
    "alarms": Text(en="Alarms", zh="报警"),
    "stock": Text(en="Supplies", zh="物资"),
    "duties": Text(en="Duties", zh="任务"),
    "zones": Text(en="Risk areas", zh="风险区域"),
    "hauls": Text(en="Waste weighed in", zh="垃圾进厂过磅"),
}
_WORDS = {
    "loads": Text(en="loads", zh="车次"),
    "weight": Text(en="weight", zh="重量"),
    "lost": Text(en="never arrived", zh="未运抵"),
    "open": Text(en="open", zh="在办"),
    "open_now": Text(en="open now", zh="在办"),
    "hazard": Text(en="safety hazards", zh="安全隐患"),
    "sanitation": Text(en="sanitation", zh="环境卫生"),
    "maintenance": Text(en="maintenance", zh="设备维护"),
    "pending": Text(en="still to come", zh="未到期"),
    "opened": Text(en="opened", zh="新增"),
    "closed": Text(en="closed", zh="办结"),
    "overdue": Text(en="overdue", zh="逾期"),
    "done": Text(en="done", zh="已完成"),
    "late": Text(en="late", zh="迟报"),
    "missed": Text(en="missed", zh="漏办"),
    "waived": Text(en="waived", zh="豁免"),
    "raised": Text(en="raised", zh="发生"),
    "due": Text(en="due", zh="应办"),
    "high": Text(en="high", zh="高风险"),
    "medium": Text(en="medium", zh="中风险"),
    "low": Text(en="low", zh="低风险"),
    "level": Text(en="in stock", zh="库存"),
    "minimum": Text(en="minimum", zh="最低储备"),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """To whom a report went on, and the proof that it arrived."""

    to_unit: str
    sent_ms: int
    receipt: str = ""
    received_by: str = ""
    received_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was submitted: its texts by heading, and the numbers as they were then."""

    id: int
    schedule: str
    unit: str
    from_ms: int
    to_ms: int
    zero: bool
    texts: Mapping[str, str]
    numbers: Mapping[str, Any]
    note: str
    prepared_by: str
    submitted_ms: int
    reviewed_by: str = ""
    reviewed_ms: int | None = None
    review_note: str = ""
    sent: tuple[Sent, ...] = ()


def report(context: Context, told: Report) -> Document:
    """The document; its headings are those of the schedule, in their order."""
    say, duties = context.say, context.site.duties
    schedule = duties.schedules.get(told.schedule)
    title = context.of(schedule.name) if schedule is not None else told.schedule
    asked = [duties.headings[name] for name in schedule.headings] if schedule is not None else []
    span = f"{context.moment(told.from_ms):%Y-%m-%d %H:%M} – {context.moment(told.to_ms):%Y-%m-%d %H:%M}"
    day = context.day(told.to_ms)
    return Document(
        title=title,
        blocks=(*_body(context, told, asked), *_forwarded(context, told)),
        names=Names(f"{title}-{day}", f"report-{told.id}"),
        language=context.language,
        above=((say("Unit", "填报单位"), context.unit(told.unit)), (say("Period", "报告时段"), span)),
        signs=(
            (say("Prepared by", "填表人"), context.person(told.prepared_by)),
            (say("Reviewed by", "审核人"), context.person(told.reviewed_by)),
            (say("Date", "日期"), "" if told.reviewed_ms is None else str(context.day(told.reviewed_ms))),
        ),
        header=context.of(context.site.file.name),
        footer=context.printed,
    )


def _body(context: Context, told: Report, asked: Sequence[Asked]) -> Iterator[Block]:
    if told.zero:
        words = context.say("Zero report: nothing happened in this time.", "零报告：本时段未发生情况。")
        yield Paragraph(words)
    for number, heading in enumerate(asked):
        numeral = context.say(f"{number + 1}. ", f"{_NUMERALS[number]}、" if number < len(_NUMERALS) else "")
        yield Heading(numeral + context.of(heading.name))
        text = told.texts.get(heading.id, "")
        yield Paragraph(text or context.say("(nothing was written here)", "（未填写）"))
        for name in heading.data:
            yield from _numbers(context, name, told.numbers.get(name))
    others = {name: text for name, text in told.texts.items() if name not in {heading.id for heading in asked}}
    for text in others.values():
        yield Paragraph(text)
    if not asked:
        for counted, numbers in told.numbers.items():
            yield from _numbers(context, counted, numbers)
    if told.note:
        yield Paragraph(told.note)


def _numbers(context: Context, name: str, numbers: Any) -> Iterator[Block]:
    """What the system counted, beside what a person wrote."""
    flat = list(_flat(context, numbers))
    if not flat:
        return
    caption = context.of(_DATA.get(name)) or name
    rows = tuple((Cell(caption if at == 0 else ""), Cell(what), Cell(value)) for at, (what, value) in enumerate(flat))
    head = tuple(
        Cell(each, label=True, align=Align.CENTRE)
        for each in (context.say("Counted", "统计"), context.say("What", "项目"), context.say("Number", "数值"))
    )
    yield Table((40.0, 90.0, 50.0), (head, *rows), head=1)


def _flat(context: Context, numbers: Any, lead: str = "") -> Iterator[tuple[str, str | int | float]]:
    if isinstance(numbers, bool) or numbers is None:
        return
    if isinstance(numbers, int | float | str):
        yield lead, context.of(_WORDS.get(str(numbers))) or numbers
    elif isinstance(numbers, Mapping):
        for name, value in numbers.items():
            item = context.site.duties.stock.get(str(name))
            if item is not None and isinstance(value, int | float):
                yield context.of(item.name), f"{value:.15g} {context.of(item.unit_text)}"
                continue
            word = context.of(_WORDS.get(str(name))) or _known(context, str(name))
            yield from _flat(context, value, f"{lead} {word}".strip())
    elif isinstance(numbers, Sequence):
        for value in numbers:
            yield from _flat(context, value, lead)


def _known(context: Context, name: str) -> str:
    """A name of the site's own: a place, a unit."""
    place = context.site.org.places.get(name)
    return context.of(place.name) if place is not None else context.unit(name)


def _forwarded(context: Context, told: Report) -> Iterator[Block]:
    if told.review_note:
        yield Paragraph(context.say("Reviewer: ", "审核意见：") + told.review_note)
    if not told.sent:
        return
    say = context.say
    yield Heading(say("Forwarded", "报送情况"), 2)
    head = (
        say("To", "报送至"),
        say("Sent", "报送时间"),
        say("Received by", "接收人"),
        say("Receipt", "接收时间及凭证"),
    )
    yield Table(
        (50.0, 40.0, 40.0, 50.0),
        (
            tuple(Cell(each, label=True, align=Align.CENTRE) for each in head),
            *(
                (
                    Cell(context.unit(each.to_unit)),
                    Cell(context.moment(each.sent_ms)),
                    Cell(context.person(each.received_by)),
                    Cell(_receipt(context, each)),
                )
                for each in told.sent
            ),
        ),
        head=1,
    )


def _receipt(context: Context, each: Sent) -> str:
    if each.received_ms is None:
        return ""
    return f"{context.moment(each.received_ms):%Y-%m-%d %H:%M} {each.receipt}".strip()
