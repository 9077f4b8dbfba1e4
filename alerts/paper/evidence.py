"""Pure. 《隐患处置证据材料》, what speaks for one ticket on paper: curves, rule, calls with receipts, steps, photos."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from alerts.paper.case import Case, Step
from alerts.paper.context import Context
from alerts.paper.evidence_words import LEVELS, STATES, VERBS
from alerts.paper.model import Align, Block, Cell, Document, Heading, Names, Paragraph, Picture, Row, Table, Value
from vocab.rule import Grade, Rule
from vocab.strict_toml import Text

_WIDE, _PHOTO_WIDE, _PHOTO_HIGH = 178.0, 110.0, 150.0  # mm


@dataclass(frozen=True, slots=True)
class Drawn:
    """One curve: of which point, in which unit, with which limits."""

    name: Text
    unit: str
    limits: tuple[float, ...]
    picture: bytes
    size: tuple[int, int]  # pixels


@dataclass(frozen=True, slots=True)
class Call:
    """One page to one person."""

    due_ms: int
    person: Text
    channel: Text
    state: str
    sent_ms: int | None
    receipt: str
    acked_ms: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Photo:
    """One that was attached; `size` None: no picture, only named."""

    name: str
    by: str
    at_ms: int
    note: str
    sha256: str
    data: bytes = b""
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """Photos from before and after, as one picture."""

    number: int
    before: Photo
    after: Photo
    data: bytes
    size: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is shown beside the case itself."""

    event: tuple[Drawn, ...] = ()
    check: tuple[Drawn, ...] = ()
    marks: tuple[tuple[str, int], ...] = ()  # letter, moment
    rules: tuple[Rule, ...] = ()
    pack_edition: str = ""
    version: int | None = None  # of the rules, when the alarm was raised
    calls: tuple[Call, ...] = ()
    pairs: tuple[Compared, ...] = ()
    photos: tuple[Photo, ...] = ()  # the others
    missing: tuple[str, ...] = ()


def evidence(context: Context, case: Case, told: Evidence) -> Document:
    """The document."""
    say = context.say
    return Document(
        title=say("Evidence of a Hazard and its Treatment", "隐患处置证据材料"),
        blocks=(
            Heading(say("1. The hazard", "一、隐患概况")), _about(context, case),
            Heading(say("2. Signal around the event", "二、事件前后监测曲线")), *_curves(context, told, told.event),
            Heading(say("3. Signal after the repair", "三、整改后验证曲线")), *_check(context, case, told),
            Heading(say("4. Rules that judged it", "四、判定规则")), *_rules(context, told),
            Heading(say("5. Calls and receipts", "五、通知与回执")), *_calls(context, told.calls),
            Heading(say("6. Steps", "六、处置过程")), _steps(context, case),
            Heading(say("7. Photos and papers", "七、照片与附件")),
            *_pairs(context, told.pairs), *_photos(context, told),
            *_missing(context, told.missing),
        ),
        names=Names(say(f"Evidence {case.number}", f"证据材料-{case.number}"), f"evidence-{case.number}"),
        language=context.language,
        above=((say("Number", "编号"), case.number),),
        signs=context.signs,
        header=context.of(context.site.file.name),
        footer=context.printed,
    )  # fmt: skip


def _table(widths: tuple[float, ...], head: Sequence[str], rows: Sequence[Sequence[Value]]) -> Table:
    first = tuple(Cell(each, label=True, align=Align.CENTRE) for each in head)
    return Table(widths, (first, *(tuple(Cell(value) for value in row) for row in rows)), head=1, size=9.0)


