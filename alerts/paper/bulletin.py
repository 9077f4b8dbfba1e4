"""Pure. The periodic bulletin (通报) of how each committee does, with its score card (plan 1, no. 35, 36)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.model import Align, Block, Cell, Document, Heading, Names, Paragraph, Row, Table
from alerts.paper.scores import Looks, Period, Score, is_open, is_overdue, score, total

_COLUMNS = (
    ("Rank", "名次", 11), ("Committee", "居（村）民委员会", 40), ("Found", "发现", 12),
    ("of them major", "其中重大", 14),
    ("Written off", "销号", 13), ("Closure rate", "销号率", 17), ("Open", "在办", 12), ("Overdue", "逾期", 12),
    ("Re-opened", "重新立案", 14), ("Closed unverified", "未经验证关闭", 17), ("On time", "按期整改率", 18),
    ("Repeated", "重复发生率", 18),
)  # fmt: skip
_NOTHING = "—"


Known = frozenset[tuple[str, str]]


def scores_of(
    context: Context, cases: Iterable[Case], period: Period, known: Known, looks: Mapping[str, Looks] | None = None
) -> list[Score]:
    """Of every committee of the site, those with nothing to tell too; the best first."""
    by_unit: dict[str, list[Case]] = defaultdict(list)
    for grid in context.site.file.grid:
        if context.seen is None or grid.id in context.seen:
            by_unit[context.committee(grid.id)] = []
    for case in cases:
        by_unit[context.committee(case.grid)].append(case)
    looked = {} if looks is None else looks
    scores = [score(unit, mine, period, known, looked.get(unit, Looks())) for unit, mine in by_unit.items()]
    return sorted(scores, key=_order)


def _order(row: Score) -> tuple[float, float, int]:
    """On time first, then closed, then little overdue; who had nothing to do comes after who did it all."""
    on_time = 1.0 if row.on_time_rate is None else row.on_time_rate
    closed = 1.0 if row.closure_rate is None else row.closure_rate
    return -on_time, -closed, row.overdue


def ranked(scores: Sequence[Score]) -> list[tuple[int, Score]]:
    """With their ranks: those that did equally well have the same."""
    found: list[tuple[int, Score]] = []
    for number, row in enumerate(scores, 1):
        is_same = bool(found) and _order(row) == _order(found[-1][1])
        found.append((found[-1][0] if is_same else number, row))
    return found


def bulletin(
    context: Context, cases: Sequence[Case], period: Period, known: Known, looks: Mapping[str, Looks] | None = None
) -> Document:
    """The document."""
    say = context.say
    scores = scores_of(context, cases, period, known, looks)
    span = context.span(period.from_ms, period.to_ms)
    counted = [case for case in cases if case.counts]
    return Document(
        title=say("Bulletin on the Treatment of Hazards", "隐患排查治理工作情况通报"),
        blocks=(
            Heading(say("1. Overview", "一、总体情况")),
            Paragraph(_overview(context, total("", scores), span)),
            Heading(say("2. Score card of each committee", "二、各居（村）委会工作情况")),
            _table(context, scores),
            Paragraph(_definitions(context), small=True),
            *_list(
                context, say("3. Major hazards that are open", "三、未销号的重大隐患"),
                [case for case in counted if case.work.is_major and is_open(case, period.end_ms)],
            ),
            *_list(
                context, say("4. Overdue", "四、逾期未整改的隐患"),
                [case for case in counted if is_open(case, period.end_ms) and is_overdue(case, period.end_ms)],
            ),
            Heading(say("5. Inspections and spot checks", "五、检查评分与抽查")),
            _looks(context, scores),
        ),
        names=Names(
            say(f"Bulletin {span}", f"隐患排查治理工作情况通报-{span}"), f"bulletin-{context.day(period.from_ms)}"
        ),
        language=context.language,
        above=((say("Period", "通报时段"), span),),
        signs=context.signs,
        header=context.of(context.site.file.name),
        footer=context.printed,
    )  # fmt: skip


def percent(share: float | None) -> Cell:
    """A share, or a dash where there is nothing to take it of."""
    return Cell(_NOTHING, align=Align.CENTRE) if share is None else Cell(share, align=Align.CENTRE, percent=True)


def _overview(context: Context, every: Score, span: str) -> str:
    return context.say(
        f"From {span}, {every.found} hazards were found, {every.major} of them major; {every.closed} were written off. "
        f"At the end {every.open} were open, {every.overdue} of them overdue. {every.reopened} were opened again, "
        f"{every.unverified} were closed without proof by a sensor.",
        f"{span}，共发现隐患{every.found}项，其中重大隐患{every.major}项；销号{every.closed}项。"
        f"期末在办{every.open}项，其中逾期{every.overdue}项。重新立案{every.reopened}项次，"
        f"未经传感器验证关闭{every.unverified}项。",
    )


def _definitions(context: Context) -> str:
    return context.say(
        "Closure rate: of the hazards found in the period, those written off in it. On time: of the hazards repaired "
        "or due in the period, those repaired by their time limit. Repeated: of the hazards found, those that the same "
        "equipment had before. Ranked by on time, closure rate, overdue.",
        "注：销号率=本期发现并已销号数÷本期发现数；按期整改率=按期整改数÷本期整改或到期应整改数；"
        "重复发生率=同一设备同类隐患再次发生数÷本期发现数。名次依次按按期整改率、销号率、逾期数排列；“—”表示无可计数项。",
    )


def _table(context: Context, scores: Sequence[Score]) -> Table:
    head = tuple(Cell(context.say(en, zh), label=True, align=Align.CENTRE) for en, zh, _ in _COLUMNS)
    rows = [_row(context.unit(row.unit), row, Cell(rank, align=Align.CENTRE)) for rank, row in ranked(scores)]
    rows.append(_row(context.say("Total", "合计"), total("", scores), Cell(None)))
    return Table(tuple(float(width) for _, _, width in _COLUMNS), (head, *rows), head=1, size=8.5)


def _looks(context: Context, scores: Sequence[Score]) -> Block:
    """How often somebody looked, and what they found; in the order of the score card."""
    say = context.say
    if not any(row.inspections or row.checked for row in scores):
        return Paragraph(say("None.", "无。"))
    head = (
        say("Committee", "居（村）民委员会"), say("Inspections scored", "检查次数"),
        say("Average score", "平均得分率"), say("Spot checks", "抽查项数"), say("Consistent", "与自查一致"),
        say("Share consistent", "抽查一致率"),
    )  # fmt: skip
    rows = [
        (
            Cell(context.unit(row.unit)), _count(row.inspections), percent(row.inspection_rate), _count(row.checked),
            _count(row.consistent), percent(row.consistent_rate),
        )
        for row in scores
    ]  # fmt: skip
    labels = tuple(Cell(each, label=True, align=Align.CENTRE) for each in head)
    return Table((50.0, 28.0, 28.0, 28.0, 26.0, 28.0), (labels, *rows), head=1, size=9.0)


def _count(number: int) -> Cell:
    return Cell(number, align=Align.CENTRE)


def _row(name: str, row: Score, rank: Cell) -> Row:
    count = _count
    return (
        rank, Cell(name), count(row.found), count(row.major), count(row.closed), percent(row.closure_rate),
        count(row.open), count(row.overdue), count(row.reopened), count(row.unverified), percent(row.on_time_rate),
        percent(row.repeat_rate),
    )  # fmt: skip


def _list(context: Context, title: str, cases: Sequence[Case]) -> tuple[Block, ...]:
    if not cases:
        return Heading(title), Paragraph(context.say("None.", "无。"))
    return Heading(title), short_list(context, cases)


def short_list(context: Context, cases: Sequence[Case]) -> Table:
    """Number, hazard, who, by when, how far."""
    say = context.say
    head = (
        say("Number", "编号"), say("Hazard", "隐患"), say("Grade", "等级"), say("Unit", "责任单位"),
        say("Due", "整改期限"), say("State", "状态"),
    )  # fmt: skip
    return Table(
        (40.0, 50.0, 13.0, 36.0, 25.0, 24.0),
        (
            tuple(Cell(each, label=True, align=Align.CENTRE) for each in head),
            *(
                (
                    Cell(case.number),
                    Cell(context.of(case.title)),
                    Cell(context.grade(case.work.grade), align=Align.CENTRE),
                    Cell(context.unit(case.work.lead_unit)),
                    Cell(context.day(case.work.due_ms)),
                    Cell(context.of(case.work.state.hazard_word)),
                )
                for case in cases
            ),
        ),
        head=1,
        size=9.0,
    )
