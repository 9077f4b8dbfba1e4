"""Pure. 《重大事故隐患登记表》, the form of one major hazard: the union of the forms in use (domain research §4.3).

docs/reference/paper.md tells of each field where it comes from. What is not known is left empty, for a pen.
"""

from __future__ import annotations

from alerts.paper.case import Case
from alerts.paper.context import Context
from alerts.paper.model import Align, Cell, Document, Names, Row, Table, Value
from alerts.tickets.model import Level, State

_WIDTHS = (31.0, 56.0, 29.0, 64.0)
_SHOWN_EVIDENCE = 4
_TALL = 11.0


def register(context: Context, case: Case) -> Document:
    """The form."""
    say = context.say
    rows = (
        *_top(context, case),
        *_unit(context, case),
        *_hazard(context, case),
        *_plan(context, case),
        *_duty(context, case),
        *_acceptance(context, case),
        _row(_label(say("Stamps", "签章")), Cell(None, 3, height=18)),
    )
    return Document(
        title=say("Register of a Major Hazard", "重大事故隐患登记表"),
        blocks=(Table(_WIDTHS, rows, size=9.0),),
        names=Names(
            say(f"Major hazard {case.number}", f"重大事故隐患登记表-{case.number}"), f"major-hazard-{case.number}"
        ),
        language=context.language,
        signs=context.signs,
        header=context.of(context.site.file.name),
        footer=context.printed,
    )


def _label(text: str) -> Cell:
    return Cell(text, label=True, align=Align.CENTRE)


def _row(*cells: Cell) -> Row:
    return cells


def _pair(left: str, a: Value, right: str, b: Value) -> Row:
    return _row(_label(left), Cell(a), _label(right), Cell(b))


def _wide(name: str, value: Value, height: float = 0.0) -> Row:
    return _row(_label(name), Cell(value, 3, height=height))


def _part(text: str) -> Row:
    return _row(Cell(text, 4, label=True))


def _top(context: Context, case: Case) -> tuple[Row, ...]:
    say, committee = context.say, context.committee(case.grid)
    return (
        _pair(say("Number", "编号"), case.number, say("Grade", "隐患级别"), context.grade(case.work.grade)),
        _pair(
            say("Reported by", "填报单位"), context.unit(committee),
            say("State", "当前状态"), context.of(case.work.state.hazard_word),
        ),
        *_campaign(context, case),
    )  # fmt: skip


def _campaign(context: Context, case: Case) -> tuple[Row, ...]:
    if not case.campaign:
        return ()
    name, basis = context.campaign(case.campaign)
    return (_wide(context.say("Campaign", "专项行动"), name), _wide(context.say("Its basis", "行动依据"), basis))


def _unit(context: Context, case: Case) -> tuple[Row, ...]:
    say, unit = context.say, context.site.org.units.get(case.work.lead_unit)
    return (
        _part(say("1. Unit with the hazard", "一、隐患单位")),
        _pair(
            say("Name", "单位名称"), context.unit(case.work.lead_unit),
            say("Address", "单位地址"), "" if unit is None else context.address(unit.place),
        ),
        _pair(say("Head", "负责人"), None, say("Telephone", "联系电话"), context.phone(case.work.rectifier)),
    )  # fmt: skip


def _hazard(context: Context, case: Case) -> tuple[Row, ...]:
    say, asset = context.say, context.asset(case)
    place = context.site.org.places.get(case.grid)
    latitude = case.latitude if case.latitude is not None or asset is None else asset.latitude
    longitude = case.longitude if case.longitude is not None or asset is None else asset.longitude
    position = "" if latitude is None or longitude is None else f"{longitude:.6f}, {latitude:.6f}"
    began = context.moment(case.raised_ms) if case.work.has_sensor else None
    return (
        _part(say("2. The hazard", "二、隐患情况")),
        _wide(say("Name", "隐患名称"), context.of(case.title)),
        _wide(say("Place", "隐患地点"), context.spot(case)),
        _pair(
            say("Grid code", "网格编码"), "" if place is None else place.code,
            say("Long., lat.", "经纬度"), position,
        ),
        _pair(
            say("Equipment", "设备名称"), "" if asset is None else context.of(asset.name),
            say("Device code", "设备代码"), "" if asset is None else asset.registration,
        ),
        _pair(
            say("Found at", "发现时间"), context.moment(case.opened_ms),
            say("Found by", "发现方式"), context.source(case.work.source),
        ),
        _pair(
            say("Type", "隐患类别"), context.type_of(case),
            say("Began at", "形成时间"), began,
        ),
        _wide(say("State and cause", "现状及产生原因"), _causes(context, case), _TALL),
        _wide(say("Harm and reach", "危害程度\n和影响范围"), None, _TALL),
        _wide(say("How hard to rectify", "整改难易\n程度分析"), None, _TALL),
        _wide(say("Basis", "判定依据"), _basis(context, case)),
    )  # fmt: skip


def _causes(context: Context, case: Case) -> str:
    """What was reported and what the sensors said: the first line and the newest."""
    lines = tuple(line for line in case.evidence if line.is_measured)
    if len(lines) > _SHOWN_EVIDENCE:
        lines = (lines[0], *lines[-(_SHOWN_EVIDENCE - 1) :])
    told = [case.text] if case.text else []
    told += [f"{context.moment(line.at_ms):%Y-%m-%d %H:%M} {context.of(line.text)}" for line in lines]
    return "\n".join(told)


def _basis(context: Context, case: Case) -> str:
    rule = context.rule(case)
    if rule is None:
        return ""
    basis = rule.basis
    return " ".join(part for part in (basis.standard, basis.edition, basis.clause) if part)