def _about(context: Context, case: Case) -> Table:
    say = context.say

    def pair(left: str, a: Value, right: str, b: Value) -> Row:
        return Cell(left, label=True), Cell(a), Cell(right, label=True), Cell(b)

    return Table(
        (30.0, 60.0, 30.0, 60.0),
        (
            (Cell(say("Name", "隐患名称"), label=True), Cell(context.of(case.title), 3)),
            (Cell(say("Place", "隐患地点"), label=True), Cell(context.spot(case), 3)),
            pair(
                say("Grade", "隐患级别"), context.grade(case.work.grade),
                say("State", "当前状态"), context.of(case.work.state.hazard_word),
            ),
            pair(
                say("Began at", "形成时间"), context.moment(case.raised_ms) if case.work.has_sensor else None,
                say("Found at", "发现时间"), context.moment(case.opened_ms),
            ),
            pair(
                say("Repair marked", "整改完成"), context.moment(case.work.repaired_ms),
                say("Sensor", "传感器验证"), context.proof(case.work.proof),
            ),
        ),
        size=9.0,
    )  # fmt: skip


def _curves(context: Context, told: Evidence, drawn: Sequence[Drawn]) -> tuple[Block, ...]:
    if not drawn:
        return (Paragraph(context.say("There is no signal of this time.", "无该时段监测数据。")),)
    blocks: list[Block] = []
    for each in drawn:
        limits = context.say(", ", "、").join(f"{limit:g}" for limit in sorted(each.limits))
        words = context.of(each.name) + (f"（{each.unit}）" if each.unit and context.language == "zh" else "")
        words += f" ({each.unit})" if each.unit and context.language == "en" else ""
        if limits:
            words += context.say(f"; dashed line: limit {limits}", f"；虚线为限值 {limits}")
        high = _WIDE * each.size[1] / each.size[0]
        blocks.append(Picture(each.picture, _WIDE, high, words))
    return (*blocks, Paragraph(_legend(context, told), small=True))


def _legend(context: Context, told: Evidence) -> str:
    names = {
        "A": context.say("alarm raised", "报警"),
        "B": context.say("repair marked", "标记整改完成"),
        "C": context.say("confirmed by the sensor", "传感器验证通过"),
    }
    parts = [f"{letter}：{names[letter]} {context.moment(at_ms):%Y-%m-%d %H:%M}" for letter, at_ms in told.marks]
    line = context.say("; ", "；").join(parts)
    clock = context.say("Times by the site's clock.", "时间为站点当地时间。")
    return f"{line}{context.say('. ', '。')}{clock}" if line else clock


def _check(context: Context, case: Case, told: Evidence) -> tuple[Block, ...]:
    if case.work.repaired_ms is None:
        return (Paragraph(context.say("No repair has been marked yet.", "尚未标记整改完成。")),)
    return _curves(context, told, told.check)


def _rules(context: Context, told: Evidence) -> tuple[Block, ...]:
    say = context.say
    if not told.rules:
        return (Paragraph(say("No rule: people found it.", "非规则判定，由人员发现。")),)
    rows = [
        (rule.id, context.of(rule.name), f"{rule.on_delay_s:g}", context.grade(rule.grade), _basis(rule))
        for rule in told.rules
    ]
    version = say("as shipped", "随包发布") if told.version is None else str(told.version)
    words = say(
        f"Edition of the pack: {told.pack_edition or '-'}; version of the rules when it was raised: {version}.",
        f"规则包版本：{told.pack_edition or '—'}；报警时规则版本：{version}。",
    )
    head = (
        say("Rule", "规则"),
        say("Name", "名称"),
        say("Delay, s", "延时(秒)"),
        say("Grade", "级别"),
        say("Basis", "依据"),
    )
    return _table((40.0, 50.0, 18.0, 16.0, 56.0), head, rows), Paragraph(words, small=True)


def _basis(rule: Rule) -> str:
    basis = rule.basis
    return " ".join(part for part in (basis.standard, basis.edition, basis.clause) if part)


