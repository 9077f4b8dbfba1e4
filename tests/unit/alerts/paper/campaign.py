"""A year's campaign at the demo site: thirty hazards in every state, moved by the real ticket machine.

Not a fixture of texts: whatever the machine refuses fails here, so that no form is tried with a ticket that could
not exist.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from alerts.paper.case import Case, Line, Step
from alerts.tickets.cases import Cases, clockwork_of
from alerts.tickets.commands import SYSTEM, Command, Done, Verb
from alerts.tickets.machine import step
from alerts.tickets.model import Level, Plan, Source, State, Work
from runtime.files import load_site, shipped
from vocab.instant import from_ms, to_ms
from vocab.ownership import Matter, owner
from vocab.rule import Grade
from vocab.site import Site
from vocab.strict_toml import Text

ZONE = ZoneInfo("Asia/Shanghai")
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
YEAR = 2026
_CAMPAIGN, _PATROL = Source.CAMPAIGN, Source.PATROL


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> int:
    """A moment of the campaign's year by the site's clock."""
    return to_ms(datetime(YEAR, month, day, hour, minute, tzinfo=ZONE))


@cache
def demo_site() -> Site:
    """The shipped site with its organisation."""
    return load_site(shipped("sites") / "demo")


PLAN = Plan(
    responsibility="责任单位安全负责人牵头，社区督办员甲跟踪",
    measures="立即停炉，更换燃烧器及安全阀，校验压力表，整改后由检验机构复检",
    funds="38000",
    emergency_plan="编制锅炉停运期间供暖应急预案，备用电热风机12台，值班电话24小时畅通",
)


@dataclass
class Hazard:
    """One hazard on its way."""

    number: int
    asset: str
    rule: str
    found_ms: int
    source: Source = Source.SENSOR
    grid: str = ""
    name: str = ""  # of a hazard without a rule
    text: str = ""
    work: Work = field(init=False)
    steps: list[Step] = field(default_factory=list)
    orders: list[Command] = field(default_factory=list)
    now_ms: int = field(init=False)
    closed_ms: int | None = None
    reopened: int = 0

    def __post_init__(self) -> None:
        site = demo_site()
        self.now_ms = self.found_ms
        asset = site.asset(self.asset) if self.asset else None
        self.grid = self.grid or (asset.grid if asset is not None else "market")
        self.kind = "" if asset is None else asset.kind
        rule = site.packs[asset.kind].rules[self.rule] if asset is not None and self.rule else None
        self.hazard = "patrol_finding" if rule is None else rule.hazard
        self.title = (
            Text(en=self.name, zh=self.name)
            if rule is None or asset is None
            else Text(en=f"{asset.name.en}: {rule.name.en}", zh=f"{asset.name.zh}：{rule.name.zh}")
        )
        self.lead = owner(site.org, self.grid, Matter("hazard", self.hazard, self.kind)).lead or ""
        self.first_grade = grade = Grade.GENERAL if rule is None else rule.grade
        due = self.found_ms + 10 * DAY_MS
        self.work = Work(State.FILED, self.source, grade, "hazard", lead_unit=self.lead, due_ms=due)
        finder = {Source.SENSOR: SYSTEM, Source.RESIDENT: "居民来电"}.get(self.source, "court-grid")
        self.steps.append(Step(self.found_ms, "open", finder, "", {}))

    def do(self, verb: Verb, actor: str = "duty-a", after_h: float = 2.0, **told: object) -> Hazard:
        """Let the machine decide; a refusal is a mistake in this file."""
        self.now_ms += round(after_h * HOUR_MS)
        command = Command(verb, actor, self.now_ms, **told)  # type: ignore[arg-type]
        self.orders.append(command)
        answer = step(self.work, command)
        assert isinstance(answer, Done), f"{self.number} {verb}: {answer}"
        self.work = answer.work
        shown = {key: value for key, value in told.items() if key != "note"}
        if isinstance(shown.get("plan"), Plan):
            shown["plan"] = asdict(PLAN)
        self.steps.append(Step(self.now_ms, verb.value, actor, str(told.get("note", "")), shown))
        self.closed_ms = None if self.work.state.is_open else self.closed_ms or self.now_ms
        self.reopened += verb is Verb.REOPEN
        return self

    def graded(self, grade: Grade = Grade.GENERAL) -> Hazard:
        return self.do(Verb.CLASSIFY, after_h=0.1).do(Verb.GRADE, "duty-a", 0.2, grade=grade)

    def sent(self) -> Hazard:
        return self.graded().do(Verb.DISPATCH, "duty-b", 0.2, unit=self.lead)

    def reported(self) -> Hazard:
        """A major hazard, reported upward and received."""
        self.graded(Grade.MAJOR).do(Verb.REPORT_UPWARD, "supervisor-a", 0.3, unit="safety-office")
        return self.do(Verb.RECEIVED, "supervisor-a", 0.5, receipt="区安委办收文〔2026〕031号", person="区安委办值班员")

    def planned(self) -> Hazard:
        limit = self.found_ms + 45 * DAY_MS
        return self.do(Verb.PLAN, "supervisor-a", 20, plan=replace(PLAN, time_limit_ms=limit)).do(
            Verb.INTERIM, "supervisor-a", 1, note="停用该设备，设置警戒，每2小时巡查一次并记录"
        )

    def repaired(self, who: str = "boiler-a", after_h: float = 48) -> Hazard:
        self.do(Verb.BEGIN, who, 3, person=who).do(
            Verb.REPAIRED, who, after_h, person=who, note="已更换损坏部件并试运行正常"
        )
        return self.do(Verb.VERIFIED, SYSTEM, 1) if self.work.has_sensor else self

    def off(self) -> Hazard:
        return self.do(Verb.SUPERVISE, "supervisor-b", 20, note="现场复查，整改到位").do(
            Verb.ACCEPT, "supervisor-a", 2, note="同意验收"
        ).do(Verb.WRITE_OFF, "duty-a", 1)  # fmt: skip

    def accepted_twice(self) -> Hazard:
        self.do(Verb.SUPERVISE, "supervisor-b", 20, note="现场复查，整改到位")
        self.do(Verb.ACCEPT, "区级验收员甲", 30, level=Level.DISTRICT, note="整改符合要求，同意通过区级验收")
        return self.do(Verb.ACCEPT, "市级验收员甲", 48, level=Level.CITY, note="同意销号")

    @property
    def case(self) -> Case:
        """As paper sees it."""
        sensed = self.work.has_sensor
        lines = [Line(self.found_ms, Text(en=f"{self.title.en}, limit crossed", zh=f"{self.title.zh}，超过限值"))]
        if self.work.repaired_ms is not None:
            lines.append(Line(self.work.repaired_ms, Text(en="Back to normal", zh="恢复正常")))
        number = f"DEMO-{from_ms(self.found_ms).astimezone(ZONE):%Y%m%d}-{self.number:04d}"
        return Case(
            id=self.number, number=number, work=self.work, title=self.title, asset=self.asset, kind=self.kind,
            hazard=self.hazard, rule=self.rule, grid=self.grid, priority=2, opened_ms=self.found_ms,
            raised_ms=self.found_ms - 90_000, closed_ms=self.closed_ms, reopened=self.reopened, text=self.text,
            steps=tuple(self.steps), evidence=tuple(lines) if sensed else (),
            attachments=() if sensed else ("现场照片1.jpg",),
        )  # fmt: skip


def major_done() -> Hazard:
    """The one major hazard that went the whole way."""
    hazard = Hazard(1, "boiler-1", "water_pressure_very_high", at(3, 24, 10, 12)).reported().planned()
    hazard.do(Verb.DISPATCH, "duty-a", 0.5).repaired(after_h=600).accepted_twice()
    return hazard.do(Verb.WRITE_OFF, "duty-a", 4).do(Verb.EVALUATE, "supervisor-a", 240)


def _majors() -> list[Hazard]:
    return [
        major_done(),
        Hazard(2, "boiler-4", "steam_pressure_very_high", at(3, 25)).graded(Grade.MAJOR),
        Hazard(3, "gas-lpg", "ch4_level2", at(3, 26)).reported(),
        Hazard(4, "lift-3", "", at(3, 27), name="3号电梯制动器磨损超限，存在溜梯风险", source=_CAMPAIGN)
        .reported().planned(),
        Hazard(5, "boiler-5", "steam_pressure_very_high", at(3, 28)).reported().planned().do(Verb.DISPATCH, "duty-a", 1)
        .do(Verb.BEGIN, "boiler-a", 4, person="boiler-a"),
        Hazard(6, "", "", at(3, 29), _CAMPAIGN, "village", name="烟花爆竹零售点与民房安全距离不足，消防通道被占用")
        .reported().planned().do(Verb.DISPATCH, "duty-a", 1).repaired("riverside-grid", 300)
        .do(Verb.ACCEPT, "区级验收员甲", 30, level=Level.DISTRICT, note="同意通过区级验收"),
    ]  # fmt: skip


def _generals() -> list[Hazard]:
    found = [
        Hazard(7, "lift-1", "", at(3, 23), _PATROL, name="1号电梯轿厢应急照明不亮", text="按钮无响应，已张贴告示")
        .sent().repaired("property-a").off(),
        Hazard(8, "", "", at(3, 24), _PATROL, "north", name="消防通道被占用", text="3号楼东侧停放车辆4台")
        .sent().repaired("property-b", 5).off(),
        Hazard(9, "", "", at(3, 25), grid="market", name="=1+1", text="@演示：文字以等号开头", source=Source.RESIDENT)
        .sent().do(Verb.RETURN, "old-town-worker", 5, note="不属本单位职责"),
        Hazard(10, "gas-home-1", "ch4_level1", at(3, 25, 20)).sent().repaired("property-a", 6).off(),
        Hazard(11, "gas-home-2", "ch4_level1", at(3, 26, 21)).sent()
        .do(Verb.BEGIN, "property-b", 1, person="property-b")
        .do(Verb.REPAIRED, "property-b", 30, person="property-b").do(Verb.ACCEPT, "supervisor-a", 5)
        .do(Verb.WRITE_OFF, "duty-a", 1, unverified=True, note="探测器已拆除，无法复核"),
        Hazard(12, "boiler-2", "supply_temp_high", at(3, 26, 7)).sent().do(
            Verb.DEFER, "duty-a", 4, due_ms=at(5, 1), approver="supervisor-a", note="等待配件"),
        Hazard(13, "boiler-2", "water_pressure_high", at(3, 27, 11)).sent()
        .do(Verb.MERGE, "duty-a", 2, ticket=12, note="与在办隐患同一原因"),
        Hazard(14, "gas-kitchen", "ch4_level1", at(3, 27, 12)).sent()
        .do(Verb.DISCARD, "duty-a", 2, approver="supervisor-a", note="误报：清洁剂挥发"),
        Hazard(15, "boiler-3", "water_pressure_high", at(3, 27, 13)).sent().repaired(after_h=20).off()
        .do(Verb.REOPEN, "duty-a", 200, note="再次超压"),
        Hazard(16, "gas-home-1", "ch4_level1", at(5, 4, 13)).sent().repaired("property-a", 30).off(),
        Hazard(17, "", "", at(3, 28), grid="gate", name="东门岗亭用电线路老化裸露", source=_PATROL).sent()
        .repaired("property-a", 10).do(Verb.REJECT, "supervisor-a", 10, note="套管未封口"),
    ]  # fmt: skip
    return found + [_patrol(number) for number in range(18, 31)]


_FOUND = (
    "楼道堆放杂物堵塞疏散通道", "配电箱门缺失", "窨井盖破损松动", "灭火器压力不足", "电动自行车楼内充电",
    "燃气软管超期使用", "安全出口指示灯损坏",
)  # fmt: skip
_GRIDS = ("north", "south", "market", "village", "gate")


def _patrol(number: int) -> Hazard:
    """The everyday ones: most are closed, each stage in between occurs."""
    found = at(3, 23) + (number * 37 % 200) * HOUR_MS
    grid = _GRIDS[number % len(_GRIDS)]
    hazard = Hazard(
        number, "", "", found, Source.CAMPAIGN, grid, _FOUND[number % len(_FOUND)], text=f"第{number}处，现场已拍照"
    )
    stage = number % 6
    if stage == 0:
        return hazard
    if stage == 1:
        return hazard.sent()
    if stage == 2:
        return hazard.sent().repaired("court-worker", 400)  # too late, not accepted yet
    return hazard.sent().repaired("court-worker", 24).off()


@cache
def hazards() -> tuple[Hazard, ...]:
    """Thirty."""
    return (*_majors(), *_generals())


@cache
def campaign() -> tuple[Case, ...]:
    """The same as paper sees them."""
    return tuple(hazard.case for hazard in hazards())


def kept(connection: Connection) -> dict[int, int]:
    """The whole year in a ticket database, every order given in its time; the ids by our numbers."""
    site, ids = demo_site(), dict[int, int]()
    clockwork = clockwork_of(site)
    orders: list[tuple[int, int, Command | None]] = [(each.found_ms, each.number, None) for each in hazards()]
    orders += [(order.at_ms, hazard.number, order) for hazard in hazards() for order in hazard.orders]
    by_number = {hazard.number: hazard for hazard in hazards()}
    for at_ms, number, order in sorted(orders, key=lambda each: each[0]):
        cases, hazard = Cases(connection, site, clockwork, at_ms), by_number[number]
        if order is None:
            ids[number] = _opened(cases, hazard)
        else:
            told = replace(order, ticket=order.ticket and ids[order.ticket])
            if order.verb is Verb.DISPATCH and not hazard.kind:  # what a patrol finds is in no row of the duty matrix
                told = replace(told, approver="safety-a", note="社区自查发现，同意交办")
            cases.do(ids[number], told)
    return ids


def _opened(cases: Cases, hazard: Hazard) -> int:
    made = cases.open(
        {
            "asset": hazard.asset, "kind": hazard.kind, "hazard": hazard.hazard, "category": "hazard",
            "grade": hazard.first_grade.value, "priority": 2, "title_en": hazard.title.en, "title_zh": hazard.title.zh,
            "grid": hazard.grid, "raised_ms": hazard.found_ms - 90_000, "source": hazard.source.value,
            "text": hazard.text, "lead_unit": hazard.lead, "rule": hazard.rule,
        },
        hazard.steps[0].actor,
    )  # fmt: skip
    assert made is not None
    for line in hazard.case.evidence:
        cases.say(made, line.text.en, line.text.zh)
    return made


NOW_MS = at(6, 1)