def _plan(context: Context, case: Case) -> tuple[Row, ...]:
    say, plan = context.say, case.work.plan
    return (
        _part(say("3. Treatment plan (the five elements)", "三、治理方案（五落实）")),
        _wide(say("Responsibility", "责任落实\n（机构、人员）"), plan.responsibility),
        _wide(say("Measures", "措施落实\n（目标、方法）"), plan.measures),
        _pair(
            say("Funds", "资金落实\n（经费、物资）"), plan.funds,
            say("Time limit", "时限落实"), context.day(plan.time_limit_ms),
        ),
        _wide(say("Safety measures and emergency plan", "预案落实\n（安全措施、应急预案）"), plan.emergency_plan),
        _wide(say("Interim control", "临时监控措施"), case.work.interim),
    )  # fmt: skip


def _duty(context: Context, case: Case) -> tuple[Row, ...]:
    say, work = context.say, case.work
    unit, person = supervisor(context, case)
    upward = work.upward
    return (
        _part(say("4. Responsibility and reporting", "四、责任、督办与报送")),
        _pair(
            say("Rectified by (unit)", "整改责任单位"), context.unit(work.lead_unit),
            say("Person", "整改责任人"), context.person(work.rectifier),
        ),
        _pair(say("Supervised by (unit)", "督办单位"), unit, say("Person", "督办人"), person),
        *_together(context, case),
        _pair(
            say("Due", "计划完成日期"), context.day(work.due_ms),
            say("Reported by", "报送单位"), context.unit(context.committee(case.grid)) if upward else "",
        ),
        _pair(
            say("Reported to", "报送至"), "" if upward is None else context.unit(upward.to_unit),
            say("Reported at", "报送时间"), None if upward is None else context.moment(upward.reported_ms),
        ),
        _pair(
            say("Received by", "接收人"), "" if upward is None else context.person(upward.received_by),
            say("Receipt", "接收时间及凭证"), _receipt(context, case),
        ),
    )  # fmt: skip


def _together(context: Context, case: Case) -> tuple[Row, ...]:
    """Who took part in a joint inspection, and who let in what is not in the duty matrix; no rows where nobody did."""
    say, rows = context.say, list[Row]()
    if case.work.joint:
        rows.append(_wide(say("Joint inspection", "联合督查部门"), context.joint(case)))
    admission = case.work.admission
    if admission is not None:
        when = f"{context.moment(admission.at_ms):%Y-%m-%d %H:%M}"
        words = (context.person(admission.approver), when, admission.reason)
        rows.append(
            _wide(say("Let in by (not in the duty matrix)", "清单外事项\n准入批准"), say(", ", "，").join(words))
        )
    return tuple(rows)


def _receipt(context: Context, case: Case) -> str:
    upward = case.work.upward
    if upward is None or upward.received_ms is None:
        return ""
    return f"{context.moment(upward.received_ms):%Y-%m-%d %H:%M} {upward.receipt}"


def supervisor(context: Context, case: Case) -> tuple[str, str]:
    """Unit and person that see to it that it is rectified: who inspected it, else the committee of the place (属地)."""
    inspected = case.last("supervise")
    if inspected is not None:
        return context.unit_of(inspected.actor), context.person(inspected.actor)
    committee = context.committee(case.grid)
    if committee and committee == case.work.lead_unit:
        committee = context.site.org.units[committee].parent or ""
    return context.unit(committee), ""


def _acceptance(context: Context, case: Case) -> tuple[Row, ...]:
    say, work = context.say, case.work
    repaired = case.last("repaired") if work.repaired_ms is not None else None
    result = "" if repaired is None else f"{context.moment(repaired.at_ms):%Y-%m-%d %H:%M} {repaired.note}".strip()
    return (
        _part(say("5. Acceptance and writing off", "五、整改结果、验收与销号")),
        _wide(say("Result", "整改结果"), result),
        _wide(say("Sensor", "传感器验证"), _sensor(context, case)),
        *_level(context, case, Level.DISTRICT, say("District", "区级")),
        *_level(context, case, Level.CITY, say("City", "市级")),
        _pair(
            say("Written off on", "销号日期"), context.day(case.written_off_ms),
            say("Times re-opened", "重新立案次数"), case.reopened,
        ),
        _wide(say("Attached", "附件"), _attached(context, case)),
    )  # fmt: skip


def _sensor(context: Context, case: Case) -> str:
    if not case.work.has_sensor:
        return context.say("does not apply: found by people", "不适用（非传感器发现）")
    return context.proof(case.work.proof)


def _level(context: Context, case: Case, level: Level, name: str) -> tuple[Row, ...]:
    say = context.say
    person = next((person for done, person in case.work.accepted if done == level), "")
    step = case.acceptance(level)
    return (
        _pair(
            say(f"{name}: unit", f"{name}验收单位"), context.unit_of(person),
            say("Person", "验收人"), context.person(person),
        ),
        _pair(
            say("Opinion", "验收意见"), "" if step is None else step.note or say("Accepted", "验收通过"),
            say("Accepted on", "验收日期"), None if step is None else context.day(step.at_ms),
        ),
    )  # fmt: skip


def _attached(context: Context, case: Case) -> str:
    told = list(case.attachments)
    if case.evidence:
        count = len(case.evidence)
        told.append(context.say(f"{count} lines of sensor evidence", f"传感器及处置记录{count}条"))
    return context.say("; ", "；").join(told)


def is_done(case: Case) -> bool:
    """Whether the form is complete: written off."""
    return case.work.state in (State.WRITTEN_OFF, State.EVALUATED)