def _calls(context: Context, calls: Sequence[Call]) -> tuple[Block, ...]:
    say = context.say
    if not calls:
        return (Paragraph(say("Nobody was called.", "未发出通知。")),)
    head = (
        say("Due", "应发时间"), say("Person", "人员"), say("Channel", "渠道"), say("State", "状态"),
        say("Sent", "发出时间"),
        say("Receipt", "回执"), say("Answered", "确认时间"),
    )  # fmt: skip
    rows = [
        (
            _second(context, each.due_ms), context.of(each.person), context.of(each.channel),
            context.of(STATES.get(each.state)) or each.state, _second(context, each.sent_ms),
            each.receipt or each.reason, _second(context, each.acked_ms),
        )
        for each in calls
    ]  # fmt: skip
    return (_table((30.0, 24.0, 22.0, 20.0, 30.0, 30.0, 30.0), head, rows),)


def _second(context: Context, at_ms: int | None) -> str:
    """With seconds: who was late is counted in them."""
    return "" if at_ms is None else f"{context.exact(at_ms):%Y-%m-%d %H:%M:%S}"


def _steps(context: Context, case: Case) -> Table:
    head = (
        context.say("Time", "时间"), context.say("Step", "环节"), context.say("Person", "人员"),
        context.say("Note", "说明"),
    )  # fmt: skip
    rows = [
        (
            _second(context, step.at_ms), context.of(VERBS.get(step.verb)) or step.verb, context.person(step.actor),
            context.say("; ", "；").join(part for part in (*_told(context, step), step.note) if part),
        )
        for step in case.steps
    ]  # fmt: skip
    return _table((36.0, 32.0, 32.0, 80.0), head, rows)


def _told(context: Context, step: Step) -> Iterator[str]:
    """What an order said beyond its note: level, unit, grade, receipt."""
    level, unit, grade = (str(step.told.get(name) or "") for name in ("level", "unit", "grade"))
    yield context.of(LEVELS.get(level)) or level
    yield context.unit(unit) if unit else ""
    yield context.grade(Grade(grade)) if grade in set(Grade) else ""
    yield str(step.told.get("receipt") or "")
    for told in step.told.get("joint") or ():
        yield context.unit(str(told.get("unit", "")))


def _pairs(context: Context, pairs: Sequence[Compared]) -> Iterator[Block]:
    """Each pair beside each other, the earlier on the left."""
    say = context.say
    for pair in pairs:
        wide, high = pair.size
        scale = min(_WIDE / wide, _PHOTO_HIGH / high)
        left = say("Left, before: ", "左图（整改前）：") + _taken(context, pair.before)
        right = say("Right, after: ", "右图（整改后）：") + _taken(context, pair.after)
        named = say(f"Pair {pair.number}", f"对比照片第{pair.number}组")
        yield Picture(pair.data, wide * scale, high * scale, f"{named}\n{left}\n{right}")


def _taken(context: Context, photo: Photo) -> str:
    told = (context.person(photo.by), _second(context, photo.at_ms), photo.note, f"SHA-256 {photo.sha256[:16]}…")
    return context.say(", ", "，").join(part for part in told if part)


def _photos(context: Context, told: Evidence) -> tuple[Block, ...]:
    say, photos = context.say, told.photos
    if not photos:
        return () if told.pairs else (Paragraph(say("Nothing was attached.", "无附件。")),)
    blocks: list[Block] = []
    for number, each in enumerate(photos, 1):
        gap = say(", ", "，")
        words = gap.join(
            part for part in (each.name or say("without a name", "未命名"), context.person(each.by),
                              _second(context, each.at_ms), each.note) if part
        )  # fmt: skip
        words = f"{number}. {words}（SHA-256 {each.sha256[:16]}…）"
        if each.size is None:
            blocks.append(Paragraph(words))
            continue
        wide, high = each.size
        scale = min(_PHOTO_WIDE / wide, _PHOTO_HIGH / high)
        blocks.append(Picture(each.data, wide * scale, high * scale, words))
    return tuple(blocks)


def _missing(context: Context, missing: Sequence[str]) -> tuple[Block, ...]:
    if not missing:
        return ()
    return Heading(context.say("8. What could not be had", "八、未能取得的材料")), *(
        Paragraph(each) for each in missing
    )
